import { Controller } from "@hotwired/stimulus";

const NEAR = 100;

/** Keeps what is read at its end while pictures, frames and the composer below still find their size. */
export default class extends Controller<HTMLElement> {
  private atEnd = true;
  private readonly sizes = new ResizeObserver(() => {
    if (this.atEnd) this.element.scrollTop = this.element.scrollHeight;
  });

  override connect(): void {
    // A link to one message stays at that message.
    this.atEnd = !location.hash.startsWith("#m-");
    this.sizes.observe(this.element);
    for (const child of this.element.children) this.sizes.observe(child);
  }

  override disconnect(): void {
    this.sizes.disconnect();
  }

  scrolled(): void {
    this.atEnd = this.element.scrollHeight - this.element.scrollTop - this.element.clientHeight <= NEAR;
  }
}
