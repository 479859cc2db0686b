import { Controller } from "@hotwired/stimulus";

/** Shows that the workspace's clock is ahead of the real one, and by it what time it is, also when it is moved. */
export default class extends Controller<HTMLElement> {
  static override targets = ["time"];
  static override values = { ahead: Number };
  declare readonly timeTarget: HTMLElement;
  declare aheadValue: number;

  moved(event: CustomEvent<{ what: string; id: number }>): void {
    if (event.detail.what !== "clock") return;
    this.aheadValue = event.detail.id;
    document.body.dataset["ahead"] = String(this.aheadValue);
    this.element.hidden = this.aheadValue === 0;
    const at = new Date(Date.now() + this.aheadValue * 1000);
    const { zone } = document.body.dataset;
    this.timeTarget.textContent = new Intl.DateTimeFormat(document.documentElement.lang, {
      weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hour12: false,
      ...(zone ? { timeZone: zone } : {}),
    }).format(at);
  }
}
