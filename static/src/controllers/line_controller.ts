import { Controller } from "@hotwired/stimulus";
import { fill, plural } from "../fragment";
import { line, type LineState } from "../live";

const SAY_AFTER = 1_500;
const BACK_FOR = 2_000;

/** Says how the line is: the status "Live" always, the bar only when it matters. */
export default class extends Controller<HTMLElement> {
  static override targets = ["status", "bar", "words", "hint", "retry"];
  declare readonly statusTarget: HTMLElement;
  declare readonly barTarget: HTMLElement;
  declare readonly wordsTarget: HTMLElement;
  declare readonly hintTarget: HTMLElement;
  declare readonly retryTarget: HTMLElement;
  private timer = 0;
  private loaded = 0;
  private since = 0;

  changed(event: CustomEvent<{ state: LineState; since: number; first: boolean }>): void {
    const { state, since, first } = event.detail;
    this.statusTarget.textContent = this.word(state);
    this.since = since;
    clearTimeout(this.timer);
    if (state === "connected") return first ? this.hide() : this.back();
    if (state === "offline") return this.show("offline");
    this.timer = window.setTimeout(() => this.show("reconnecting"), Math.max(0, since + SAY_AFTER - Date.now()));
  }

  count(event: CustomEvent<{ count: number }>): void {
    this.loaded += event.detail.count;
    if (this.barTarget.dataset["state"] === "back") this.sayBack();
  }

  retry(): void {
    line.again(0);
  }

  private word(state: LineState): string {
    return this.element.dataset[state] ?? state;
  }

  private show(state: "reconnecting" | "offline"): void {
    const time = clock(this.since);
    this.loaded = 0;
    this.barTarget.hidden = this.hintTarget.hidden = this.retryTarget.hidden = false;
    this.barTarget.dataset["state"] = state;
    this.wordsTarget.textContent = fill(this.element.dataset[`${state}Bar`], { time });
    document.querySelector(".app")?.classList.add("stale");
    for (const mark of document.querySelectorAll<HTMLElement>("[data-as-of]")) {
      mark.hidden = false;
      mark.querySelector("span")!.textContent = fill(mark.dataset["asOf"], { time });
    }
  }

  private back(): void {
    if (this.barTarget.hidden) return this.hide();
    this.barTarget.dataset["state"] = "back";
    this.hintTarget.hidden = this.retryTarget.hidden = true;
    this.sayBack();
    this.timer = window.setTimeout(() => this.hide(), BACK_FOR);
    this.fresh();
  }

  private sayBack(): void {
    this.wordsTarget.textContent = `${this.element.dataset["backBar"] ?? ""} ${plural(this.element.dataset["updates"], this.loaded)}`;
  }

  private hide(): void {
    this.barTarget.hidden = true;
    this.fresh();
  }

  private fresh(): void {
    document.querySelector(".app")?.classList.remove("stale");
    for (const mark of document.querySelectorAll<HTMLElement>("[data-as-of]")) mark.hidden = true;
  }
}

/** "10:42" in the agent's time zone, as the server writes it. */
function clock(at: number): string {
  const zone = document.body.dataset["zone"];
  const style: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  return new Intl.DateTimeFormat(document.documentElement.lang, zone ? { ...style, timeZone: zone } : style).format(at);
}
