import { Controller } from "@hotwired/stimulus";

/** Puts what a field holds on the clipboard, and says so; where that is refused, the text is selected. */
export default class extends Controller<HTMLElement> {
  static override targets = ["text", "said"];
  declare readonly textTarget: HTMLInputElement;
  declare readonly saidTarget: HTMLElement;

  async copy(): Promise<void> {
    this.textTarget.select();
    try {
      await navigator.clipboard.writeText(this.textTarget.value);
      this.saidTarget.textContent = this.saidTarget.dataset["words"] ?? "";
    } catch {
      this.textTarget.focus();
    }
  }
}
