/** Files that came: a picture opens large, and an address that is over is asked for anew. */
import { release } from "./choosing";
import { bottom, find, isAtEnd, log } from "./room";
import { anew, fetching } from "./showing";

const ANEW_EVERY = 60_000;
const dialog = find<HTMLDialogElement>("dialog.large");
let askedAt = Number.NEGATIVE_INFINITY;

function open(link: HTMLAnchorElement): void {
  const picture = dialog.querySelector("img") as HTMLImageElement;
  const save = dialog.querySelector("a") as HTMLAnchorElement;
  picture.src = link.href;
  picture.alt = link.querySelector("img")?.alt ?? "";
  (dialog.querySelector("bdi") as HTMLElement).textContent = save.download = link.dataset["name"] ?? "";
  save.href = link.dataset["saved"] ?? link.href;
  dialog.dataset["of"] = link.dataset["file"] ?? "";
  dialog.showModal();
}

/** Addresses are good for an hour: what is shown is drawn anew, with new ones. */
function renew(): void {
  if (performance.now() - askedAt < ANEW_EVERY) return;
  askedAt = performance.now();
  anew();
  fetching.ask();
}

function isOver(link: Element): boolean {
  const until = Number(link.closest<HTMLElement>("[data-until]")?.dataset["until"] ?? Number.POSITIVE_INFINITY);
  return performance.now() > until;
}

log.addEventListener("click", (event) => {
  const link = (event.target as Element).closest<HTMLAnchorElement>("a[data-file]");
  if (!link) return;
  if (isOver(link)) {
    event.preventDefault();
    again(link);
  } else if (link.classList.contains("pic") && !(event.ctrlKey || event.metaKey || event.shiftKey)) {
    event.preventDefault();
    open(link);
  }
});

/** Press the same thing once it has a new address. */
function again(link: HTMLAnchorElement): void {
  const same = `a[data-file="${link.dataset["file"]}"]`;
  const seen = new MutationObserver(() => {
    const fresh = log.querySelector<HTMLAnchorElement>(same);
    if (!fresh || fresh === link) return;
    seen.disconnect();
    if (!isOver(fresh)) fresh.click();
  });
  seen.observe(log, { childList: true, subtree: true });
  setTimeout(() => seen.disconnect(), 15_000);
  renew();
}

// Errors of pictures and films do not bubble.
log.addEventListener("error", (event) => {
  const broken = event.target as Element;
  if (broken.closest("[data-until]") && isOver(broken)) renew();
}, true);
// Of some pictures the size is not known before they are here: whoever read the end goes on reading it.
log.addEventListener("load", (event) => isAtEnd((event.target as HTMLElement).offsetHeight) && bottom(), true);
dialog.addEventListener("click", (event) => {
  const target = event.target as Element;
  if (target === dialog || target.closest(".shut")) dialog.close();
});
// Escape closes the picture and not the chat.
dialog.addEventListener("keydown", (event) => event.key === "Escape" && event.stopPropagation());
dialog.addEventListener("close", () => {
  (dialog.querySelector("img") as HTMLImageElement).removeAttribute("src");
  // It may have been drawn anew meanwhile: the focus goes to what stands in its place.
  log.querySelector<HTMLElement>(`a.pic[data-file="${dialog.dataset["of"]}"]`)?.focus();
});
new MutationObserver((changes) => {
  for (const change of changes) for (const gone of change.removedNodes) if (gone instanceof Element && !gone.isConnected) release(gone);
}).observe(log, { childList: true });
