import { Controller } from "@hotwired/stimulus";

/** A button that another script brings to life: it can be pressed once the page and its scripts are here. */
export default class ReadyController extends Controller<HTMLButtonElement> {
  override connect(): void {
    if (document.readyState === "complete") this.enable();
    else addEventListener("load", this.enable, { once: true });
  }

  override disconnect(): void {
    removeEventListener("load", this.enable);
  }

  private readonly enable = (): void => {
    this.element.disabled = false;
  };
}
