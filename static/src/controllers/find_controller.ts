import { Controller } from "@hotwired/stimulus";
import { fill } from "../fragment";
import { mark, unmark } from "../marking";

const AFTER_LAST_KEY = 250;
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
    mark(article, this.asked);
    article.scrollIntoView({ block: "nearest" });
  }

  /** The page drew something anew: what was marked in it is gone. */
  drawn(): void {
    const pk = this.hits[this.at];
    const article = pk === undefined ? null : this.element.querySelector<HTMLElement>(`#m-${pk}`);
    if (article && !this.barTarget.hidden) mark(article, this.asked);
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
