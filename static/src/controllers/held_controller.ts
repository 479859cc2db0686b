import { Controller } from "@hotwired/stimulus";
import { fill } from "../fragment";

/** Counts down while a reply may still be taken back; the server holds it, this only tells. */
export default class extends Controller<HTMLElement> {
  static override targets = ["left"];
  static override values = { seconds: Number };
  declare readonly leftTarget: HTMLElement;
  declare readonly secondsValue: number;
  private timer = 0;
  private until = 0;

  override connect(): void {
    this.until = performance.now() + this.secondsValue * 1000;
    this.tick();
    this.timer = window.setInterval(() => this.tick(), 250);
  }

  override disconnect(): void {
    clearInterval(this.timer);
  }

  private tick(): void {
    const left = Math.ceil((this.until - performance.now()) / 1000);
    if (left <= 0) {
      this.element.remove();
      document.dispatchEvent(new CustomEvent("workspace:changed"));
      return;
    }
    this.leftTarget.textContent = fill(this.element.dataset["words"], { seconds: left });
  }
}
