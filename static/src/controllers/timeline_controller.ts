import { Controller } from "@hotwired/stimulus";
import { Feed, articlesOf, linked } from "../feed";
import { plural } from "../fragment";
import { line, type Hint } from "../live";
import { Pace } from "../pace";
import { released } from "../pressing";

const NEAR = 100;
// So many pixels before an end of what is drawn the next page is fetched.
const AHEAD = 600;

/** Keeps one customer's timeline complete: what hints tell of, what was missed, pages in both directions. */
export default class extends Controller<HTMLElement> {
  static override targets = ["scroll", "feed", "jump", "says", "earlier", "trouble", "start"];
  static override values = { url: String, customer: Number, cursor: Number, conversation: Number };
  declare readonly scrollTarget: HTMLElement;
  declare readonly feedTarget: HTMLElement;
  declare readonly jumpTarget: HTMLButtonElement;
  declare readonly saysTarget: HTMLElement;
  declare readonly earlierTarget: HTMLElement;
  declare readonly troubleTarget: HTMLElement;
  declare readonly startTarget: HTMLElement;
  declare readonly urlValue: string;
  declare readonly customerValue: number;
  declare readonly conversationValue: number;
  declare cursorValue: number;
  private readonly pace = new Pace(() => this.fetch(), 250);
  private feed!: Feed;
  private missed = 0;
  private watching = 0;

  override connect(): void {
    const parts = { feed: this.feedTarget, scroll: this.scrollTarget, earlier: this.earlierTarget, start: this.startTarget, trouble: this.troubleTarget };
    this.feed = new Feed(this.urlValue, this.conversationValue, parts, (articles) => this.placed(articles));
    this.watching = this.customerValue;
    line.watch(this.watching);
    this.feed.settle([]);
    if (linked()) void this.goTo(linked());
    else this.toEnd();
  }

  override disconnect(): void {
    line.unwatch(this.watching);
    this.pace.stop();
  }

  /** Hints, their lack (404 leads away then) and what was missed: of this customer, or of everybody. */
  heard(event: CustomEvent<Partial<Hint> & { wait?: number }>): void {
    const { customer, wait } = event.detail;
    if (customer === undefined || customer === this.customerValue) this.pace.ask(wait);
  }

  /** Ask now: something of ours changed the conversation, or the last time failed. */
  again(): void {
    this.pace.ask();
  }

  /** An answer to our own POST brought articles along. */
  async put(event: CustomEvent<{ articles: HTMLElement[] }>): Promise<void> {
    if (this.feed.isBehind) await this.feed.replace();
    this.feed.put(event.detail.articles);
    this.toEnd();
    this.pace.ask();
  }

  /** The bubble of what is being sent stands at the end until the server's article comes. */
  async pending(event: CustomEvent<{ article: HTMLElement }>): Promise<void> {
    if (this.feed.isBehind) await this.feed.replace();
    this.feedTarget.append(event.detail.article);
    this.toEnd();
  }

  /** A chip above: leave only one kind, of the whole history. */
  async narrow(event: CustomEvent<{ show: string }>): Promise<void> {
    this.feed.show = this.feedTarget.dataset["show"] = event.detail.show;
    await this.jump();
  }

  /** The address names a message, or a search found one: show it, wherever on the timeline it stands. */
  go(event: HashChangeEvent | CustomEvent<{ pk: number }>): void {
    void this.goTo(event instanceof CustomEvent ? event.detail.pk : linked());
  }

  async earlier(): Promise<void> {
    await this.feed.turn("before");
  }

  scrolled(): void {
    if (this.feed.hasEarlier && this.scrollTarget.scrollTop < AHEAD) void this.feed.turn("before");
    if (this.feed.isBehind && this.below < AHEAD) void this.feed.turn("later");
    this.sayMissed();
    if (this.below > NEAR) return;
    this.feedTarget.dataset["seen"] = this.feedTarget.dataset["last"] ?? "0";
    this.element.dispatchEvent(new CustomEvent("timeline:shown", { bubbles: true }));
  }

  async jump(): Promise<void> {
    if (this.feed.isAsWanted || (await this.feed.replace())) this.toEnd();
  }

  private async goTo(pk: number): Promise<void> {
    if (!pk || (!this.feed.article(pk) && !(await this.feed.replace(`around=${pk}`)))) return;
    const article = this.feed.article(pk);
    article?.scrollIntoView({ block: "center" });
    this.scrolled();
    this.element.dispatchEvent(new CustomEvent("timeline:found", { bubbles: true, detail: { article } }));
  }

  private async fetch(): Promise<void> {
    const piece = await this.feed.ask(`after=${this.cursorValue}`);
    await released();
    if (!piece) return;
    this.cursorValue = Number(piece.headers.get("X-Cursor") ?? this.cursorValue);
    const near = this.isAtEnd;
    const articles = articlesOf(piece);
    const said = this.feed.put(articles).filter((article) => article.dataset["says"]);
    if (said.length) this.saysTarget.textContent = said.at(-1)?.dataset["says"] ?? "";
    if (near) this.toEnd();
    else this.missed += said.length;
    this.sayMissed();
    if (articles.length) document.dispatchEvent(new CustomEvent("live:loaded", { detail: { count: articles.length } }));
  }

  /** The way to the end: when something came there, or when the end is not drawn. */
  private sayMissed(): void {
    if (this.isAtEnd) this.missed = 0;
    const { forms, plain } = this.jumpTarget.dataset;
    this.jumpTarget.hidden = this.missed === 0 && !this.feed.isBehind;
    this.jumpTarget.querySelector("span")!.textContent = this.missed ? plural(forms, this.missed) : (plain ?? "");
  }

  private placed(articles: HTMLElement[]): void {
    for (const part of articles) document.dispatchEvent(new CustomEvent("part:placed", { detail: { part } }));
    this.element.dispatchEvent(new CustomEvent("timeline:settled", { bubbles: true }));
  }

  private get below(): number {
    return this.scrollTarget.scrollHeight - this.scrollTarget.scrollTop - this.scrollTarget.clientHeight;
  }

  private get isAtEnd(): boolean {
    return this.below <= NEAR && !this.feed.isBehind;
  }

  private toEnd(): void {
    this.scrollTarget.scrollTop = this.scrollTarget.scrollHeight;
    this.scrolled();
  }
}
