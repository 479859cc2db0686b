import { Controller } from "@hotwired/stimulus";

/** The agent says yes to the remote pictures of one message; the desk fetches them, not this browser. */
export default class extends Controller<HTMLButtonElement> {
  show(): void {
    const frame = this.element.closest("article")?.querySelector<HTMLIFrameElement>("iframe.frame");
    if (!frame) return;
    frame.src = `${frame.getAttribute("src")?.replace(/\?.*/, "") ?? ""}?images=1`;
    this.element.remove();
  }
}
