import { Controller } from "@hotwired/stimulus";

/** The session has ended: a dialog that keeps the page and the draft. */
export default class extends Controller<HTMLDialogElement> {
  ended(): void {
    if (!this.element.open) this.element.showModal();
  }

  close(): void {
    this.element.close();
  }
}
