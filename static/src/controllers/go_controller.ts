import { Controller } from "@hotwired/stimulus";

/** A select that leads somewhere: each option knows its address. */
export default class extends Controller<HTMLSelectElement> {
  now(): void {
    const url = this.element.selectedOptions[0]?.dataset["url"];
    if (url) location.assign(url);
  }
}
