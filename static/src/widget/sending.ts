/** What is said here: kept until the desk has it, in order, once; what fails stays and says why. */
import { newName } from "./asking";
import type { Unsent } from "./keeping";
import { body, bottom, desk, find, log, place, room, shout } from "./room";
import { fetching } from "./showing";
import { box, form, write } from "./writing";

const pending = find<HTMLTemplateElement>("#pending");
const sentAlready = new Set<string>();
let sending: Promise<void> | null = null;
let isAskedAgain = false;

/** Say something: it is shown at once, and leaves when it can. payload: of an answer that was pressed. */
export function send(text: string, payload = ""): void {
  if (!text.trim() || !desk.site) return;
  const message: Unsent = { id: newName(), text: text.trim(), at: Date.now(), ...(payload ? { payload } : {}) };
  room.keep.unsent = [...room.keep.unsent, message];
  place(draw(message));
  bottom();
  if (!payload) emptied();
  void flush();
}

/** What was being written has been said. */
function emptied(): void {
  write("");
  room.keep.draft = "";
  room.line.say({ type: "typing", is_over: true });
  box.focus();
}

export function draw(message: Unsent): HTMLElement {
  const article = pending.content.firstElementChild?.cloneNode(true) as HTMLElement;
  article.dataset["client"] = message.id;
  (article.querySelector(".words") as HTMLElement).textContent = message.text;
  const again = article.querySelector<HTMLElement>("[data-again]") as HTMLElement;
  again.dataset["again"] = message.id;
  if (message.failed) fail(article, Boolean(message.isLong));
  return article;
}

/** What cannot be sent stays, whole; what is too long is given back to be shortened. */
function fail(article: Element | null, isLong: boolean): void {
  article?.classList.add("failed");
  article?.querySelector(".why")?.toggleAttribute("hidden", isLong);
  article?.querySelector(".why-long")?.toggleAttribute("hidden", !isLong);
}

function retry(id: string): void {
  const { keep } = room;
  const long = keep.unsent.find((one) => one.id === id && one.isLong);
  if (long) {
    keep.unsent = keep.unsent.filter((one) => one.id !== id);
    shown(id)?.remove();
    write([long.text, box.value].filter(Boolean).join("\n\n"));
    keep.draft = box.value;
    return box.focus();
  }
  keep.unsent = keep.unsent.map((one) => (one.id === id ? { ...one, failed: false } : one));
  shown(id)?.classList.remove("failed");
  void flush();
}

function shown(id: string): Element | null {
  return log.querySelector(`[data-client="${CSS.escape(id)}"]`);
}

/** One after the other, in the order they were written; two tabs take turns. */
export function flush(): Promise<void> {
  if (!desk.site) return Promise.resolve();
  isAskedAgain = sending !== null;
  sending ??= sendAll();
  return sending;
}

async function sendAll(): Promise<void> {
  try {
    await inTurn(async () => {
      for (let message = next(); message; message = next()) if (!(await deliver(message))) return;
    });
  } catch {
    room.line.open();
  }
  sending = null;
  // Said in the very moment in which the last one was through.
  if (isAskedAgain && next()) await flush();
}

/** One tab at a time, where the browser lets a frame of another site ask for that; a message sent twice is one. */
async function inTurn(work: () => Promise<void>): Promise<void> {
  let isAsked = false;
  try {
    await navigator.locks.request(`telaio:${body.dataset["key"]}`, () => {
      isAsked = true;
      return work();
    });
  } catch (error) {
    if (isAsked) throw error;
    await work();
  }
}

function next(): Unsent | undefined {
  return room.keep.unsent.find((one) => !one.failed && !sentAlready.has(one.id));
}

async function deliver(message: Unsent): Promise<boolean> {
  const { keep } = room;
  if (!desk.token && !(await arrive())) return false;
  const answer = await desk.ask("messages/", { id: message.id, text: message.text, payload: message.payload, page: room.page });
  if (answer.status === 202) {
    sentAlready.add(message.id);
    keep.unsent = keep.unsent.filter((one) => one.id !== message.id);
    take();
    return true;
  }
  if (answer.status === 401) {
    // The desk does not know this browser any more: it begins anew, with what was written.
    desk.token = keep.token = "";
    return arrive();
  }
  if (answer.status === 503 || answer.status === 429) {
    setTimeout(() => void flush(), answer.status === 429 ? 20_000 : 5_000);
    return false;
  }
  keep.unsent = keep.unsent.map((one) => (one.id === message.id ? { ...one, failed: true, isLong: answer.status === 413 } : one));
  fail(shown(message.id), answer.status === 413);
  return true;
}

/** The desk has taken something: it is fetched as the desk draws it. */
export function take(): void {
  shout("known");
  room.line.open();
  room.line.again();
  fetching.ask(150);
}

let arriving: Promise<boolean> | null = null;

/** Be known to the desk: it gives this browser a token, one for all who ask for it at the same time. */
export function arrive(): Promise<boolean> {
  return (arriving ??= visit().finally(() => (arriving = null)));
}

async function visit(): Promise<boolean> {
  const answer = await desk.ask("visits/", { language: document.documentElement.lang, page: room.page });
  if (answer.status !== 201) return false;
  desk.token = room.keep.token = (JSON.parse(answer.text) as { token: string }).token;
  room.line.open();
  return true;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (!desk.site) room.isPressed = true;
  send(box.value);
});
log.addEventListener("click", (event) => {
  const again = (event.target as Element).closest<HTMLElement>("[data-again]");
  if (again) retry(again.dataset["again"] as string);
  const answer = (event.target as Element).closest<HTMLElement>("[data-payload]");
  if (!answer) return;
  send(answer.textContent ?? "", answer.dataset["payload"]);
  // It is gone with the others; a phone's keyboard need not come up.
  log.focus();
});
