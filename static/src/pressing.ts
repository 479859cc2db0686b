const LONGEST = 2_000;
let pressed: Promise<void> = Promise.resolve();

/**
 * Wait until no pointer is down. What is drawn anew between the pressing and the letting go takes the click with it:
 * whoever pressed would have to press again. A pointer let go outside the window is not waited for for ever.
 */
export function released(): Promise<void> {
  return pressed;
}

addEventListener("pointerdown", () => {
  pressed = new Promise((done) => {
    // The click comes after the letting go, in the same task or the next.
    const up = (): void => void setTimeout(done);
    addEventListener("pointerup", up, { once: true, capture: true });
    addEventListener("pointercancel", up, { once: true, capture: true });
    setTimeout(done, LONGEST);
  });
}, { capture: true });
