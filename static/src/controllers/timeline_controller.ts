import { Controller } from "@hotwired/stimulus";
import { get, plural } from "../fragment";
import { line, type Hint } from "../live";
import { Pace } from "../pace";
import { place, trim } from "../placing";

const NEAR = 100;

/** Keeps one customer's timeline complete: what hints tell of, what was missed, older pages. */
export default class extends Controller<HTMLElement> {
  static override targets = ["scroll", "feed", "jump", "says", "earlier", "trouble"];
  static override values = { url: String, customer: Number, cursor: Number };
  declare readonly scrollTarget: HTMLElement;
  declare readonly feedTarget: HTMLElement;
  declare readonly jumpTarget: HTMLButtonElement;
  declare readonly saysTarget: HTMLElement;
  declare readonly earlierTarget: HTMLElement;
  declare readonly hasEarlierTarget: boolean;
  declare readonly troubleTarget: HTMLElement;
  declare readonly urlValue: string;
  declare readonly customerValue: number;
  declare cursorValue: number;
  private readonly pace = new Pace(() => this.fetch(), 250);
  private missed = 0;
  private watching = 0;

  override connect(): void {
    this.watching = this.customerValue;
    line.watch(this.watching);
    this.settled();
    if (!location.hash.startsWith("#m-")) this.toEnd();
  }

  override disconnect(): void {
    line.unwatch(this.watching);
    this.pace.stop();
  }

  hint(event: CustomEvent<Hint>): void {
    if (event.detail.customer === this.customerValue) this.pace.ask();
  }

  catchUp(event: CustomEvent<{ wait: number; customer?: number }>): void {
    const { wait, customer } = event.detail;
    if (customer === undefined || customer === this.customerValue) this.pace.ask(wait);
  }

  /** No hints for us here (any more): ask once; an answer of 404 leads away. */
  denied(event: CustomEvent<{ customer: number }>): void {
    if (event.detail.customer === this.customerValue) this.pace.ask();
  }

  /** An answer to our own POST brought articles along. */
  put(event: CustomEvent<{ articles: HTMLElement[] }>): void {
    for (const article of event.detail.articles) place(this.feedTarget, article, this.hasEarlierTarget);
    for (const part of event.detail.articles) document.dispatchEvent(new CustomEvent("part:placed", { detail: { part } }));
    this.settled();
    this.toEnd();
    this.pace.ask();
  }

  /** The bubble of what is being sent stands at the end until the server's article comes. */
  pending(event: CustomEvent<{ article: HTMLElement }>): void {
    this.feedTarget.append(event.detail.article);
    this.toEnd();
  }

  /** It did not come; what is there stays. */
  again(): void {
    this.pace.ask();
  }

  /** Something of ours changed the conversation: do not wait for the hint. */
  poke(): void {
    this.pace.ask();
  }

  async earlier(): Promise<void> {
    const first = this.feedTarget.querySelector<HTMLElement>("article");
    this.earlierTarget.ariaBusy = "true";
    const piece = await get(`${this.urlValue}?before=${first?.dataset["cursor"] ?? ""}`);
    this.earlierTarget.ariaBusy = "false";
    this.troubleTarget.hidden = piece?.status === 200;
    if (piece?.status !== 200) return;
    const height = this.scrollTarget.scrollHeight - this.scrollTarget.scrollTop;
    const articles = [...piece.content.querySelectorAll<HTMLElement>("article")];
    for (const article of articles) place(this.feedTarget, article, false);
    if (piece.headers.get("X-Earlier") !== "1") this.earlierTarget.remove();
    trim(this.feedTarget, "end");
    this.settled();
    this.scrollTarget.scrollTop = this.scrollTarget.scrollHeight - height;
  }

  scrolled(): void {
    if (!this.nearEnd()) return;
    this.jumpTarget.hidden = true;
    this.missed = 0;
    this.feedTarget.dataset["seen"] = this.feedTarget.dataset["last"] ?? "0";
    this.element.dispatchEvent(new CustomEvent("timeline:shown", { bubbles: true }));
  }

  jump(): void {
    if (this.feedTarget.dataset["behind"]) return location.reload();
    this.toEnd();
  }

  private async fetch(): Promise<void> {
    const piece = await get(`${this.urlValue}?after=${this.cursorValue}`);
    if (!piece) return;
    if (piece.status === 404 || piece.headers.get("X-Reload")) return location.reload();
    this.troubleTarget.hidden = piece.status === 200;
    if (piece.status !== 200) return;
    this.cursorValue = Number(piece.headers.get("X-Cursor") ?? this.cursorValue);
    const near = this.nearEnd();
    const articles = [...piece.content.querySelectorAll<HTMLElement>("article")];
    const fresh = articles.filter((article) => place(this.feedTarget, article, this.hasEarlierTarget));
    for (const article of articles) article.dispatchEvent(new CustomEvent("part:placed", { bubbles: true, detail: { part: article } }));
    this.settled();
    this.announce(fresh, near);
    if (near) this.toEnd();
    if (articles.length) document.dispatchEvent(new CustomEvent("live:loaded", { detail: { count: articles.length } }));
  }

  private announce(fresh: HTMLElement[], near: boolean): void {
    const said = fresh.filter((article) => article.dataset["says"]);
    const last = said.at(-1);
    if (last) this.saysTarget.textContent = last.dataset["says"] ?? "";
    if (near || said.length === 0) return;
    this.missed += said.length;
    this.jumpTarget.hidden = false;
    this.jumpTarget.querySelector("span")!.textContent = plural(this.jumpTarget.dataset["forms"], this.missed);
  }

  private settled(): void {
    const seqs = [...this.feedTarget.querySelectorAll<HTMLElement>("article")].map((article) => Number(article.dataset["seq"] ?? 0));
    this.feedTarget.dataset["last"] = String(Math.max(0, ...seqs));
    this.element.dispatchEvent(new CustomEvent("timeline:settled", { bubbles: true }));
  }

  private nearEnd(): boolean {
    return this.scrollTarget.scrollHeight - this.scrollTarget.scrollTop - this.scrollTarget.clientHeight <= NEAR;
  }

  private toEnd(): void {
    this.scrollTarget.scrollTop = this.scrollTarget.scrollHeight;
    this.scrolled();
  }
}
