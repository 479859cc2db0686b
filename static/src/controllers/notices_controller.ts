import { Controller } from "@hotwired/stimulus";
import { get } from "../fragment";
import { Pace } from "../pace";

// A page that has just come shows what is so.
const FRESH = 5_000;

/** The incidents everybody here is told of: drawn anew when one is published, changed or ended, and now and then. */
export default class extends Controller<HTMLElement> {
  static override values = { url: String };
  declare readonly urlValue: string;
  // Everybody hears of it in the same moment.
  private readonly pace = new Pace(() => this.fetch(), 1_000, 500);
  private readonly since = performance.now();

  override disconnect(): void {
    this.pace.stop();
  }

  nudged(event: CustomEvent<{ what: string }>): void {
    if (event.detail.what === "notices" || event.detail.what === "clock") this.pace.ask();
  }

  caughtUp(event: CustomEvent<{ wait: number }>): void {
    if (performance.now() - this.since > FRESH) this.pace.ask(event.detail.wait);
  }

  private async fetch(): Promise<void> {
    const piece = await get(this.urlValue);
    const fresh = piece?.status === 200 ? piece.content.querySelector<HTMLElement>(".incidents") : null;
    // Only what changed is said aloud, so what stays is left alone.
    if (fresh && fresh.innerHTML !== this.element.innerHTML) this.element.replaceChildren(...fresh.childNodes);
  }
}
