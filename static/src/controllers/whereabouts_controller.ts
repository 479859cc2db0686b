import { Controller } from "@hotwired/stimulus";
import { get } from "../fragment";
import type { Ephemeral, Hint } from "../live";
import { Pace } from "../pace";
import { place } from "../parts";
import { released } from "../pressing";

// What changes of somebody who has left: what they read or get, where they can be reached.
const KINDS = new Set(["message", "delivery", "identity", "consent", "merge"]);
const GAP = 1_000;

/**
 * Where the customer is, drawn by the server and kept true: they come, go to another page, leave, are mailed.
 * again: in how many ms its words are others by themselves. mark: what the composer promises; when that changes, it
 * is told. Of somebody who never talked on a page nothing is asked until they do.
 */
export default class extends Controller<HTMLElement> {
  static override values = { url: String, customer: Number, again: Number, mark: String, known: Boolean };
  declare readonly urlValue: string;
  declare readonly customerValue: number;
  declare readonly againValue: number;
  declare readonly markValue: string;
  declare readonly knownValue: boolean;
  private readonly pace = new Pace(() => this.fetch(), GAP);
  private timer = 0;

  override connect(): void {
    this.later();
  }

  override disconnect(): void {
    clearTimeout(this.timer);
    this.pace.stop();
  }

  heard({ detail }: CustomEvent<Ephemeral>): void {
    if (detail.what === "here" && detail.customer === this.customerValue) this.pace.ask();
  }

  hint({ detail }: CustomEvent<Hint>): void {
    if (this.knownValue && detail.customer === this.customerValue && KINDS.has(detail.kind)) this.pace.ask();
  }

  catchUp({ detail }: CustomEvent<{ wait: number }>): void {
    if (this.knownValue) this.pace.ask(detail.wait);
  }

  private later(): void {
    clearTimeout(this.timer);
    if (this.againValue) this.timer = window.setTimeout(() => this.pace.ask(), this.againValue);
  }

  private async fetch(): Promise<void> {
    const piece = await get(this.urlValue);
    await released();
    if (piece?.status !== 200 || !this.element.isConnected) return;
    const fresh = piece.content.querySelector<HTMLElement>(`#${this.element.id}`);
    const isOther = fresh?.dataset["whereaboutsMarkValue"] !== this.element.dataset["whereaboutsMarkValue"];
    if (place(piece.content)) this.pace.ask(2_000);
    // Where the words are the same it stays, with what is new beside them; else its successor looks after itself.
    for (const name of ["whereaboutsAgainValue", "whereaboutsMarkValue"]) this.element.dataset[name] = fresh?.dataset[name] ?? "";
    if (this.element.isConnected) this.later();
    if (isOther) document.dispatchEvent(new CustomEvent("whereabouts:plan"));
  }
}
