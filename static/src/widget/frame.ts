/** The page in the frame: the conversation, what is being written, and what could not be sent yet. */
import "./frame.css";
import { Desk } from "./asking";
import { Keep, type Unsent } from "./keeping";
import { Line } from "./line";
import { Pace } from "../pace";

type Told = { telaio?: number; do?: string; page?: object; text?: string; lang?: string; theme?: string; open?: boolean; kept?: string; who?: object; forget?: boolean };

const body = document.body;
const log = document.querySelector<HTMLElement>("[role=log]") as HTMLElement;
const form = document.querySelector<HTMLFormElement>("form.say") as HTMLFormElement;
const box = form.querySelector("textarea") as HTMLTextAreaElement;
const status = document.querySelector<HTMLElement>(".line.off") as HTMLElement;
const typing = document.querySelector<HTMLElement>(".typing") as HTMLElement;
const older = document.querySelector<HTMLButtonElement>(".older") as HTMLButtonElement;
const reach = document.querySelector<HTMLFormElement>("form.reach") as HTMLFormElement;
const pending = document.querySelector<HTMLTemplateElement>("#pending") as HTMLTemplateElement;
const base = body.dataset["base"] ?? location.pathname;
const desk = new Desk(base);
const socketUrl = `${location.origin.replace("http", "ws")}/ws${base}`;
const isAlone = parent === window;

let keep: Keep;
let page: object = {};
let cursor = "";
let isOpen = false;
let sending = false;
let typedAt = 0;
let quiet = 0;
let seenUpto = 0;
let goTo = 0;
let isReached = false;
let isAsked = false;

const line = new Line(socketUrl, () => ({ token: desk.token, site: desk.site, page }), {
  hint: () => fetching.ask(),
  line: (isUp) => {
    status.hidden = isUp;
    if (isUp) void flush();
  },
  eph: (what, ttl) => (what === "typing" ? showTyping(ttl) : what === "seen" ? markSeen() : undefined),
});
const fetching = new Pace(fetchNew, 250);

function shout(say: string, more: object = {}): void {
  // Before the page above has said who it is, nothing is told but that we are here.
  if (!isAlone) parent.postMessage({ telaio: 1, say, ...more }, desk.site || "*");
}

addEventListener("message", (event: MessageEvent<Told>) => {
  if (isAlone || event.source !== parent || event.data?.telaio !== 1) return;
  if (desk.site && event.origin !== desk.site) return;
  const told = event.data;
  if (told.do === "hello") hello(event.origin, told);
  else if (!desk.site) return;
  else if (told.do === "open") opened(told.page);
  else if (told.do === "close") isOpen = false;
  else if (told.do === "prefill" && !box.value) write(String(told.text));
  else if (told.do === "theme") theme(told.theme);
  else if (told.do === "identify" && told.who) void identify(told.who);
  else if (told.do === "forget") forget();
  else if (told.do === "kept") {
    keep.renew(told.kept ?? "");
    changedElsewhere();
  }
  else if (told.do === "language" && told.lang) speak(told.lang);
});

/** A page of its own: opened by a link, which says whose conversation it is; or opened again later. */
async function begin(site: string, link: string): Promise<void> {
  hello(site, { open: true });
  if (link) {
    const answer = await desk.ask("arrivals/", { link, language: document.documentElement.lang }).catch(() => null);
    if (answer?.status !== 201) return;
    const given = JSON.parse(answer.text) as { token: string; upto: number | null };
    desk.token = keep.token = given.token;
    goTo = given.upto ?? 0;
    line.open();
  }
}

function hello(site: string, told: Told): void {
  if (desk.site) return;
  desk.site = site;
  keep = new Keep(`telaio:${body.dataset["key"]}:${site}:`, told.kept ?? "", (kept) => shout("keep", { kept }));
  if (told.forget) keep.forget();
  desk.token = keep.token;
  page = told.page ?? {};
  theme(told.theme);
  write(keep.draft);
  for (const message of keep.unsent) place(draw(message));
  keep.onChange(changedElsewhere);
  if (desk.token) line.open();
  if (told.open) opened(told.page);
}

/** The shop says who is signed in; a browser that is somebody else's begins anew. */
async function identify(who: object): Promise<void> {
  if (!desk.token && !(await arrive())) return;
  const answer = await desk.ask("identity/", who).catch(() => null);
  if (answer?.status === 409) {
    keep.forget();
    desk.token = "";
    for (const article of log.querySelectorAll("article")) article.remove();
    if (await arrive()) await desk.ask("identity/", who).catch(() => null);
  }
  cursor = "";
  line.again();
}

/** Somebody has signed out: whoever sits here next sees nothing of it. */
function forget(): void {
  keep.forget();
  location.reload();
}

