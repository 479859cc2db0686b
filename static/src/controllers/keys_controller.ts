import { Controller } from "@hotwired/stimulus";
import { keepAhead } from "../ahead";
import { reach, use } from "../reaching";

const CHORD_MS = 1_200;

/** Single keys: every element with data-key is pressed or focused by its key; j and k walk the list. */
export default class extends Controller<HTMLElement> {
  static override values = { off: Boolean };
  declare readonly offValue: boolean;
  private chord = 0;

  pressed(event: KeyboardEvent): void {
    if (this.offValue || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.getModifierState("AltGraph") || this.isTyping(event)) return;
    const key = event.key;
    const chord = Date.now() - this.chord < CHORD_MS;
    this.chord = key === "g" && !chord ? Date.now() : 0;
    const done = chord ? this.press(`g ${key}`) : this.act(key, event);
    if (done) event.preventDefault();
  }

  private act(key: string, event: KeyboardEvent): boolean {
    if (key === "j" || key === "ArrowDown") return this.walk(1, key !== "j", event);
    if (key === "k" || key === "ArrowUp") return this.walk(-1, key !== "k", event);
    if (key === "x" || key === "J" || key === "K") return this.choose(key);
    if (key === "o") return this.open();
    if (key === "u" || key === "Escape") return this.back(key);
    return this.press(key);
  }

  private isTyping(event: KeyboardEvent): boolean {
    const target = event.target as HTMLElement;
    return target.isContentEditable || target.matches("input:not([type=checkbox], [type=radio]), textarea, select, [role=combobox]") || document.querySelector("dialog[open]") !== null;
  }

  private press(key: string): boolean {
    // What stands in a closed menu has its key too, after what is in sight.
    const several = document.querySelector<HTMLElement>(`.bulk:not([hidden]) [data-bulk-key="${CSS.escape(key)}"]`);
    const target = several ?? reach(`[data-key="${CSS.escape(key)}"]`);
    if (!target) return false;
    use(target);
    if (target.matches("[data-keeps-typing]")) keepAhead();
    return true;
  }

  private get rows(): HTMLElement[] {
    return [...document.querySelectorAll<HTMLElement>("a.row")];
  }

  private walk(step: number, needsFocus: boolean, event: KeyboardEvent): boolean {
    const rows = this.rows;
    const focused = rows.indexOf(document.activeElement as HTMLElement);
    if (needsFocus && focused < 0) return false;
    if ((event.target as HTMLElement).closest("[popover]")) return false;
    const from = focused >= 0 ? focused : rows.findIndex((row) => row.hasAttribute("aria-current"));
    const next = rows[Math.max(0, Math.min(rows.length - 1, from + step))];
    next?.focus();
    return next !== undefined;
  }

  /** x chooses the row or not, Shift with j and k takes along what is walked over. */
  private choose(key: string): boolean {
    const here = this.here;
    if (!here) return false;
    tell(here, key === "x");
    if (key === "x") return true;
    const rows = this.rows;
    const next = rows[rows.indexOf(here) + (key === "J" ? 1 : -1)];
    next?.focus();
    if (next) tell(next, false);
    return true;
  }

  private get here(): HTMLElement | undefined {
    const rows = this.rows;
    return rows.find((row) => row === document.activeElement) ?? rows.find((row) => row.hasAttribute("aria-current"));
  }

  private open(): boolean {
    const row = document.activeElement as HTMLElement;
    if (!row.matches("a.row")) return false;
    row.click();
    return true;
  }

  private back(key: string): boolean {
    if (document.querySelector(":popover-open")) return false;
    if (key === "Escape" && document.querySelector(".bulk:not([hidden])")) return document.dispatchEvent(new CustomEvent("row:none"));
    const sheet = document.querySelector(".sheet.with-panel");
    if (key === "Escape" && sheet) return this.press("d");
    const back = document.querySelector<HTMLElement>(".head .back");
    if (back?.checkVisibility()) {
      back.click();
      return true;
    }
    const row = document.querySelector<HTMLElement>("a.row[aria-current]") ?? this.rows[0];
    row?.focus();
    return row !== undefined;
  }
}

function tell(row: HTMLElement, toggles: boolean): void {
  document.dispatchEvent(new CustomEvent("row:choose", { detail: { row: row.closest("li")?.id ?? "", toggles } }));
}
