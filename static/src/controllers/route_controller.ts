import { Controller } from "@hotwired/stimulus";

/** Reply via: the channel chosen decides which addresses stand in "To" and what the button says. */
export default class extends Controller<HTMLElement> {
  static override targets = ["via", "to", "send", "only", "glyph"];
  declare readonly viaTarget: HTMLSelectElement;
  declare readonly toTarget: HTMLSelectElement;
  declare readonly sendTargets: HTMLElement[];
  declare readonly onlyTargets: HTMLElement[];
  declare readonly glyphTarget: HTMLElement;
  declare readonly hasViaTarget: boolean;

  override connect(): void {
    if (this.hasViaTarget) this.changed();
  }

  changed(): void {
    const chosen = this.viaTarget.selectedOptions[0];
    if (!chosen) return;
    let first: HTMLOptionElement | null = null;
    for (const option of this.toTarget.options) {
      const fits = option.dataset["channel"] === chosen.value;
      option.hidden = option.disabled = !fits;
      if (fits) first ??= option;
    }
    if (this.toTarget.selectedOptions[0]?.disabled !== false && first) first.selected = true;
    for (const button of this.sendTargets) button.textContent = chosen.dataset["verb"] ?? "";
    for (const part of this.onlyTargets) part.hidden = chosen.dataset["subject"] !== "1";
    this.glyphTarget.dataset["ch"] = chosen.dataset["ch"] ?? "";
    const use = this.glyphTarget.querySelector("use");
    use?.setAttribute("href", (use.getAttribute("href") ?? "").replace(/#.*/, `#g-${chosen.dataset["ch"] ?? "email"}`));
  }
}
