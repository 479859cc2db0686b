import { Controller } from "@hotwired/stimulus";
import { get, plural } from "../fragment";
import { DELIVERY, type Hint } from "../live";
import { Pace } from "../pace";
import { released } from "../pressing";
import { putRow, showCounts, showNumbers, wouldMove } from "../rows";

/** Keeps the rows of one inbox view true without moving what the reader looks at. */
export default class extends Controller<HTMLElement> {
  static override targets = ["rows", "pill", "count", "trouble"];
  static override values = { url: String };
  declare readonly rowsTarget: HTMLElement;
  declare readonly pillTarget: HTMLElement;
  declare readonly countTargets: HTMLElement[];
  declare readonly troubleTarget: HTMLElement;
  declare readonly urlValue: string;
  private readonly pace = new Pace(() => this.fetch(), 1_000, 300);
  private readonly wanted = new Set<number>();
  private readonly queued = new Map<string, HTMLElement>();
  private whole = false;

  override connect(): void {
    this.rowsTarget.scrollTop = Number(sessionStorage.getItem(this.memory) ?? 0);
    this.mark();
  }

  override disconnect(): void {
    this.pace.stop();
  }

  hint(event: CustomEvent<Hint>): void {
    if (event.detail.conversation === null || event.detail.kind === DELIVERY) return;
    this.wanted.add(event.detail.conversation);
    this.pace.ask();
  }

  /** Something of ours changed a conversation, or rows did not come: do not wait for the hint. */
  poke(event: CustomEvent<{ conversation?: number }>): void {
    if (event.detail?.conversation) this.wanted.add(event.detail.conversation);
    else this.whole = true;
    this.pace.ask();
  }

  /** The next page, when the button is pressed or comes near. */
  async more(event: Event): Promise<void> {
    event.preventDefault();
    const link = this.rowsTarget.querySelector<HTMLAnchorElement>(".more a");
    if (!link || link.ariaBusy) return;
    link.ariaBusy = "true";
    const piece = await get(`${link.pathname}${link.search}&part=1`);
    this.troubleTarget.hidden = piece?.status === 200;
    if (piece?.status !== 200) return link.removeAttribute("aria-busy");
    for (const item of piece.content.querySelectorAll<HTMLElement>("li[data-row]")) this.put(item);
    const next = piece.content.querySelector(".more");
    if (next) link.closest(".more")?.replaceWith(next);
    else link.closest(".more")?.remove();
  }

  catchUp(event: CustomEvent<{ wait: number; customer?: number }>): void {
    if (event.detail.customer !== undefined) return;
    this.whole = true;
    this.pace.ask(event.detail.wait);
  }

  seen(event: CustomEvent<{ conversation: number }>): void {
    this.rowsTarget.querySelector(`#row-${event.detail.conversation} .row`)?.classList.remove("unread");
  }

  remember(): void {
    sessionStorage.setItem(this.memory, String(this.rowsTarget.scrollTop));
  }

  /** Says which row is open, by the address. */
  mark(): void {
    for (const link of this.rowsTarget.querySelectorAll<HTMLAnchorElement>("a.row")) {
      const here = link.pathname === location.pathname && (!location.search.includes("c=") || link.search === location.search);
      if (here) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    showNumbers(this.rowsTarget);
  }

  /** Shows what waited for the reader to look away. */
  apply(): void {
    for (const item of this.queued.values()) this.put(item);
    this.queued.clear();
    this.pillTarget.hidden = true;
    this.mark();
  }

  private async fetch(): Promise<void> {
    const whole = this.whole;
    const rows = [...this.wanted].join(",");
    const url = new URL(this.urlValue, location.origin);
    url.searchParams.set("rows", whole ? "all" : rows);
    this.whole = false;
    this.wanted.clear();
    const piece = await get(url.pathname + url.search);
    if (!piece) return;
    this.troubleTarget.hidden = piece.status === 200;
    if (piece.status !== 200) return;
    await released();
    const items = [...piece.content.querySelectorAll<HTMLElement>("li[data-row]")];
    if (whole) this.dropMissing(items);
    for (const item of items) this.take(item);
    showCounts(piece.content);
    this.mark();
  }

  private dropMissing(items: HTMLElement[]): void {
    const known = new Set(items.map((item) => item.id));
    for (const item of this.rowsTarget.querySelectorAll("li[data-row]")) if (!known.has(item.id)) item.remove();
  }

  private take(item: HTMLElement): void {
    const old = document.getElementById(item.id);
    if (old && old.dataset["sort"] === item.dataset["sort"] && old.dataset["bunch"] === item.dataset["bunch"]) {
      this.replace(old, item);
      return;
    }
    if (wouldMove(this.rowsTarget, item, old)) {
      this.queued.set(item.id, item);
      this.pillTarget.hidden = false;
      this.pillTarget.querySelector("span")!.textContent = plural(this.pillTarget.dataset["forms"], this.queued.size);
      return;
    }
    this.put(item);
  }

  private replace(old: HTMLElement, item: HTMLElement): void {
    const focused = old.contains(document.activeElement);
    old.replaceWith(item);
    this.placed(item);
    if (focused) item.querySelector<HTMLElement>("a.row")?.focus({ preventScroll: true });
  }

  private put(item: HTMLElement): void {
    if (putRow(this.rowsTarget, item)) this.placed(item);
  }

  private placed(part: HTMLElement): void {
    document.dispatchEvent(new CustomEvent("part:placed", { detail: { part } }));
  }

  private get memory(): string {
    return `list:${this.urlValue}`;
  }
}
