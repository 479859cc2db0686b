import { Controller } from "@hotwired/stimulus";
import { now } from "../desk_clock";
import { fill } from "../fragment";

const MINUTE = 60_000;

/** Lets deadlines and "2 min" grow old by themselves, by the server's clock. */
export default class extends Controller<HTMLElement> {
  private timer = 0;

  override connect(): void {
    this.tick();
    this.timer = window.setInterval(() => this.tick(), 15_000);
  }

  override disconnect(): void {
    clearInterval(this.timer);
  }

  tick(): void {
    const at = now();
    for (const chip of this.element.querySelectorAll<HTMLElement>("[data-due]")) this.due(chip, Number(chip.dataset["due"]) - at);
    for (const time of this.element.querySelectorAll<HTMLTimeElement>("time[data-ago]")) this.ago(time, at - Number(time.dataset["ago"]));
  }

  private due(chip: HTMLElement, left: number): void {
    const state = left < 0 ? "bad" : left < 30 * MINUTE ? "warn" : "";
    if (Math.abs(left) > 12 * 60 * MINUTE) return;
    chip.classList.remove("bad", "warn");
    if (state) chip.classList.add(state);
    const words = fill(this.element.dataset[left < 0 ? "over" : "soon"], { time: span(Math.abs(left)) });
    chip.querySelector("span")!.textContent = words;
  }

  private ago(time: HTMLTimeElement, passed: number): void {
    if (passed < 60 * MINUTE) time.textContent = span(Math.max(0, passed));
  }
}

/** "12 min" or "3 h", in the words that the server uses. */
function span(ms: number): string {
  const minutes = Math.floor(ms / MINUTE);
  const { minutes: inMinutes, hours: inHours } = document.body.dataset;
  return minutes < 90 ? fill(inMinutes, { n: String(minutes) }) : fill(inHours, { n: String(Math.floor(minutes / 60)) });
}
