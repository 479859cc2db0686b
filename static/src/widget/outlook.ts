/** What a visitor can count on: whether somebody is there, when, by when they are answered, and how many wait longer. */
import { showNotices, type Notice } from "./notices";
import { find, log, room, typing } from "./room";

export type Outlook = {
  hours: string; absence: string; answer: string; usual: string; notices: Notice[]; turns_in: number | null;
  wait?: string; place?: string; ahead?: number;
};

const PLACES_MAX = 8;
// Who has not written yet has no socket: how it is now is asked for while they look.
const LOOK_EVERY = 60_000;
const DAY = 86_400_000;
const wait = find(".wait");
let timer = 0;
let ask = (): void => undefined;
let isDue = false;

/** Which time it is where the visitor is, as the browser calls it. */
export function zone(): string {
  return encodeURIComponent(new Intl.DateTimeFormat().resolvedOptions().timeZone ?? "");
}

/** Show it, and ask again when it changes as planned; somebody without a token every minute. */
export function showOutlook(told: Outlook, isReachable: boolean, again: () => void): void {
  showNotices(told.notices);
  greet(told);
  const usual = find(".usual");
  if (!usual.dataset["agent"]) say(usual, told.usual || (usual.dataset["person"] ?? ""));
  showWait(told, isReachable);
  ask = again;
  // Everybody's page turns in the same moment: not all of them ask in it.
  const turn = told.turns_in === null ? Number.POSITIVE_INFINITY : told.turns_in * 1_000 + Math.random() * 2_000;
  later(Math.min(turn, told.wait === undefined ? LOOK_EVERY * (1 + Math.random() / 4) : DAY));
}

function later(wait: number): void {
  isDue = false;
  clearTimeout(timer);
  timer = window.setTimeout(look, wait);
}

/** Whoever does not look is not asked for; an answer that does not come is asked for again. */
function look(): void {
  isDue = !room.isOpen || document.visibilityState !== "visible";
  if (isDue) return;
  later(LOOK_EVERY);
  ask();
}

document.addEventListener("visibilitychange", () => isDue && look());

function greet(told: Outlook): void {
  const line = find(".greet .closed");
  const away = told.hours || told.absence;
  say(line, away ? `${away}. ${told.answer ? `${told.answer}.` : (line.dataset["later"] ?? "")}` : (line.dataset["open"] ?? ""));
}

function showWait(told: Outlook, isReachable: boolean): void {
  const [first, second] = words(told);
  say(wait.querySelector("b") as HTMLElement, first);
  say(wait.querySelector(".now span") as HTMLElement, second);
  wait.hidden = !first;
  const ahead = told.ahead ?? 0;
  const places = wait.querySelector<HTMLElement>(".places") as HTMLElement;
  places.hidden = !ahead || ahead >= PLACES_MAX;
  places.replaceChildren(...Array.from({ length: places.hidden ? 0 : ahead + 1 }, () => document.createElement("i")));
  (wait.querySelector(".else") as HTMLElement).hidden = !isReachable || !log.querySelector("article.mine");
  // Somebody who types into the form keeps it where it is.
  const reach = find(".reach");
  const isBusy = reach.contains(document.activeElement);
  (isBusy ? reach : typing).before(wait);
  if (!reach.hidden && !isBusy) typing.before(reach);
}

/** What matters most, and what belongs to it. */
function words(told: Outlook): [string, string] {
  const place = [told.wait, told.place].filter(Boolean) as string[];
  if (told.hours) return [told.hours, told.answer];
  if (told.absence) return [told.absence, place.join(" · ") || told.answer || told.usual];
  return [place[0] ?? "", place[1] ?? ""];
}

/** A status is read aloud when it is written: not the same again. */
function say(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
