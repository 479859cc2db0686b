/** The page in the frame: what the page above tells it, and who is here. */
import "./emoji";
import "./files";
import "./frame.css";
import { beginHop } from "./hop";
import { about } from "./about";
import { Keep } from "./keeping";
import { Line } from "./line";
import "./looking";
import { offer } from "./proving";
import { body, bottom, desk, find, isAlone, log, place, room, shout, socketUrl } from "./room";
import { speak } from "./menu";
import { arrive, draw, flush } from "./sending";
import { anew, fetching, leadTo, markSeen, showTyping, sight } from "./showing";
import { box, form, grow, write } from "./writing";

type Told = { telaio?: number; do?: string; page?: object; text?: string; lang?: string; theme?: string; open?: boolean; full?: boolean; kept?: string; who?: object; forget?: boolean };

room.line = new Line(socketUrl, () => ({ token: desk.token, site: desk.site, page: room.page }), {
  hint: () => fetching.ask(),
  line: (isUp) => {
    find(".line.off").hidden = isUp;
    if (isUp) void flush();
  },
  eph: (what, ttl) => (what === "typing" ? showTyping(ttl) : what === "seen" ? markSeen() : undefined),
  // Everybody who has the widget open hears it in the same moment.
  nudge: () => setTimeout(() => void about(), Math.random() * 1_500),
});

addEventListener("message", (event: MessageEvent<Told>) => {
  if (isAlone || event.source !== parent || event.data?.telaio !== 1) return;
  if (desk.site && event.origin !== desk.site) return;
  const told = event.data;
  if (told.do === "hello") hello(event.origin, told);
  else if (!desk.site) return;
  else if (told.do === "open") opened(told.page);
  else if (told.do === "page") moved(told.page);
  else if (told.do === "full") body.classList.toggle("full", told.full);
  else if (told.do === "close") room.isOpen = false;
  else if (told.do === "prefill" && !box.value) write(String(told.text));
  else if (told.do === "theme") theme(told.theme);
  else if (told.do === "identify" && told.who) inOrder(() => identify(told.who as object));
  else if (told.do === "forget") forget();
  else if (told.do === "kept") {
    room.keep.renew(told.kept ?? "");
    changedElsewhere();
  }
  else if (told.do === "language" && told.lang) inOrder(() => speak(told.lang as string));
});

let before: Promise<unknown> = Promise.resolve();

/** What asks the desk waits for what asked before it: another language loads the page anew, and would end it. */
function inOrder(act: () => Promise<void>): void {
  before = before.then(act, act);
}

/** A page of its own: opened by a link, which says whose conversation it is; or opened again later. */
async function begin(site: string, link: string): Promise<void> {
  hello(site, { open: true });
  // The browser that it has let in opens its page again.
  if (link && !(room.keep.link === link && desk.token)) {
    const answer = await desk.ask("arrivals/", { link, language: document.documentElement.lang }).catch(() => null);
    if (answer?.status !== 201) return;
    const given = JSON.parse(answer.text) as { token: string; upto: number | null };
    desk.token = room.keep.token = given.token;
    room.keep.link = link;
    leadTo(given.upto ?? 0);
    room.line.open();
  }
}

function hello(site: string, told: Told): void {
  if (desk.site) return;
  desk.site = site;
  const keep = new Keep(`telaio:${body.dataset["key"]}:${site}:`, told.kept ?? "", (kept) => shout("keep", { kept }));
  room.keep = keep;
  if (told.forget) keep.forget();
  desk.token = keep.token;
  room.page = told.page ?? {};
  theme(told.theme);
  write([keep.draft, box.value].filter(Boolean).join("\n"));
  if (box.value) keep.draft = box.value;
  for (const message of keep.unsent) place(draw(message));
  keep.onChange(changedElsewhere);
  if (desk.token) room.line.open();
  else offer(false);
  if (told.open) opened(told.page);
  if (room.isPressed && box.value.trim()) form.requestSubmit();
}

/** The shop says who is signed in; a browser that is somebody else's begins anew. */
async function identify(who: object): Promise<void> {
  if (!desk.token && !(await arrive())) return;
  const answer = await desk.ask("identity/", who).catch(() => null);
  // For whoever writes the shop's page: nothing of it is seen, and why is said to nobody else.
  if (answer?.status === 403) console.warn("Telaio: identify() was refused. Look at the secret, the order of the values, and `expires`.");
  if (answer?.status === 409) {
    room.keep.forget();
    desk.token = "";
    for (const article of log.querySelectorAll("article")) article.remove();
    if (await arrive()) await desk.ask("identity/", who).catch(() => null);
  }
  anew();
  room.line.again();
}

/** Somebody has signed out: whoever sits here next sees nothing of it. */
function forget(): void {
  room.keep.forget();
  location.reload();
}

/** Another tab of this browser was given a token, or forgot it: both are one visitor. */
function changedElsewhere(): void {
  if (room.keep.token === desk.token) return;
  desk.token = room.keep.token;
  if (desk.token) room.line.open();
  else location.reload();
}

/** A page that goes elsewhere without being loaded anew. */
function moved(where?: object): void {
  room.page = where ?? room.page;
  if (desk.token) room.line.again();
}

function opened(where?: object): void {
  room.isOpen = true;
  room.page = where ?? room.page;
  box.focus();
  bottom();
  if (desk.token) {
    room.line.again();
    void sight();
  } else void about();
}

function theme(name?: string): void {
  if (name === "light" || name === "dark") document.documentElement.dataset["theme"] = name;
  else delete document.documentElement.dataset["theme"];
}

for (const button of document.querySelectorAll(".close, .back")) button.addEventListener("click", () => shout("close"));
addEventListener("keydown", (event) => event.key === "Escape" && shout("close"));
addEventListener("pagehide", () => room.line.close());
window.visualViewport?.addEventListener("resize", bottom);
document.documentElement.style.setProperty("--brand", body.dataset["accent"] || "#1f4d3a");
grow();
if (isAlone && body.dataset["hop"]) beginHop((isFresh) => hello(body.dataset["site"] ?? "", { open: true, forget: isFresh }));
else if (isAlone && body.dataset["site"]) void begin(body.dataset["site"], body.dataset["link"] ?? "");
shout("ready");