/** Another tab of this browser was given a token, or forgot it: both are one visitor. */
function changedElsewhere(): void {
  if (keep.token === desk.token) return;
  desk.token = keep.token;
  if (desk.token) line.open();
  else location.reload();
}

function opened(where?: object): void {
  isOpen = true;
  page = where ?? page;
  box.focus();
  bottom();
  if (desk.token) {
    line.again();
    void sight();
  }
}

function theme(name?: string): void {
  if (name === "light" || name === "dark") document.documentElement.dataset["theme"] = name;
  else delete document.documentElement.dataset["theme"];
}

async function speak(lang: string): Promise<void> {
  if (desk.token) await desk.ask("language/", { language: lang });
  const url = new URL(location.href);
  url.searchParams.set("lang", lang.slice(0, 8));
  location.replace(url);
}

function write(text: string): void {
  box.value = text;
  grow();
}

function grow(): void {
  box.style.blockSize = "auto";
  box.style.blockSize = `${Math.min(box.scrollHeight, 160)}px`;
  form.classList.toggle("empty", !box.value.trim());
}

box.addEventListener("input", () => {
  keep.draft = box.value;
  grow();
  if (Date.now() - typedAt > 3_000) {
    typedAt = Date.now();
    line.say({ type: "typing" });
  }
});
box.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    form.requestSubmit();
  }
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  send(box.value);
});
log.addEventListener("click", (event) => {
  const pressed = event.target as Element;
  const again = pressed.closest<HTMLElement>("[data-again]");
  if (again) retry(again.dataset["again"] as string);
});
document.querySelector(".close")?.addEventListener("click", () => shout("close"));
addEventListener("keydown", (event) => event.key === "Escape" && shout("close"));
older.addEventListener("click", () => void fetchOlder());
document.addEventListener("visibilitychange", () => void sight());
addEventListener("pagehide", () => line.close());
window.visualViewport?.addEventListener("resize", bottom);

function send(text: string): void {
  if (!text.trim() || !desk.site) return;
  const message: Unsent = { id: crypto.randomUUID(), text: text.trim(), at: Date.now() };
  keep.unsent = [...keep.unsent, message];
  write("");
  keep.draft = "";
  line.say({ type: "typing", is_over: true });
  place(draw(message));
  bottom();
  box.focus();
  void flush();
}

function draw(message: Unsent): HTMLElement {
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
  const long = keep.unsent.find((one) => one.id === id && one.isLong);
  if (long) {
    keep.unsent = keep.unsent.filter((one) => one.id !== id);
    log.querySelector(`[data-client="${CSS.escape(id)}"]`)?.remove();
    write([long.text, box.value].filter(Boolean).join("\n\n"));
    keep.draft = box.value;
    return box.focus();
  }
  keep.unsent = keep.unsent.map((one) => (one.id === id ? { ...one, failed: false } : one));
  log.querySelector(`[data-client="${CSS.escape(id)}"]`)?.classList.remove("failed");
  void flush();
}

/** One after the other, in the order they were written; two tabs take turns. */
async function flush(): Promise<void> {
  if (sending || !desk.site) return;
  sending = true;
  try {
    const work = async (): Promise<void> => {
      for (let message = next(); message; message = next()) if (!(await deliver(message))) return;
    };
    await inTurn(work);
  } catch {
    line.open();
  } finally {
    sending = false;
  }
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
  return keep.unsent.find((one) => !one.failed && !sentAlready.has(one.id));
}

const sentAlready = new Set<string>();

async function deliver(message: Unsent): Promise<boolean> {
  if (!desk.token && !(await arrive())) return false;
  const answer = await desk.ask("messages/", { id: message.id, text: message.text, page });
  if (answer.status === 202) {
    sentAlready.add(message.id);
    keep.unsent = keep.unsent.filter((one) => one.id !== message.id);
    shout("known");
    line.open();
    line.again();
    fetching.ask(150);
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
  fail(log.querySelector(`[data-client="${CSS.escape(message.id)}"]`), answer.status === 413);
  return true;
}

async function arrive(): Promise<boolean> {
  const answer = await desk.ask("visits/", { language: document.documentElement.lang, page });
  if (answer.status !== 201) return false;
  desk.token = keep.token = (JSON.parse(answer.text) as { token: string }).token;
  line.open();
  return true;
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
    line.open();
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
    time.textContent = at.toLocaleString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", ...day });
  }
  return article;
}

