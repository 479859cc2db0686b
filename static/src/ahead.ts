const KEPT = "typed-ahead";
const LONGEST = 4_000;

/** Keep what is typed while the next page is on its way: none of it is lost, and none of it presses a key of this page. */
export function keepAhead(): void {
  let text = "";
  const keep = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Backspace") text = text.slice(0, -1);
    else if (event.key.length === 1) text += event.key;
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  const stop = (): void => removeEventListener("keydown", keep, true);
  addEventListener("keydown", keep, true);
  addEventListener("pagehide", () => {
    stop();
    if (text) sessionStorage.setItem(KEPT, text);
  }, { once: true });
  setTimeout(stop, LONGEST);
}

/** Return what was typed before this page was there, once. */
export function typedAhead(): string {
  const text = sessionStorage.getItem(KEPT) ?? "";
  sessionStorage.removeItem(KEPT);
  return text;
}
