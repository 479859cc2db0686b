import { Controller } from "@hotwired/stimulus";
import { get } from "../fragment";
import type { Hint } from "../live";
import { Pace } from "../pace";
import { released } from "../pressing";

/**
 * Draws parts of the page anew when their customer changes: each element of the answer replaces its namesake.
 * customer: whose changes matter, everybody's when it is none. kinds: the kinds of entries that matter, separated by
 * spaces; all of them when it is empty. gap: how many ms lie between two requests. eager: ask once as soon as it stands.
 */
export default class extends Controller<HTMLElement> {
  static override values = { url: String, customer: Number, kinds: String, gap: Number, eager: Boolean };
  declare readonly urlValue: string;
  declare readonly customerValue: number;
  declare readonly kindsValue: string;
  declare readonly gapValue: number;
  declare readonly eagerValue: boolean;
  // Shared lists are asked for by everybody who looks: not all at the same moment.
  private pace!: Pace;

  override initialize(): void {
    this.pace = new Pace(() => this.fetch(), this.gapValue || 250, this.gapValue ? 300 : 0);
  }

  override connect(): void {
    if (this.eagerValue) this.pace.ask();
  }

  override disconnect(): void {
    this.pace.stop();
  }

  hint(event: CustomEvent<Hint>): void {
    const { customer, kind } = event.detail;
    const isOurs = this.customerValue === 0 || customer === this.customerValue;
    if (isOurs && (!this.kindsValue || this.kindsValue.split(" ").includes(kind))) this.pace.ask();
  }

  catchUp(event: CustomEvent<{ wait: number }>): void {
    this.pace.ask(event.detail.wait);
  }

  private async fetch(): Promise<void> {
    const piece = await get(this.urlValue);
    await released();
    if (piece?.status !== 200 || !this.element.isConnected) return;
    for (const fresh of [...piece.content.querySelectorAll<HTMLElement>("[id]")]) {
      const old = document.getElementById(fresh.id);
      if (!old || !fresh.hasAttribute("data-part") || same(old, fresh)) continue;
      if (old.querySelector(":popover-open") || old.contains(document.activeElement)) this.pace.ask(2_000);
      else this.replace(old, fresh);
    }
  }

  private replace(old: HTMLElement, fresh: HTMLElement): void {
    for (const apart of fresh.querySelectorAll("[data-apart]")) apart.replaceWith(old.querySelector(`#${apart.id}`) ?? apart);
    old.replaceWith(fresh);
    document.dispatchEvent(new CustomEvent("part:placed", { detail: { part: fresh } }));
  }
}

/** Tokens differ in every answer, and what was loaded apart is not in it; they are no change. */
function same(old: HTMLElement, fresh: HTMLElement): boolean {
  return strip(old) === strip(fresh);
}

function strip(element: HTMLElement): string {
  const copy = element.cloneNode(true) as HTMLElement;
  for (const other of copy.querySelectorAll("[name=csrfmiddlewaretoken], [data-apart]")) other.remove();
  for (const powered of copy.querySelectorAll("[data-htmx-powered]")) powered.removeAttribute("data-htmx-powered");
  copy.removeAttribute("data-htmx-powered");
  return copy.innerHTML;
}