function take(html: string, isWhole: boolean): void {
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 100;
  const articles = parse(html);
  if (isWhole) for (const old of log.querySelectorAll("article[data-pk]")) old.remove();
  let isNew = false;
  for (const article of articles) {
    const same = document.getElementById(article.id);
    const ours = article.dataset["client"] ? log.querySelector(`[data-client="${CSS.escape(article.dataset["client"])}"]:not([data-pk])`) : null;
    ours?.remove();
    if (same) same.replaceWith(article);
    else place(article);
    isNew ||= !same && article.classList.contains("theirs");
  }
  if (articles.length) body.classList.add("begun");
  if (isNew) showTyping(0);
  const wanted = goTo ? document.getElementById(`m-${goTo}`) : null;
  if (wanted) wanted.scrollIntoView({ block: "center" });
  else if (atEnd || isWhole) bottom();
  goTo = 0;
  void about();
  void sight();
}

/** In the order of time; what is not sent yet stands last. */
function place(article: HTMLElement): void {
  body.classList.add("begun");
  const at = Number(article.dataset["at"] ?? Number.POSITIVE_INFINITY);
  const after = [...log.querySelectorAll<HTMLElement>("article")].find((one) => Number(one.dataset["at"] ?? Number.POSITIVE_INFINITY) > at);
  after ? after.before(article) : typing.before(article);
}

/** Who answers, and where an answer reaches whoever leaves; asked for when something was said. */
async function about(): Promise<void> {
  const answer = await desk.ask("state/").catch(() => null);
  if (answer?.status !== 200) return;
  const told = JSON.parse(answer.text) as { address: string; agent: { name: string; initials: string } | null; wait: string; hours: string };
  isReached = Boolean(told.address);
  if (told.agent) name(told.agent);
  const wait = log.querySelector<HTMLElement>(".wait") as HTMLElement;
  const words = told.hours || told.wait;
  (wait.querySelector("span") as HTMLElement).textContent = words;
  wait.hidden = !words;
  typing.before(wait);
  if (isReached) reached(told.address);
  else if (!isAsked && log.querySelector("article.mine[data-pk]")) {
    isAsked = true;
    reach.hidden = false;
    typing.before(reach);
    bottom();
  }
}

function name(agent: { name: string; initials: string }): void {
  const face = document.querySelector<HTMLElement>(".head .av") as HTMLElement;
  const usual = document.querySelector<HTMLElement>(".usual") as HTMLElement;
  const words = (usual.dataset["named"] ?? "").replace("{name}", agent.name);
  face.textContent = agent.initials;
  face.hidden = false;
  // Said once, not with every message.
  if (usual.textContent !== words) usual.textContent = words;
}

function reached(address: string): void {
  const line = document.querySelector<HTMLElement>(".keep") as HTMLElement;
  line.textContent = (line.dataset["reached"] ?? "").replace("{address}", address);
  reach.hidden = true;
}

reach.addEventListener("submit", (event) => {
  event.preventDefault();
  void keepAddress();
});
reach.querySelector(".not-now")?.addEventListener("click", () => {
  reach.hidden = true;
  box.focus();
});

async function keepAddress(): Promise<void> {
  const field = reach.querySelector("input") as HTMLInputElement;
  const wrong = reach.querySelector<HTMLElement>(".wrong") as HTMLElement;
  const answer = await desk.ask("addresses/", { address: field.value.trim() }).catch(() => null);
  const isKept = answer?.status === 200;
  wrong.hidden = isKept;
  field.setAttribute("aria-invalid", String(!isKept));
  if (!isKept) return field.focus();
  reached((JSON.parse(answer.text) as { address: string }).address);
  box.focus();
}

function bottom(): void {
  log.scrollTop = log.scrollHeight;
}

/** What is shown to somebody who looks is read; everything else has only come. */
async function sight(): Promise<void> {
  const theirs = [...log.querySelectorAll<HTMLElement>("article.theirs[data-pk]")];
  const last = Number(theirs.at(-1)?.dataset["pk"] ?? 0);
  const looks = isOpen && document.visibilityState === "visible";
  const unseen = theirs.filter((one) => Number(one.dataset["pk"]) > seenUpto && one.dataset["state"] !== "read").length;
  shout("unread", { count: looks ? 0 : unseen });
  if (!last || (looks ? last <= seenUpto : quiet === last)) return;
  if (looks) seenUpto = last;
  quiet = last;
  await desk.ask("sightings/", { upto: last, seen: looks, page }).catch(() => undefined);
}

let typingOver = 0;
function showTyping(ttl: number): void {
  clearTimeout(typingOver);
  typing.hidden = ttl === 0;
  if (ttl) typingOver = window.setTimeout(() => showTyping(0), ttl * 1_000);
  if (ttl && log.scrollHeight - log.scrollTop - log.clientHeight < 100) bottom();
}

function markSeen(): void {
  for (const mine of log.querySelectorAll("article.mine[data-pk]")) mine.classList.add("seen");
}

document.documentElement.style.setProperty("--brand", body.dataset["accent"] || "#1f4d3a");
grow();
if (isAlone && body.dataset["site"]) void begin(body.dataset["site"], body.dataset["link"] ?? "");
shout("ready");
