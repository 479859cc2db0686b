import { Controller } from "@hotwired/stimulus";
import { get } from "../fragment";
import { DELIVERY, type Hint } from "../live";
import { Pace } from "../pace";
import { place } from "../parts";
import { released } from "../pressing";

/**
 * Draws parts of the page anew when their customer changes: each element of the answer replaces its namesake.
 * customer: whose changes matter, everybody's when it is none. kinds: the kinds of entries that matter, separated by
 * spaces; when it is empty all of them, but not how far a message has got. gap: how many ms lie between two requests. eager: ask once as soon as it stands.
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
    const matters = this.kindsValue ? this.kindsValue.split(" ").includes(kind) : kind !== DELIVERY;
    if (isOurs && matters) this.pace.ask();
  }

  catchUp(event: CustomEvent<{ wait: number }>): void {
    this.pace.ask(event.detail.wait);
  }

  private async fetch(): Promise<void> {
    const piece = await get(this.urlValue);
    await released();
    if (piece?.status !== 200 || !this.element.isConnected) return;
    if (place(piece.content)) this.pace.ask(2_000);
  }
}
