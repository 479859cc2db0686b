import { Controller } from "@hotwired/stimulus";

const TALLEST = 20_000;

/** Gives the frame of a message the height of its content. No script runs inside; this one measures from outside. */
export default class extends Controller<HTMLIFrameElement> {
  private watcher: ResizeObserver | null = null;

  override connect(): void {
    if (this.element.contentDocument?.readyState === "complete") this.loaded();
  }

  override disconnect(): void {
    this.watcher?.disconnect();
  }

  loaded(): void {
    const body = this.element.contentDocument?.body;
    if (!body) return;
    this.watcher?.disconnect();
    this.watcher = new ResizeObserver(() => this.measure());
    this.watcher.observe(body);
    this.measure();
    this.dispatch("loaded");
  }

  private measure(): void {
    const page = this.element.contentDocument;
    if (!page?.body) return;
    const scroller = this.element.closest<HTMLElement>(".scroll");
    const near = scroller && scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight <= 100;
    const height = Math.min(TALLEST, Math.ceil(page.body.getBoundingClientRect().height) + sideways(page));
    this.element.style.blockSize = `${height}px`;
    if (scroller && near) scroller.scrollTop = scroller.scrollHeight;
  }
}

/** Room for the bar that scrolls a wide table sideways. */
function sideways(page: Document): number {
  return page.documentElement.scrollWidth > page.documentElement.clientWidth ? 16 : 0;
}
