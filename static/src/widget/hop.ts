/** The page on which somebody begins whom an agent asked over: looking uses nothing up, the button does, once. */
import { Keep } from "./keeping";
import { body, desk, find, room } from "./room";
import { box, grow } from "./writing";

/** come: lets the chat begin, as a browser that nobody knows or as the one that it is. */
export function beginHop(come: (isFresh: boolean) => void): void {
  const link = body.dataset["link"] ?? "";
  const kept = new Keep(`telaio:${body.dataset["key"]}:${body.dataset["site"]}:`, "", () => undefined);
  if (kept.link === link && kept.token) {
    // This is the browser that has begun: the page was opened again.
    for (const one of document.querySelectorAll(".line.over, .begin")) one.remove();
    return come(false);
  }
  if (body.dataset["hop"] !== "good") return come(false);
  body.classList.add("before");
  const start = find<HTMLButtonElement>(".begin .start");
  start.focus();
  start.addEventListener("click", () => void begin(link, start, come));
}

async function begin(link: string, start: HTMLButtonElement, come: (isFresh: boolean) => void): Promise<void> {
  start.disabled = true;
  // What was kept here belongs to another chat: nothing of it is sent or shown in this one.
  if (!desk.site) come(true);
  const answer = await desk.ask("arrivals/", { link, language: document.documentElement.lang }).catch(() => null);
  if (answer?.status === 201) {
    desk.token = room.keep.token = (JSON.parse(answer.text) as { token: string }).token;
    room.keep.link = link;
    find(".begin").remove();
    body.classList.remove("before");
    // It had no height while it was not shown.
    grow();
    room.line.open();
    return box.focus();
  }
  // Somebody was faster, or it took too long: the page says which.
  if (answer?.status === 410) return location.reload();
  find(".begin .wrong").hidden = false;
  start.disabled = false;
  start.focus();
}
