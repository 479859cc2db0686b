import { Controller } from "@hotwired/stimulus";
import { fill, get } from "../fragment";
import { bar, isTemplate, routeOf } from "../route";

/** The approved texts of a channel, in place of the text box while its window is closed. What was typed stays. */
export default class extends Controller<HTMLElement> {
  static override targets = ["box", "list", "one", "none", "kept"];
  static override values = { url: String };
  declare readonly boxTarget: HTMLFieldSetElement;
  declare readonly listTarget: HTMLElement;
  declare readonly oneTargets: HTMLFieldSetElement[];
  declare readonly noneTarget: HTMLElement;
  declare readonly keptTarget: HTMLElement;
  declare readonly hasBoxTarget: boolean;
  declare readonly hasNoneTarget: boolean;
  declare readonly urlValue: string;
  private loaded = "";

  override connect(): void {
    void this.turn();
  }

  /** The route or its window changed: here come the texts, or there goes the text box again. */
  async turn(): Promise<void> {
    if (!this.hasBoxTarget) return;
    const isOn = isTemplate(this.element);
    this.boxTarget.hidden = this.boxTarget.disabled = !isOn;
    if (!isOn) return bar(this.element, "template", "");
    this.keep();
    const route = routeOf(this.element);
    if (route && this.loaded !== route.key) await this.load(route.key);
    this.check();
  }

  choose(event: Event): void {
    this.show((event.currentTarget as HTMLInputElement).value);
  }

  /** The values as they are typed, in the text as the customer will read it. */
  draw(): void {
    const one = this.chosen;
    for (const field of one?.querySelectorAll<HTMLInputElement>("[data-slot-of]") ?? []) {
      for (const place of one?.querySelectorAll<HTMLElement>(`.var[data-slot="${field.dataset["slotOf"] ?? ""}"]`) ?? []) {
        place.textContent = field.value.trim() || (field.labels?.[0]?.textContent ?? "");
        place.classList.toggle("empty", !field.value.trim());
      }
    }
    this.check();
  }

  /** Only those that hold the words. */
  narrow(event: Event): void {
    const words = (event.currentTarget as HTMLInputElement).value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const radio of this.listTarget.querySelectorAll<HTMLInputElement>("input[type=radio]")) {
      const fits = words.every((word) => radio.dataset["words"]?.includes(word));
      radio.closest<HTMLElement>(".opt")!.hidden = !fits;
      shown += Number(fits);
    }
    if (this.hasNoneTarget) this.noneTarget.hidden = shown > 0;
  }

  /** Enter in a field of the picker is no sending. */
  hold(event: KeyboardEvent): void {
    if (event.key === "Enter" && !event.ctrlKey && !event.metaKey && event.target instanceof HTMLInputElement) event.preventDefault();
  }

  private async load(key: string): Promise<void> {
    this.loaded = key;
    const piece = await get(`${this.urlValue}?way=${encodeURIComponent(key)}`);
    if (this.loaded !== key) return;
    if (piece?.status !== 200) {
      this.loaded = "";
      this.listTarget.textContent = this.boxTarget.dataset["failed"] ?? "";
      return;
    }
    this.listTarget.replaceChildren(piece.content);
    const first = this.listTarget.querySelector<HTMLInputElement>("input[type=radio]");
    if (!first) return;
    first.checked = true;
    this.show(first.value);
  }

  private show(pk: string): void {
    for (const one of this.oneTargets) one.hidden = one.disabled = one.dataset["of"] !== pk;
    this.draw();
  }

  private check(): void {
    if (!isTemplate(this.element)) return;
    const { none, empty } = this.boxTarget.dataset;
    const isEmpty = [...(this.chosen?.querySelectorAll<HTMLInputElement>("input") ?? [])].some((field) => !field.value.trim());
    bar(this.element, "template", this.chosen ? this.chosen.dataset["why"] || (isEmpty ? (empty ?? "") : "") : (none ?? ""));
  }

  private keep(): void {
    const n = this.element.querySelector<HTMLTextAreaElement>("textarea[name=text]")?.value.trim().length ?? 0;
    this.keptTarget.textContent = n ? fill(this.keptTarget.dataset["words"], { n }) : "";
  }

  private get chosen(): HTMLFieldSetElement | undefined {
    return this.oneTargets.find((one) => !one.hidden);
  }
}
