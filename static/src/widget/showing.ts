/** What was said: fetched as the desk draws it, put in its place, and told as seen. */
import { Pace } from "../pace";
import { about } from "./about";
import { came } from "./sounding";
import { body, bottom, desk, find, isAtEnd, log, place, room, shout, typing } from "./room";

export const fetching = new Pace(fetchNew, 250);

const older = find<HTMLButtonElement>(".older");
let cursor = "";
let seenUpto = 0;
let told = 0;
let goTo = 0;
let typingOver = 0;

/** Show this entry when it has come: a link leads to it. */
export function leadTo(pk: number): void {
  goTo = pk;
}

/** Who reads has changed: everything is asked for anew. */
export function anew(): void {
  cursor = "";
}

async function fetchNew(): Promise<void> {
  if (!desk.token) return;
  try {
    const answer = await desk.ask(`entries/?after=${encodeURIComponent(cursor)}`);
    if (answer.status !== 200) return;
    cursor = answer.headers.get("X-Cursor") ?? "";
    const isWhole = answer.headers.get("X-Whole") === "1";
    if (isWhole) older.hidden = answer.headers.get("X-More") !== "1";
    take(answer.text, isWhole);
  } catch {
    room.line.open();
  }
}

async function fetchOlder(): Promise<void> {
  const first = log.querySelector<HTMLElement>("article[data-pk]");
  if (!first) return;
  const answer = await desk.ask(`entries/?before=${first.dataset["pk"]}`);
  if (answer.status !== 200) return;
  const from = log.scrollHeight - log.scrollTop;
  older.hidden = answer.headers.get("X-More") !== "1";
  for (const article of parse(answer.text)) first.before(article);
  log.scrollTop = log.scrollHeight - from;
}

function parse(html: string): HTMLElement[] {
  const found = [...new DOMParser().parseFromString(html, "text/html").querySelectorAll("article")];
  return found.map((one) => localised(document.importNode(one, true)));
}

/** The desk does not know which time it is where the visitor is. */
function localised(article: HTMLElement): HTMLElement {
  for (const time of article.querySelectorAll("time")) {
    const at = new Date(time.dateTime);
    const isToday = at.toDateString() === new Date().toDateString();
    const day = isToday ? {} : ({ day: "numeric", month: "short" } as const);
    time.textContent = at.toLocaleString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", ...day });
  }
  for (const files of article.querySelectorAll<HTMLElement>("[data-lasts]"))
    files.dataset["until"] = String(performance.now() + 1_000 * Number(files.dataset["lasts"]));
  return article;
}

function take(html: string, isWhole: boolean): void {
  const wasAtEnd = isAtEnd();
  const articles = parse(html);
  if (isWhole) for (const old of log.querySelectorAll("article[data-pk]")) old.remove();
  const fresh = articles.filter(put);
  if (articles.length) body.classList.add("begun");
  if (fresh.some((article) => article.classList.contains("theirs"))) showTyping(0);
  const news = fresh.findLast((article) => article.classList.contains("theirs"));
  if (news && !isWhole) came(news.dataset["pk"] ?? "", looks());
  const wanted = goTo ? document.getElementById(`m-${goTo}`) : null;
  if (wanted) wanted.scrollIntoView({ block: "center" });
  else if (wasAtEnd || isWhole) bottom();
  goTo = 0;
  // Where nothing was said the news was of something else; what only changed (sent, seen) says nothing of that.
  if (fresh.length || isWhole || !articles.length) void about();
  void sight();
}

/** Take the place of the same entry, or of what was sent from here; return whether it was not shown before. */
function put(article: HTMLElement): boolean {
  const same = document.getElementById(article.id);
  const client = article.dataset["client"];
  const mine = client ? log.querySelector(`[data-client="${CSS.escape(client)}"]:not([data-pk])`) : null;
  // While the desk prepares a file, what the browser shows of it stays.
  const files = article.querySelector(".files:has(.waits)"), before = (same ?? mine)?.querySelector(".files");
  if (files && before) files.replaceWith(before);
  mine?.remove();
  if (same) same.replaceWith(article);
  else place(article);
  return !same;
}

function looks(): boolean {
  return room.isOpen && document.visibilityState === "visible";
}

/** What is shown to somebody who looks is read; everything else has only come. */
export async function sight(): Promise<void> {
  const theirs = [...log.querySelectorAll<HTMLElement>("article.theirs[data-pk]")];
  const last = Number(theirs.at(-1)?.dataset["pk"] ?? 0);
  const unseen = theirs.filter((one) => Number(one.dataset["pk"]) > seenUpto && one.dataset["state"] !== "read").length;
  shout("unread", { count: looks() ? 0 : unseen });
  if (!last || (looks() ? last <= seenUpto : told === last)) return;
  if (looks()) seenUpto = last;
  told = last;
  await desk.ask("sightings/", { upto: last, seen: looks(), page: room.page }).catch(() => undefined);
}

export function showTyping(ttl: number): void {
  clearTimeout(typingOver);
  typing.hidden = ttl === 0;
  if (ttl) typingOver = window.setTimeout(() => showTyping(0), ttl * 1_000);
  if (ttl && isAtEnd()) bottom();
}

export function markSeen(): void {
  for (const mine of log.querySelectorAll("article.mine[data-pk]")) mine.classList.add("seen");
}

older.addEventListener("click", () => void fetchOlder());
document.addEventListener("visibilitychange", () => void sight());
