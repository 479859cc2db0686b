/** The workspace's time on this page. */
// As the page was loaded: how the server's clock differs from ours, and by how many seconds the workspace's was ahead.
const OFFSET = Number(document.body.dataset["now"] ?? Date.now()) - (performance.timeOrigin + performance.now());
const AHEAD = Number(document.body.dataset["ahead"] ?? 0);

/** In milliseconds. Whoever moves the workspace's clock moves it on pages that stand (clock_controller.ts). */
export function now(): number {
  const moved = (Number(document.body.dataset["ahead"] ?? 0) - AHEAD) * 1000;
  return performance.timeOrigin + performance.now() + OFFSET + moved;
}
