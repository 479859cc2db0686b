import { Controller } from "@hotwired/stimulus";
import { wrap } from "../wrapping";

/** Reply or note: which of the two is being written. Each keeps its own text. */
export default class extends Controller<HTMLFormElement> {
  static override targets = ["tab", "pane"];
  declare readonly tabTargets: HTMLButtonElement[];
  declare readonly paneTargets: HTMLElement[];

  /** Once in use it stays open: folding when the focus leaves would pull what is being pressed from under the finger. */
  override connect(): void {
    this.element.addEventListener("focusin", () => this.element.classList.add("open"), { once: true });
  }

  choose(event: Event): void {
    this.write((event.currentTarget as HTMLButtonElement).value);
  }

  /** Arrow keys walk the tabs, as everywhere. */
  walk(event: KeyboardEvent): void {
    if (event.key !== "ArrowRight" && event.key !== "ArrowLeft") return;
    const next = this.tabTargets.find((tab) => tab.getAttribute("aria-selected") !== "true");
    if (!next) return;
    this.become(next.value);
    next.focus();
  }

  /** Keys r and n come here from anywhere. */
  reply(): void {
    this.write("reply");
  }

  note(): void {
    this.write("note");
  }

  leave(event: KeyboardEvent): void {
    if (event.target instanceof HTMLElement && event.target.matches("textarea, input, select")) event.target.blur();
    event.stopPropagation();
  }

  sendByKey(event: KeyboardEvent): void {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
    event.preventDefault();
    const then = event.shiftKey && this.mode === "reply" ? "resolve" : "";
    const button = this.element.querySelector<HTMLButtonElement>(`button[data-sends="${this.mode}"]`);
    const other = document.querySelector<HTMLButtonElement>(`button[form="${this.element.id}"][name="then"][value="${then}"]`);
    if (then && other) this.element.requestSubmit(other);
    else if (button) this.element.requestSubmit(button);
  }

  /** Ctrl+B and Ctrl+I put marks around what is selected, or take them away. */
  mark(event: KeyboardEvent): void {
    const mark = { b: "**", i: "_" }[event.key.toLowerCase()], box = event.target;
    if (!mark || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey || event.isComposing) return;
    if (!(box instanceof HTMLTextAreaElement)) return;
    event.preventDefault();
    wrap(box, mark);
  }

  /** Goes on writing where the text ends. */
  private write(mode: string): void {
    this.become(mode);
    this.field?.focus();
    this.field?.setSelectionRange(this.field.value.length, this.field.value.length);
  }

  private get mode(): string {
    return this.element.dataset["mode"] ?? "reply";
  }

  private get field(): HTMLTextAreaElement | null {
    return this.element.querySelector<HTMLTextAreaElement>(`[data-pane="${this.mode}"] textarea`);
  }

  private become(mode: string): void {
    this.element.dataset["mode"] = mode;
    for (const tab of this.tabTargets) {
      const on = tab.value === mode;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
      const kept = tab.querySelector<HTMLElement>(".kept");
      if (kept) kept.hidden = on || !this.text(tab.value);
    }
    for (const pane of this.paneTargets) pane.hidden = pane.dataset["pane"] !== mode;
    this.element.dispatchEvent(new CustomEvent("composer:mode", { detail: { mode } }));
  }

  private text(mode: string): string {
    return this.element.querySelector<HTMLTextAreaElement>(`[data-pane="${mode}"] textarea`)?.value.trim() ?? "";
  }
}
