import { Controller } from "@hotwired/stimulus";

/** The chips above the timeline: all, messages, notes. */
export default class extends Controller<HTMLElement> {
  only(event: Event): void {
    const button = event.currentTarget as HTMLButtonElement;
    const feed = document.querySelector<HTMLElement>(".feed");
    if (feed) feed.dataset["show"] = button.value;
    for (const other of this.element.querySelectorAll("button")) other.setAttribute("aria-pressed", String(other === button));
  }
}
