import { Controller } from "@hotwired/stimulus";

/** Sends the form of a field as soon as the field is changed. */
export default class extends Controller<HTMLInputElement | HTMLSelectElement> {
  now(): void {
    this.element.form?.requestSubmit();
  }
}
