import { Controller } from "@hotwired/stimulus";
import { fill } from "../fragment";
import { mark, unmark } from "../marking";

const AFTER_LAST_KEY = 250;
const EDGE = 40;
type Answer = { entries: number[]; is_all: boolean };

/** Looks for words in one customer's whole timeline, and steps from entry to entry where they stand. */
export default class extends Controller<HTMLElement> {
  static override targets = ["opener", "bar", "words", "says"];
  static override values = { url: String };
  declare readonly openerTarget: HTMLButtonElement;
  declare readonly barTarget: HTMLElement;
  declare readonly wordsTarget: HTMLInputElement;
  declare readonly saysTarget: HTMLElement;
  declare readonly urlValue: string;
  private timer = 0;
  private asked = "";
  private hits: number[] = [];
  private isAll = true;
  private at = -1;
  private isWaiting = false;

  override disconnect(): void {
    clearTimeout(this.timer);
    unmark();
  }

  open(): void {
    this.barTarget.hidden = false;
    this.openerTarget.ariaExpanded = "true";
    this.wordsTarget.focus();
    this.wordsTarget.select();
  }

  close(): void {
    this.barTarget.hidden = true;
    this.openerTarget.ariaExpanded = "false";
    this.asked = "";
    this.hits = [];
    unmark();
    this.openerTarget.focus();
  }

  typed(): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.look(), AFTER_LAST_KEY);
  }

  /** Enter goes to the hit before (the newest comes first), Shift+Enter to the one after it, Escape closes. */
  async steer(event: KeyboardEvent): Promise<void> {
    if (event.isComposing || (event.key !== "Enter" && event.key !== "Escape")) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Escape") return this.close();
    if (this.wordsTarget.value.trim() !== this.asked) await this.look();
    else this.step(event.shiftKey ? -1 : 1);
  }

  older(): void {
    this.step(1);
  }

  newer(): void {
    this.step(-1);
  }

  /** The timeline brought the entry into sight: unfold it and mark the words in it. */
  found(event: CustomEvent<{ article: HTMLElement }>): void {
    if (this.barTarget.hidden || !this.hits.length) return;
    const { article } = event.detail;
    article.dispatchEvent(new CustomEvent("fold:open", { bubbles: true }));
    this.show(article);
  }

  /** The frame of a mail was read only now: its words are marked too. */
  framed(event: Event): void {
    const frame = event.target as HTMLElement;
    const article = this.current();
    if (!article || this.barTarget.hidden) return;
    if (this.isWaiting && article.contains(frame)) this.show(article);
    else mark(article, this.asked);
  }

  /** The page drew something anew: what was marked in it is gone. */
  drawn(): void {
    const article = this.current();
    if (article && !this.barTarget.hidden) mark(article, this.asked);
  }

  private current(): HTMLElement | null {
    const pk = this.hits[this.at];
    return pk === undefined ? null : this.element.querySelector<HTMLElement>(`#m-${pk}`);
  }

  /** Mark the words in an article and bring the first of them into sight; a frame may still have to be read. */
  private show(article: HTMLElement): void {
    const below = mark(article, this.asked);
    this.isWaiting = below === null;
    article.scrollIntoView({ block: "nearest" });
    const scroll = article.closest<HTMLElement>(".scroll");
    if (below === null || !scroll) return;
    const place = article.getBoundingClientRect().top + below - scroll.getBoundingClientRect().top;
    if (place < EDGE || place > scroll.clientHeight - EDGE) scroll.scrollTop += place - scroll.clientHeight / 3;
  }

  private async look(): Promise<void> {
    clearTimeout(this.timer);
    const words = this.wordsTarget.value.trim();
    if (words === this.asked) return;
    this.asked = words;
    const found = words ? await this.ask(words) : { entries: [], is_all: true };
    if (words !== this.asked) return;
    this.hits = found?.entries ?? [];
    this.isAll = found?.is_all ?? true;
    this.at = -1;
    unmark();
    if (this.hits.length) this.step(1);
    else this.say(found === null ? "failed" : words ? "none" : "");
  }

  private async ask(words: string): Promise<Answer | null> {
    try {
      const answer = await fetch(`${this.urlValue}?q=${encodeURIComponent(words)}`, { credentials: "same-origin" });
      return answer.ok && !answer.redirected ? ((await answer.json()) as Answer) : null;
    } catch {
      return null;
    }
  }

  private step(by: number): void {
    if (!this.hits.length) return;
    this.at = (this.at + by + this.hits.length) % this.hits.length;
    this.say("hit");
    this.dispatch("go", { detail: { pk: this.hits[this.at] } });
  }

  private say(what: "hit" | "none" | "failed" | ""): void {
    const all = this.isAll ? String(this.hits.length) : `${this.hits.length}+`;
    this.saysTarget.textContent = what && fill(this.saysTarget.dataset[what], { n: this.at + 1, all });
  }
}
