import { Controller } from "@hotwired/stimulus";
import { fill } from "../fragment";
import { normalised, size, withoutAccents } from "../measuring";
import { counted, isTemplate, leaving, routeOf } from "../route";

/** Letters that are in no phone's alphabet make an SMS cost more than twice as much: said, and taken away if wanted. */
export default class extends Controller<HTMLElement> {
  static override targets = ["box", "words", "bare", "tells"];
  declare readonly boxTarget: HTMLElement;
  declare readonly wordsTarget: HTMLElement;
  declare readonly bareTarget: HTMLButtonElement;
  declare readonly tellsTarget: HTMLElement;
  declare readonly hasBoxTarget: boolean;
  private kept = "";

  override connect(): void {
    this.count();
  }

  count(): void {
    if (!this.hasBoxTarget) return;
    const text = this.sms;
    const { segments, because } = size(text);
    const bare = size(withoutAccents(text)).segments;
    const isWorth = bare < segments && because.join("") !== this.kept;
    if (isWorth) {
      this.wordsTarget.textContent = fill(this.boxTarget.dataset["words"], { n: segments, signs: because.join(" ") });
      this.bareTarget.textContent = fill(this.boxTarget.dataset["bare"], { n: bare });
    }
    if (this.boxTarget.hidden === isWorth) this.tellsTarget.textContent = isWorth ? this.wordsTarget.textContent : "";
    this.boxTarget.hidden = !isWorth;
  }

  remove(): void {
    const box = this.text;
    if (!box) return;
    box.setRangeText(withoutAccents(box.value), 0, box.value.length, "end");
    box.focus();
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /** These letters stay, and nobody asks again until there are others. */
  keep(): void {
    this.kept = size(this.sms).because.join("");
    this.count();
    this.text?.focus();
  }

  /** What leaves by SMS; "" on other channels. */
  private get sms(): string {
    const rules = routeOf(this.element)?.rules;
    return rules?.unit === "segments" && !isTemplate(this.element) ? normalised(counted(leaving(this.element), rules)) : "";
  }

  private get text(): HTMLTextAreaElement | null {
    return this.element.querySelector<HTMLTextAreaElement>("textarea[name=text]");
  }
}
