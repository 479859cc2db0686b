/** What all parts of the frame share: the places of its page, who asks the desk, and what holds while it is open. */
import { Desk } from "./asking";
import type { Keep } from "./keeping";
import type { Line } from "./line";

export const body = document.body;

export function find<Kind extends HTMLElement>(selector: string): Kind {
  return document.querySelector<Kind>(selector) as Kind;
}

export const log = find("[role=log]");
export const typing = find(".typing");

const base = body.dataset["base"] ?? location.pathname;
export const desk = new Desk(base);
export const socketUrl = `${location.origin.replace("http", "ws")}/ws${base}`;
/** A page of its own: nothing stands above it. */
export const isAlone = parent === window;

/** Set by frame.ts before anything else runs; `keep` when the page above has said who it is. */
export const room = {
  keep: undefined as unknown as Keep,
  line: undefined as unknown as Line,
  page: {} as object,
  isOpen: false,
  /** Somebody has sent a message before it was known where we stand. */
  isPressed: false,
};

export function shout(say: string, more: object = {}): void {
  // Before the page above has said who it is, nothing is told but that we are here.
  if (!isAlone) parent.postMessage({ telaio: 1, say, ...more }, desk.site || "*");
}

/** grown: by how much the end has just moved. */
export function isAtEnd(grown = 0): boolean {
  return log.scrollHeight - log.scrollTop - log.clientHeight < 100 + grown;
}

export function bottom(): void {
  log.scrollTop = log.scrollHeight;
}

// What stands below the messages, whichever of it is first: nothing of it jumps when a message comes.
const BELOW = ":scope > :is(.wait, .taking, .undone, .ended, .typing, .reach)";

/** In the order of time; what is not sent yet stands last. */
export function place(article: HTMLElement): void {
  body.classList.add("begun");
  const at = Number(article.dataset["at"] ?? Number.POSITIVE_INFINITY);
  const after = [...log.querySelectorAll<HTMLElement>("article")].find((one) => Number(one.dataset["at"] ?? Number.POSITIVE_INFINITY) > at);
  (after ?? log.querySelector(BELOW) ?? typing).before(article);
}
