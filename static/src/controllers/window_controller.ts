import { Controller } from "@hotwired/stimulus";
import { now } from "../desk_clock";
import { fill } from "../fragment";
import { bar, routeOf } from "../route";

const MINUTE = 60_000, HOUR = 60 * MINUTE;

/**
 * Until when one may write freely here, by the workspace's clock: it counts down, and when the time is over the text
 * box gives way to the approved texts, or to another way, without loading anything anew.
 */
export default class extends Controller<HTMLElement> {
  static override targets = ["chip", "words", "instead", "closed", "told"];
  declare readonly chipTarget: HTMLElement;
  declare readonly wordsTarget: HTMLElement;
  declare readonly insteadTargets: HTMLButtonElement[];
  declare readonly closedTarget: HTMLElement;
  declare readonly toldTarget: HTMLElement;
  declare readonly hasChipTarget: boolean;
  private timer = 0;
  private state = "";

  override connect(): void {
    this.tick();
    this.timer = window.setInterval(() => this.tick(), 1_000);
  }

  override disconnect(): void {
    clearInterval(this.timer);
  }

  tick(): void {
    const route = this.hasChipTarget ? routeOf(this.element) : null;
    if (!route) return;
    const { until = "0", byhand = "0", why = "" } = route.way;
    const at = now();
    const left = Number(until) - at;
    const state = !Number(until) ? "" : left > 0 ? "open" : Number(byhand) > at ? "human" : "closed";
    this.say(state, left, at - Math.max(Number(until), Number(byhand)), route.way);
    if (this.state !== `${state} ${route.key} ${why}`) this.become(state, route.way, `${state} ${route.key} ${why}`);
  }

  private say(state: string, left: number, since: number, way: DOMStringMap): void {
    const { open, closed, long } = this.chipTarget.dataset;
    const isSoon = state === "open" && left < HOUR;
    this.chipTarget.hidden = !state;
    this.chipTarget.classList.toggle("warn", isSoon || state === "human");
    const known = since > 0 && since < 10 * 365 * 24 * HOUR;
    const words = { "": "", open: fill(open, { time: span(left) }), human: way["byhandWords"] ?? "", closed: known ? fill(closed, { time: span(since) }) : (long ?? "") };
    const text = words[state as keyof typeof words] ?? "";
    if (this.wordsTarget.textContent !== text) this.wordsTarget.textContent = text;
  }

  private become(state: string, way: DOMStringMap, whole: string): void {
    const was = this.state;
    this.state = whole;
    const isClosed = state === "closed" && !way["why"];
    const isTemplate = isClosed && way["templates"] === "1";
    this.element.dataset["only"] = isTemplate ? "template" : "";
    bar(this.element, "window", way["why"] || (isClosed && !isTemplate ? (way["closed"] ?? "") : ""));
    this.offer(isClosed || Boolean(way["why"]));
    if (was && isClosed) this.toldTarget.textContent = way["closed"] ?? "";
    this.element.dispatchEvent(new CustomEvent("composer:window", { bubbles: true }));
  }

  /** The text is kept, and may go by the best of the other ways: two channels that are offered alike are one offer. */
  private offer(isNeeded: boolean): void {
    const free = [...this.element.querySelectorAll<HTMLOptionElement>("select[name=way] option")].filter((one) => this.isFree(one));
    const channels = new Set(free.map((one) => one.dataset["channel"] ?? ""));
    const found = [...channels].map((pk) => this.element.querySelector<HTMLOptionElement>(`select[name=channel] option[value="${pk}"]`));
    const words = found.map((one) => one?.dataset["instead"]);
    const others = found.filter((_, at) => words.indexOf(words[at]) === at);
    this.closedTarget.hidden = !isNeeded || !others.length;
    this.insteadTargets.forEach((button, at) => {
      const option = others[at];
      button.hidden = !option;
      button.dataset["channel"] = option?.value ?? "";
      button.textContent = option?.dataset["instead"] ?? "";
    });
  }

  private isFree({ dataset }: HTMLOptionElement): boolean {
    const { until = "0", byhand = "0", why = "" } = dataset;
    const at = now();
    return !why && (!Number(until) || Number(until) > at || Number(byhand) > at);
  }
}

/** "3 h 12" or "45 min", in the words that the server uses; days from two on. */
function span(ms: number): string {
  const minutes = Math.max(1, Math.ceil(ms / MINUTE));
  const { minutes: inMinutes, hours: inHours, days: inDays } = document.body.dataset;
  if (minutes < 60) return fill(inMinutes, { n: minutes });
  if (minutes >= 48 * 60) return fill(inDays, { n: Math.floor(minutes / 1440) });
  const rest = minutes % 60;
  return fill(inHours, { n: Math.floor(minutes / 60) }) + (rest ? ` ${String(rest).padStart(2, "0")}` : "");
}
