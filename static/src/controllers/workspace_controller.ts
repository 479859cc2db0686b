import { Controller } from "@hotwired/stimulus";
import htmx from "htmx.org";
import { line } from "../live";

/** What the whole page does when a part of it changes: the pane in front, the focus, htmx on new parts. */
export default class extends Controller<HTMLElement> {
  override connect(): void {
    document.addEventListener("part:placed", this.placed);
    if (location.hash.startsWith("#m-")) document.getElementById(location.hash.slice(1))?.scrollIntoView({ block: "center" });
  }

  override disconnect(): void {
    document.removeEventListener("part:placed", this.placed);
  }

  swapped(event: CustomEvent<{ ctx: { target?: Element | string } }>): void {
    const target = event.detail.ctx.target;
    if (!(target instanceof Element) || target.id !== "sheet") return;
    this.element.classList.replace("at-list", "at-sheet");
    document.dispatchEvent(new CustomEvent("workspace:opened"));
    document.querySelector<HTMLElement>("#sheet h1")?.focus({ preventScroll: true });
  }

  /** A piece of the page did not come: say so; the line may be down, or it is gone. */
  failed(event: CustomEvent<{ ctx?: { sourceElement?: Element; response?: { status: number } } }>): void {
    const status = event.detail.ctx?.response?.status ?? 0;
    if (status === 0) line.doubt();
    const isOpening = event.detail.ctx?.sourceElement?.getAttribute("hx-target") === "#sheet";
    if (status === 422 || status === 409 || isOpening) return;
    const toast = document.querySelector<HTMLTemplateElement>("#toast-failed")?.content.cloneNode(true);
    if (toast) document.querySelector("#toasts")?.append(toast);
  }

  private readonly placed = (event: Event): void => {
    htmx.process((event as CustomEvent<{ part: HTMLElement }>).detail.part);
  };
}
