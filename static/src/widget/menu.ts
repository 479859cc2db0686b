/** The menu of the head: sound, language, and what somebody wants who leaves. */
import { deleting } from "./deleting";
import { copying, endIt } from "./ending";
import { body, desk, find, log, room, shout } from "./room";

const more = find<HTMLButtonElement>(".more");
const menu = find("#menu");
const sound = find<HTMLButtonElement>("#menu [data-do=sound]");

const ACTS: Record<string, (pressed: HTMLElement) => void> = {
  sound: () => {
    room.keep.quiet = !room.keep.quiet;
    showSound();
  },
  language: (pressed) => void speak(pressed.lang, true),
  copy: () => copying(),
  end: () => void endIt(),
  delete: () => deleting(),
};

/** Speak another language from now on; what was typed is kept. isChosen: by whoever reads, so it holds on other pages, too. */
export async function speak(lang: string, isChosen = false): Promise<void> {
  if (isChosen) shout("language", { lang });
  if (desk.token) await desk.ask("language/", { language: lang }).catch(() => undefined);
  const url = new URL(location.href);
  url.searchParams.set("lang", lang.slice(0, 8));
  location.replace(url);
}

function items(): HTMLButtonElement[] {
  return [...menu.querySelectorAll<HTMLButtonElement>("button")].filter((one) => !one.hidden);
}

function show(isOpen: boolean): void {
  menu.hidden = !isOpen;
  more.setAttribute("aria-expanded", String(isOpen));
  if (!isOpen) return;
  const isBegun = Boolean(log.querySelector("article[data-pk]"));
  for (const name of ["copy", "end"]) find(`#menu [data-do=${name}]`).hidden = !isBegun || (name === "end" && body.classList.contains("over"));
  find("#menu [data-do=delete]").hidden = !desk.token;
  showSound();
  items()[0]?.focus();
}

function showSound(): void {
  sound.setAttribute("aria-pressed", String(!room.keep.quiet));
}

function move(event: KeyboardEvent): void {
  const all = items();
  const at = all.indexOf(document.activeElement as HTMLButtonElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
  if (event.key === "Escape") {
    // The chat itself stays open.
    event.stopPropagation();
    show(false);
    more.focus();
  } else if (to !== undefined) {
    event.preventDefault();
    all.at(to % all.length)?.focus();
  }
}

more.addEventListener("click", () => show(Boolean(menu.hidden)));
more.addEventListener("keydown", (event) => {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  event.preventDefault();
  show(true);
});
menu.addEventListener("keydown", move);
menu.addEventListener("click", (event) => {
  const pressed = (event.target as Element).closest<HTMLElement>("[data-do]");
  if (!pressed || !room.keep) return;
  const act = pressed.dataset["do"] as string;
  if (act !== "sound") {
    show(false);
    more.focus();
  }
  ACTS[act]?.(pressed);
});
// Whoever goes on elsewhere has no use for it.
menu.addEventListener("focusout", (event) => {
  if (event.relatedTarget && !menu.contains(event.relatedTarget as Node) && event.relatedTarget !== more) show(false);
});
addEventListener("pointerdown", (event) => {
  if (!menu.hidden && !menu.contains(event.target as Node) && !more.contains(event.target as Node)) show(false);
});
