import { Controller } from "@hotwired/stimulus";

/** Already known: a press or its digit puts it into the text; a text that asks for it raises a hint, and blocks nothing. */
export default class extends Controller<HTMLElement> {
  static override targets = ["hint", "words", "put"];
  static override values = { asks: Object };
  declare readonly hintTarget: HTMLElement;
  declare readonly hasHintTarget: boolean;
  declare readonly wordsTarget: HTMLElement;
  declare readonly putTarget: HTMLButtonElement;
  declare readonly asksValue: Record<string, string>;
  private asks: [string, RegExp][] = [];

  override connect(): void {
    this.asks = Object.entries(this.asksValue).map(([what, pattern]) => [what, new RegExp(pattern, "i")]);
    this.check();
  }

  insert(event: Event): void {
    const button = (event.target as HTMLElement).closest<HTMLElement>("[data-insert]");
    const field = this.field;
    if (!button || !field) return;
    this.element.querySelector<HTMLElement>("#facts-more:popover-open")?.hidePopover();
    const { value, selectionStart: start, selectionEnd: end } = field;
    const before = start > 0 && !/\s/.test(value[start - 1] ?? "") ? " " : "";
    const after = end < value.length && /[\p{L}\d]/u.test(value[end] ?? "") ? " " : "";
    field.focus();
    field.setRangeText(`${before}${button.dataset["insert"] ?? ""}${after}`, start, end, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /** What the answer asks for while it is written; a thing that stands in it already is not asked for. */
  check(): void {
    // A customer without a conversation has no composer.
    if (!this.hasHintTarget) return;
    const text = this.element.querySelector<HTMLTextAreaElement>("[data-pane=reply]:not([hidden]) textarea")?.value.slice(0, 10_000) ?? "";
    const known = text && this.asks.filter(([, pattern]) => pattern.test(text)).map(([what]) => this.first(what));
    const one = known ? known.find((button) => button && !text.includes(button.dataset["insert"] ?? "")) : null;
    this.hintTarget.hidden = !one;
    if (!one) return;
    this.putTarget.dataset["insert"] = one.dataset["insert"] ?? "";
    if (this.wordsTarget.textContent !== one.dataset["already"]) this.wordsTarget.textContent = one.dataset["already"] ?? "";
  }

  private first(what: string): HTMLElement | null {
    return this.element.querySelector<HTMLElement>(`#known [data-what="${what}"]`);
  }

  private get field(): HTMLTextAreaElement | null {
    return this.element.querySelector<HTMLTextAreaElement>("[data-pane]:not([hidden]) textarea");
  }
}
