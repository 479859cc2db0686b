/** What is asked in front of the chat: a dialog that Escape closes, without the chat around it. */
export function sheet(id: string): HTMLDialogElement {
  const found = document.getElementById(id) as HTMLDialogElement;
  found.addEventListener("keydown", (event) => event.key === "Escape" && event.stopPropagation());
  for (const button of found.querySelectorAll(".shut")) button.addEventListener("click", () => found.close());
  return found;
}

/** Say what went wrong, in the words that the page has for it; '' says nothing. */
export function complain(place: HTMLElement, code: string): void {
  place.textContent = code ? (place.dataset[code] ?? place.dataset["line"] ?? "") : "";
  place.hidden = !code;
}
