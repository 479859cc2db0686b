/** The drawn part of a timeline: its articles, which ends of the timeline are not here, and how they are fetched. */
import { fill, get, type Piece } from "./fragment";
import { isBehind, place, trim } from "./placing";

type Parts = { feed: HTMLElement; scroll: HTMLElement; earlier: HTMLElement; start: HTMLElement; trouble: HTMLElement };
type Way = "before" | "later";

export class Feed {
  /** What is left of the timeline: a chip's name. */
  show = "all";
  private drawn = "all";
  private turning = false;

  /** placed: told of the articles after each change of what is drawn. */
  constructor(
    private readonly url: string,
    private readonly conversation: number,
    private readonly parts: Parts,
    private readonly placed: (articles: HTMLElement[]) => void,
  ) {}

  get hasEarlier(): boolean {
    return !this.parts.earlier.hidden;
  }

  /** Whether the timeline goes on after what is drawn. */
  get isBehind(): boolean {
    return isBehind(this.parts.feed);
  }

  get isAsWanted(): boolean {
    return this.drawn === this.show && !this.isBehind;
  }

  get articles(): HTMLElement[] {
    return [...this.parts.feed.querySelectorAll<HTMLElement>(":scope > article")];
  }

  article(pk: number): HTMLElement | null {
    return this.parts.feed.querySelector<HTMLElement>(`#m-${pk}`);
  }

  /** Put articles into their places; return those that are new to the reader. */
  put(articles: HTMLElement[]): HTMLElement[] {
    const fresh = articles.filter((article) => place(this.parts.feed, article, this.hasEarlier));
    trim(this.parts.feed, "start");
    this.settle(articles);
    return fresh;
  }

  /** Draw another stretch instead: the newest page, or `around=<entry>`. Returns whether it came. */
  async replace(query = ""): Promise<boolean> {
    const show = this.show;
    const piece = await this.ask(query);
    if (!piece || show !== this.show) return false;
    this.drawn = show;
    this.parts.feed.replaceChildren(...articlesOf(piece));
    this.ends("before", piece);
    this.ends("later", piece);
    this.settle(this.articles);
    return true;
  }

  /** Add the page before or after what is drawn, one at a time; what is read stays where it is. */
  async turn(way: Way): Promise<void> {
    const from = way === "before" ? this.articles[0] : this.articles.at(-1);
    if (this.turning || !from) return;
    this.turning = true;
    const piece = await this.ask(`${way}=${from.dataset["cursor"] ?? ""}`);
    this.turning = false;
    // Meanwhile another stretch may stand here.
    if (!piece || !from.isConnected) return;
    const top = from.getBoundingClientRect().top;
    this.add(way, piece);
    this.parts.scroll.scrollTop += from.getBoundingClientRect().top - top;
  }

  /** null: nothing came; what is there stays, and it is said. What is no more, or must be loaded again, leads away. */
  async ask(query: string): Promise<Piece | null> {
    const narrowed = this.show === "all" ? "" : `&show=${this.show}&c=${this.conversation}`;
    this.busy(true);
    const piece = await get(`${this.url}?${query}${narrowed}`);
    this.busy(false);
    if (!piece) return null;
    const isGone = piece.status === 404 && !query.startsWith("around");
    if (isGone || piece.headers.get("X-Reload")) location.reload();
    this.parts.trouble.hidden = piece.status === 200 || piece.status === 404;
    return piece.status === 200 ? piece : null;
  }

  /** After every change: the last number that is drawn, and what stands at the top. */
  settle(articles: HTMLElement[]): void {
    const { feed, earlier, start } = this.parts;
    if (feed.dataset["above"]) earlier.hidden = false;
    delete feed.dataset["above"];
    feed.dataset["last"] = String(Math.max(0, ...this.articles.map((article) => Number(article.dataset["seq"] ?? 0))));
    const day = feed.querySelector(".day")?.textContent ?? "";
    start.hidden = this.hasEarlier || this.show !== "all" || !day;
    start.textContent = fill(start.dataset["words"], { day });
    this.placed(articles.filter((article) => article.isConnected));
  }

  private add(way: Way, piece: Piece): void {
    const { feed } = this.parts;
    if (way === "later") delete feed.dataset["behind"];
    for (const article of articlesOf(piece)) place(feed, article, false);
    this.ends(way, piece);
    trim(feed, way === "before" ? "end" : "start");
    this.settle(articlesOf(piece));
  }

  private ends(way: Way, piece: Piece): void {
    const { feed, earlier } = this.parts;
    if (way === "before") earlier.hidden = piece.headers.get("X-Earlier") !== "1";
    else if (piece.headers.get("X-Later") === "1") feed.dataset["behind"] = "1";
    else delete feed.dataset["behind"];
  }

  private busy(is: boolean): void {
    this.parts.feed.ariaBusy = this.parts.earlier.ariaBusy = String(is);
  }
}

export function articlesOf(piece: Piece): HTMLElement[] {
  return [...piece.content.querySelectorAll<HTMLElement>("article")];
}

/** The entry that the address names, 0 for none. */
export function linked(): number {
  return Number(/^#m-(\d+)$/.exec(location.hash)?.[1] ?? 0);
}
