import { Controller } from "@hotwired/stimulus";
import { fill, post } from "../fragment";
import { fitting, measure, type Measure } from "../measuring";
import { bar, counted, isTemplate, leaving, routeOf, type Route, type Rules } from "../route";

const NEAR = 20, SHOWN_FROM = 0.75, ALWAYS_BELOW = 1_000, PAUSE = 150;

/** How much still fits, in the channel's own count; what does not fit goes in several messages or is shortened, by choice. */
export default class extends Controller<HTMLFormElement> {
  static override targets = ["says", "seen", "heard", "tells", "over", "overWords", "split", "parts", "partsWords", "list", "isSplit"];
  static override values = { parts: String };
  declare readonly saysTarget: HTMLElement;
  declare readonly seenTarget: HTMLElement;
  declare readonly heardTarget: HTMLElement;
  declare readonly tellsTarget: HTMLElement;
  declare readonly overTarget: HTMLElement;
  declare readonly overWordsTarget: HTMLElement;
  declare readonly splitTarget: HTMLButtonElement;
  declare readonly partsTarget: HTMLElement;
  declare readonly partsWordsTarget: HTMLElement;
  declare readonly listTarget: HTMLElement;
  declare readonly isSplitTarget: HTMLInputElement;
  declare readonly hasSaysTarget: boolean;
  declare readonly partsValue: string;
  private timer = 0;
  private asked = "";
  private told = "";

  override connect(): void {
    this.count();
  }

  override disconnect(): void {
    clearTimeout(this.timer);
  }

  count(): void {
    const route = this.hasSaysTarget ? routeOf(this.element) : null;
    if (!route || !this.box) return;
    const text = isTemplate(this.element) ? "" : leaving(this.element);
    const found = measure(counted(text, route.rules), route.rules.unit, route.rules.limit);
    this.say(found, route.rules, text);
    if (!found.isOver || !route.rules.pieces) this.isSplitTarget.value = "";
    const isSplit = Boolean(this.isSplitTarget.value);
    const words = found.isOver ? fill(this.overTarget.dataset[route.rules.unit], { n: found.used - found.limit, channel: route.name }) : "";
    this.overTarget.hidden = !found.isOver || isSplit;
    this.splitTarget.hidden = !route.rules.pieces;
    this.overWordsTarget.textContent = words;
    this.partsTarget.hidden = !isSplit;
    bar(this.element, "limit", isSplit ? "" : words);
    this.threshold(found, route.rules, words);
    if (found.isOver && route.rules.pieces) this.preview(text, route);
  }

  /** In several messages, as the preview shows them. */
  split(): void {
    this.isSplitTarget.value = "1";
    this.count();
    this.box?.focus();
  }

  whole(): void {
    this.isSplitTarget.value = "";
    this.count();
    this.box?.focus();
  }

  /** Marks what is too much: the next key takes it away, and nothing is lost unasked. */
  shorten(): void {
    const box = this.box, route = routeOf(this.element);
    if (!box || !route) return;
    const text = leaving(this.element);
    const above = text.length - box.value.length;
    const end = Math.max(0, fitting(text, route.rules.unit, route.rules.limit, (part) => counted(part, route.rules)) - above);
    box.focus();
    box.setSelectionRange(end, box.value.length);
    box.scrollTop = box.scrollHeight;
    this.tellsTarget.textContent = fill(this.overTarget.dataset["marked"], { n: box.value.length - end });
  }

  private say(found: Measure, { unit, limit }: Rules, text: string): void {
    const isShown = Boolean(text.trim()) && (unit === "segments" || limit <= ALWAYS_BELOW || found.used > limit * SHOWN_FROM);
    const number = new Intl.NumberFormat(document.documentElement.lang);
    const values = { n: found.used, left: number.format(found.left), used: number.format(found.used), limit: number.format(limit) };
    const words = fill(this.saysTarget.dataset[unit], values);
    this.saysTarget.hidden = !isShown;
    this.seenTarget.textContent = isShown ? words : "";
    this.heardTarget.textContent = isShown ? fill(this.saysTarget.dataset[`${unit}Heard`] ?? this.saysTarget.dataset[unit], values) : "";
    this.saysTarget.classList.toggle("bad", found.isOver);
    this.saysTarget.classList.toggle("warn", this.isNear(found, unit));
  }

  /** Only crossing a line is told aloud, not every key. */
  private threshold(found: Measure, { unit }: Rules, over: string): void {
    const now = found.isOver ? "over" : this.isNear(found, unit) ? "near" : "";
    if (now === this.told) return;
    this.told = now;
    this.tellsTarget.textContent = over || (now ? this.heardTarget.textContent : "");
  }

  private isNear(found: Measure, unit: string): boolean {
    return !found.isOver && unit !== "segments" && found.left <= NEAR;
  }

  /** The server cuts, so that what is shown is what will leave. */
  private preview(text: string, { key }: Route): void {
    if (this.asked === key + text) return;
    this.asked = key + text;
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.ask(text, key), PAUSE);
  }

  private async ask(text: string, way: string): Promise<void> {
    const answer = await post(this.partsValue, new URLSearchParams({ text, way }));
    const list = answer?.content.querySelector<HTMLElement>("ol");
    if (this.asked !== way + text || !list) return;
    this.splitTarget.textContent = fill(this.splitTarget.dataset["words"], { n: list.dataset["count"] ?? "" });
    this.partsWordsTarget.textContent = list.getAttribute("aria-label");
    this.listTarget.replaceChildren(list);
  }

  private get box(): HTMLTextAreaElement | null {
    return this.element.querySelector<HTMLTextAreaElement>("textarea[name=text]");
  }
}
