/** Finds what a key or a command acts on, and acts: the last that is in sight, else one in a closed menu. */
export function reach(selector: string): HTMLElement | undefined {
  const found = [...document.querySelectorAll<HTMLElement>(selector)];
  return found.findLast((one) => one.checkVisibility()) ?? found.find((one) => one.closest("[popover]"));
}

/** Focus a field, press anything else. */
export function use(target: HTMLElement): void {
  if (target.matches("input, select, textarea")) target.focus();
  else target.click();
}
