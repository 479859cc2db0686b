const LONGEST = 10_000;
let text = "";
let stop = (): void => undefined;

/** Keep what is typed while the next part of the page is on its way: none of it is lost, and none of it presses a key. */
export function keepAhead(): void {
  typedAhead();
  const keep = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Backspace") text = text.slice(0, -1);
    else if (event.key.length === 1) text += event.key;
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  const giveUp = setTimeout(typedAhead, LONGEST);
  addEventListener("keydown", keep, true);
  stop = () => {
    clearTimeout(giveUp);
    removeEventListener("keydown", keep, true);
  };
}

/** Return what was typed since, once; from now on keys go where they always go. */
export function typedAhead(): string {
  stop();
  const typed = text;
  text = "";
  return typed;
}
