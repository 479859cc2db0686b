import { Controller } from "@hotwired/stimulus";

const WIDE = matchMedia("(width >= 1200px)");

/** Shows and hides the customer's panel; on a narrow screen it is a drawer. */
export default class extends Controller<HTMLElement> {
  static override targets = ["toggle", "close"];
  declare readonly toggleTargets: HTMLElement[];
  declare readonly closeTarget: HTMLElement;
  declare readonly hasCloseTarget: boolean;

  override connect(): void {
    this.element.classList.toggle("no-panel", localStorage.getItem("panel") === "closed");
    this.tell();
  }

  toggle(): void {
    const open = this.isOpen;
    this.element.classList.toggle("no-panel", WIDE.matches && open);
    this.element.classList.toggle("with-panel", !WIDE.matches && !open);
    if (WIDE.matches) localStorage.setItem("panel", open ? "closed" : "open");
    this.tell();
    if (!open && !WIDE.matches && this.hasCloseTarget) this.closeTarget.focus();
    if (open) this.toggleTargets[0]?.focus();
  }

  private get isOpen(): boolean {
    return WIDE.matches ? !this.element.classList.contains("no-panel") : this.element.classList.contains("with-panel");
  }

  private tell(): void {
    for (const button of this.toggleTargets) button.setAttribute("aria-expanded", String(this.isOpen));
  }
}
