import { Controller } from "@hotwired/stimulus";

const STAYS = 10_000;

/** One toast: stays ten seconds, longer under the pointer or the focus. */
export default class extends Controller<HTMLElement> {
  private timer = 0;

  override connect(): void {
    this.timer = window.setTimeout(() => this.leave(), STAYS);
  }

  override disconnect(): void {
    clearTimeout(this.timer);
  }

  close(): void {
    this.element.remove();
  }

  private leave(): void {
    if (this.element.matches(":hover, :focus-within")) this.timer = window.setTimeout(() => this.leave(), 2_000);
    else this.element.remove();
  }
}
