import { Controller } from "@hotwired/stimulus";

/** The chips above the timeline: everything, or one kind of the whole history. */
export default class extends Controller<HTMLElement> {
  only(event: Event): void {
    const button = event.currentTarget as HTMLButtonElement;
    for (const other of this.element.querySelectorAll("button")) other.setAttribute("aria-pressed", String(other === button));
    this.dispatch("only", { detail: { show: button.value } });
  }
}
