import { Controller } from "@hotwired/stimulus";
import { get } from "../fragment";

/** The session has ended: a dialog that keeps the page and the draft. */
export default class extends Controller<HTMLDialogElement> {
  ended(): void {
    if (!this.element.open) this.element.showModal();
  }

  /** Signed out, or what one may do has changed: ask which of the two. */
  async kicked(): Promise<void> {
    const page = await get(location.pathname + location.search);
    if (page) location.reload();
  }

  close(): void {
    this.element.close();
  }
}
