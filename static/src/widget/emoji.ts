/** A few dozen signs to put between words: a grid that arrow keys walk, for those whose keyboard has none. */
import { find } from "./room";
import { box } from "./writing";

const panel = find("#emoji");
const button = find<HTMLButtonElement>(".smile");
const signs = [...panel.querySelectorAll<HTMLButtonElement>("button")];
let at = 0;

function show(isShown: boolean): void {
  panel.hidden = !isShown;
  button.setAttribute("aria-expanded", String(isShown));
  if (isShown) focus(at);
}

/** One of them is a stop of the tab key; the arrows do the rest. */
function focus(next: number): void {
  at = Math.min(signs.length - 1, Math.max(0, next));
  for (const [place, sign] of signs.entries()) sign.tabIndex = place === at ? 0 : -1;
  signs[at]?.focus();
}

/** The sign above or below: the nearest of the next row, whatever group that is in. */
function beside(step: -1 | 1): number {
  const here = signs[at]?.getBoundingClientRect();
  if (!here) return at;
  let best = at, nearest = Number.POSITIVE_INFINITY;
  for (const [place, sign] of signs.entries()) {
    const there = sign.getBoundingClientRect();
    const rows = (there.top - here.top) * step;
    const distance = rows * 100 + Math.abs(there.left - here.left);
    if (rows > 1 && distance < nearest) [best, nearest] = [place, distance];
  }
  return best;
}

function insert(sign: string): void {
  box.setRangeText(sign, box.selectionStart, box.selectionEnd, "end");
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

button.addEventListener("click", () => show(Boolean(panel.hidden)));
panel.addEventListener("click", (event) => {
  const sign = (event.target as Element).closest("button");
  if (!sign) return;
  at = signs.indexOf(sign);
  insert(sign.textContent ?? "");
  show(false);
  box.focus();
});
panel.addEventListener("keydown", (event) => {
  const forward = getComputedStyle(panel).direction === "rtl" ? -1 : 1;
  const moves: Record<string, () => number> = {
    ArrowRight: () => at + forward, ArrowLeft: () => at - forward, ArrowDown: () => beside(1), ArrowUp: () => beside(-1),
    Home: () => 0, End: () => signs.length - 1,
  };
  const move = moves[event.key];
  if (!move) return;
  event.preventDefault();
  focus(move());
});
// Escape closes what is on top: these signs first, the chat at the next press.
for (const part of [panel, button])
  part.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || panel.hidden) return;
    event.stopPropagation();
    show(false);
    button.focus();
  });
document.addEventListener("pointerdown", (event) => {
  if (!panel.hidden && !panel.contains(event.target as Node) && !button.contains(event.target as Node)) show(false);
});
document.addEventListener("focusin", (event) => {
  if (!panel.hidden && !panel.contains(event.target as Node) && event.target !== button) show(false);
});
