import { Controller } from "@hotwired/stimulus";
import { plural } from "../fragment";

/** Several rows of a list chosen by key (x, Shift+J, Shift+K) or by their boxes, and the bar of what can be done to them. */
export default class extends Controller<HTMLElement> {
  static override targets = ["bar", "words", "numbers"];
  declare readonly barTarget: HTMLElement;
  declare readonly wordsTarget: HTMLElement;
  declare readonly numbersTarget: HTMLInputElement;
  private readonly chosen = new Set<string>();
  private last = "";
  // Rows are drawn anew whenever they change: what was chosen stays chosen.
  private readonly watcher = new MutationObserver(() => this.draw());

  override connect(): void {
    this.watcher.observe(this.element.querySelector(".rows") ?? this.element, { childList: true, subtree: true });
    this.draw();
  }

  override disconnect(): void {
    this.watcher.disconnect();
  }

  /** A box was pressed; with Shift everything since the last one too. */
  pick(event: MouseEvent): void {
    const box = event.currentTarget as HTMLInputElement;
    const id = box.closest("li")?.id ?? "";
    const range = event.shiftKey ? this.between(this.last, id) : [id];
    for (const one of range) this.put(one, box.checked);
    this.last = id;
    this.draw();
  }

  /** A key was pressed on a row. */
  key(event: CustomEvent<{ row: string; toggles: boolean }>): void {
    const { row, toggles } = event.detail;
    this.put(row, !toggles || !this.chosen.has(row));
    this.last = row;
    this.draw();
  }

  none(): void {
    for (const menu of this.barTarget.querySelectorAll<HTMLElement>(":popover-open")) menu.hidePopover();
    this.chosen.clear();
    this.draw();
  }

  private put(id: string, on: boolean): void {
    if (on) this.chosen.add(id);
    else this.chosen.delete(id);
  }

  private between(one: string, other: string): string[] {
    const ids = this.rows.map((row) => row.id);
    const [from, to] = [ids.indexOf(one), ids.indexOf(other)].sort((a, b) => a - b) as [number, number];
    return from < 0 ? [other] : ids.slice(from, to + 1);
  }

  private draw(): void {
    const numbers = [];
    for (const row of this.rows) {
      const on = this.chosen.has(row.id);
      row.classList.toggle("chosen", on);
      row.querySelector<HTMLInputElement>("input.choose")!.checked = on;
      if (on) numbers.push(row.dataset["number"] ?? "");
    }
    this.barTarget.hidden = numbers.length === 0;
    this.element.classList.toggle("choosing", numbers.length > 0);
    this.numbersTarget.value = numbers.join(",");
    this.wordsTarget.textContent = plural(this.wordsTarget.dataset["forms"], numbers.length);
  }

  private get rows(): HTMLElement[] {
    return [...this.element.querySelectorAll<HTMLElement>("li[data-row]:not([data-gone])")];
  }
}
