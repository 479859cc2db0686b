/**
 * The one line on a shop's page: draws the button, and the frame once somebody wants it.
 * Before that: no request, no cookie, nothing of the page moves, one name in it (`Telaio`).
 * Styles are a constructed sheet in a shadow root, so a strict Content-Security-Policy has nothing to refuse.
 */
type Call = [string, ...unknown[]];
type Look = { lang?: string; theme?: string };

const script = document.currentScript as HTMLScriptElement;
const desk = new URL(script.src).origin;
const set = script.dataset;
const key = set["key"] ?? "";
const told = `telaio:${key}`;
const kept = `${told}:kept`;
// Filled in by the server with its catalogues (views/framing.py): language → its words, in the order of Words.
type Words = [label: string, news: string, dead: string, again: string, shut: string, contact: string, mail: string, phone: string];
const WORDS = JSON.parse("__WORDS__") as Record<string, Words>;
// A desk that says nothing for so long is not there; one whose page has come speaks at once.
const SILENT_MS = 12_000;
const SPEAKS_MS = 2_500;
const CSS = `:host{all:initial}button{all:unset;box-sizing:border-box;position:fixed;inset-block-end:20px;inset-inline-end:20px;z-index:2147483000;display:flex;gap:8px;align-items:center;min-block-size:48px;max-inline-size:calc(100vw - 40px);padding-inline:16px 20px;border-radius:24px;background:var(--a);color:#fff;font:600 16px/24px system-ui,sans-serif;cursor:pointer;box-shadow:0 4px 16px #0003}button:focus-visible{outline:2px solid #fff;outline-offset:-4px;box-shadow:0 0 0 4px var(--a)}:host([data-corner=start]) :is(button,iframe,div){inset-inline:20px auto}svg{inline-size:20px;block-size:20px;fill:none;stroke:currentColor;stroke-width:1.75;stroke-linecap:round;stroke-linejoin:round;flex:none}b{position:absolute;inset-block-start:-6px;inset-inline-end:-2px;min-inline-size:20px;padding-inline:5px;box-sizing:border-box;border-radius:10px;background:#b3261e;color:#fff;font:600 12px/20px system-ui,sans-serif;text-align:center}div{position:fixed;inset-block-end:20px;inset-inline-end:20px;z-index:2147483001;box-sizing:border-box;inline-size:min(380px,calc(100vw - 40px));display:grid;gap:12px;padding:20px;border-radius:16px;background:Canvas;color:CanvasText;color-scheme:light dark;box-shadow:0 8px 40px #0004;font:16px/24px system-ui,sans-serif}div :is(a,button){all:unset;box-sizing:border-box;min-block-size:44px;padding:10px 16px;border:1px solid;border-radius:8px;font-weight:600;text-align:center;cursor:pointer;overflow-wrap:anywhere}div :is(a,button):focus-visible{outline:2px solid;outline-offset:2px}:host([data-theme=dark]) :is(div,iframe){color-scheme:dark}:host([data-theme=light]) :is(div,iframe){color-scheme:light}iframe{position:fixed;inset-block-end:20px;inset-inline-end:20px;z-index:2147483001;inline-size:380px;block-size:min(640px,calc(100vh - 40px));block-size:min(640px,calc(100dvh - 40px));border:0;border-radius:16px;box-shadow:0 8px 40px #0004;background:Canvas;color-scheme:light dark}[hidden]{display:none!important}@media(forced-colors:active){button,iframe,div{border:1px solid}}@media(max-width:479px){iframe{inset:var(--t,0) 0 auto!important;inline-size:100%;block-size:var(--h,100%);border-radius:0}}@media print{:host{display:none}}`;

let host: HTMLElement | null = null;
let button: HTMLButtonElement;
let badge: HTMLElement;
let frame: HTMLIFrameElement | null = null;
let panel: HTMLElement | null = null;
let silent = 0;
let moving = 0;
let ready = false;
let look: Look = { lang: recall(`${told}:lang`) || set["lang"] || document.documentElement.lang || navigator.language, theme: set["theme"] };
let waiting: Record<string, unknown>[] = [];
let count = 0;
let heard: ((count: number) => void)[] = [];
// What stands before the page's own title while nobody looks at it.
let mark = "";
const small = matchMedia("(max-width:479px)");
let scrolls: string | null = null;
let isLeaving = false;

/** A page may be allowed to keep nothing; then everything is as on the first day. */
function recall(name: string): string {
  try {
    return localStorage.getItem(name) ?? "";
  } catch {
    return "";
  }
}

function remember(name: string, value: string): void {
  try {
    if (value) localStorage.setItem(name, value);
    else localStorage.removeItem(name);
  } catch {
    // As above.
  }
}

function words(): Words {
  return WORDS[(look.lang ?? "").slice(0, 2).toLowerCase()] ?? (WORDS["en"] as Words);
}

function hidden(): boolean {
  return set["launcher"] === "none" || (set["hide"] ?? "").split(" ").some((path) => path && location.pathname.startsWith(path));
}

function draw(): void {
  if (host) return;
  host = document.createElement("telaio-chat");
  host.dataset["corner"] = set["corner"] ?? "end";
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(CSS);
  root.adoptedStyleSheets = [sheet];
  host.style.setProperty("--a", /^#[0-9a-f]{6}$/i.test(set["accent"] ?? "") ? (set["accent"] as string) : "#1f4d3a");
  button = document.createElement("button");
  button.type = "button";
  button.setAttribute("aria-expanded", "false");
  button.addEventListener("click", () => open());
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(svg.namespaceURI, "path");
  path.setAttribute("d", "M4.5 3.75h11a1.75 1.75 0 0 1 1.75 1.75v6.75A1.75 1.75 0 0 1 15.5 14H9.25l-3.5 2.75V14H4.5a1.75 1.75 0 0 1-1.75-1.75V5.5A1.75 1.75 0 0 1 4.5 3.75z");
  svg.append(path);
  badge = document.createElement("b");
  badge.hidden = true;
  button.append(svg, document.createElement("span"), badge);
  root.append(button);
  document.body.append(host);
  say();
}

function say(): void {
  const [label, news] = words();
  const text = set["label"] || label;
  (button.children[1] as HTMLElement).textContent = text;
  button.setAttribute("aria-label", count ? `${text}, ${news.replace("%", String(count))}` : text);
  badge.textContent = count > 9 ? "9+" : String(count);
  badge.hidden = !count;
  button.hidden = hidden() || Boolean(panel || (frame && !frame.hidden));
  title();
  for (const hear of heard) hear(count);
}

/** Only what we put there is ever taken away: the page may give itself another title meanwhile. */
function title(): void {
  const place = document.querySelector("head>title");
  if (!place || set["title"] === "none") return;
  const text = place.textContent ?? "";
  const own = mark && text.startsWith(mark) ? text.slice(mark.length) : text;
  mark = document.hidden && count ? `(${count}) ` : "";
  if (text !== mark + own) place.textContent = mark + own;
}

/** On a phone the chat is all there is: the page behind stays where it is, and the keyboard covers nothing. */
function fit(): void {
  const isFull = small.matches && Boolean(frame && !frame.hidden);
  const page = document.documentElement.style;
  if (isFull && scrolls === null) {
    scrolls = page.overflow;
    page.overflow = "hidden";
  } else if (!isFull && scrolls !== null) {
    page.overflow = scrolls;
    scrolls = null;
  }
  // Whoever has enlarged the page wants to see it large.
  const seen = isFull && visualViewport?.scale === 1 ? visualViewport : null;
  for (const [name, value] of [["--h", seen?.height], ["--t", seen?.offsetTop]] as const) {
    if (value === undefined) host?.style.removeProperty(name);
    else host?.style.setProperty(name, `${value}px`);
  }
  if (frame) tell({ do: "full", full: isFull });
}

function load(isHidden: boolean): void {
  if (frame) return;
  draw();
  frame = document.createElement("iframe");
  frame.title = "Chat";
  frame.allow = "autoplay; clipboard-write; microphone; camera";
  frame.hidden = isHidden;
  const lang = encodeURIComponent((look.lang ?? "").slice(0, 8));
  // How far the clock is ahead, not the zone's name: to ask for that for the first time takes a twentieth of a second of a slow phone.
  frame.src = `${desk}/widget/${encodeURIComponent(key)}/?lang=${lang}&ahead=${-new Date().getTimezoneOffset()}`;
  frame.addEventListener("load", () => awaitWord(SPEAKS_MS));
  awaitWord(SILENT_MS);
  (host as HTMLElement).shadowRoot?.append(frame);
}

function awaitWord(most: number): void {
  clearTimeout(silent);
  if (!ready) silent = window.setTimeout(giveUp, most);
}

/** The desk does not answer: say so, and name the other ways that the page knows. Nothing that was to be told is lost. */
function giveUp(): void {
  const wanted = frame && !frame.hidden;
  frame?.remove();
  frame = null;
  fit();
  if (!wanted) return;
  const [, , dead, again, shut, contact, mail, phone] = words();
  panel = document.createElement("div");
  panel.setAttribute("role", "alertdialog");
  panel.setAttribute("aria-label", dead);
  const text = document.createElement("span");
  text.textContent = dead;
  panel.append(text, choice(again, () => (clear(), open())));
  const ways: [string, string, string][] = [["contact", contact, ""], ["mail", mail, "mailto:"], ["phone", phone, "tel:"]];
  for (const [name, word, before] of ways) {
    const way = set[name];
    if (!way || (!before && !/^https?:$/.test(new URL(way, location.href).protocol))) continue;
    const link = document.createElement("a");
    link.href = before + way;
    link.textContent = before ? `${word} ${way}` : word;
    panel.append(link);
  }
  panel.append(choice(shut, dismiss));
  panel.addEventListener("keydown", (event) => event.key === "Escape" && dismiss());
  (host as HTMLElement).shadowRoot?.append(panel);
  (panel.children[1] as HTMLElement).focus();
}

function choice(word: string, act: () => void): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = word;
  made.addEventListener("click", act);
  return made;
}

function clear(): void {
  panel?.remove();
  panel = null;
  button.setAttribute("aria-expanded", "false");
  say();
}

function dismiss(): void {
  clear();
  button.focus();
  leave();
}

/** Take our step of the history back. */
function leave(): void {
  isLeaving = Boolean(history.state?.telaio);
  if (isLeaving) history.back();
}

function tell(message: Record<string, unknown>): void {
  if (ready) frame?.contentWindow?.postMessage({ telaio: 1, ...message }, desk);
  else waiting.push(message);
}

function page(): Record<string, unknown> {
  const product = document.querySelector<HTMLElement>("[data-telaio-product]")?.dataset;
  return {
    url: location.href.slice(0, 2_000),
    title: document.title.slice(0, 200),
    topic: document.querySelector<HTMLElement>("[data-telaio-topic]")?.dataset["telaioTopic"],
    product: product ? { id: product["telaioProduct"], name: product["telaioName"], price: product["telaioPrice"], url: product["telaioUrl"] } : undefined,
  };
}

function open(): void {
  if (panel) return;
  load(false);
  if (!frame) return;
  frame.hidden = false;
  button.setAttribute("aria-expanded", "true");
  say();
  if (small.matches && !history.state?.telaio) history.pushState({ ...history.state, telaio: 1 }, "");
  tell({ do: "open", page: page() });
  fit();
  frame.focus();
}

function close(): void {
  if (!frame || frame.hidden) return;
  frame.hidden = true;
  button.setAttribute("aria-expanded", "false");
  tell({ do: "close" });
  fit();
  say();
  button.focus();
  leave();
}

const acts: Record<string, (...given: never[]) => void> = {
  boot: () => begin(),
  open,
  close,
  identify: (who: unknown) => tell({ do: "identify", who }),
  // Articles come with the help centre; until then there is one thing to show.
  show: open,
  prefill: (text: unknown) => (open(), tell({ do: "prefill", text: String(text) })),
  setLanguage: (lang: string) => (choose(lang, ""), frame && tell({ do: "language", lang })),
  setTheme: (theme: string) => ((look = { ...look, theme }), tell({ do: "theme", theme })),
  onUnread: (hear: (count: number) => void) => heard.push(hear),
  shutdown: () => {
    // The frame keeps its own: it is told now if it is there, and the next time it comes in any case.
    tell({ do: "forget" });
    remember(`${told}:forget`, "1");
    remember(kept, "");
    close();
    host?.remove();
    clearTimeout(silent);
    host = frame = panel = null;
    ready = false;
    waiting = [];
    heard = [];
    count = 0;
    title();
    remember(told, "");
  },
};

/** What the visitor chose in the chat holds on the next page, too; what the page says takes its place. */
function choose(lang: string, isKept: string): void {
  look = { ...look, lang };
  remember(`${told}:lang`, isKept);
  if (host) say();
}

addEventListener("message", (event: MessageEvent) => {
  if (event.origin !== desk || !frame || event.source !== frame.contentWindow || event.data?.telaio !== 1) return;
  const said = event.data as { say: string; count?: number; kept?: string; lang?: string };
  if (said.say === "ready") {
    ready = true;
    clearTimeout(silent);
    tell({ do: "hello", page: page(), theme: look.theme, open: !frame.hidden, kept: recall(kept), forget: Boolean(recall(`${told}:forget`)) });
    remember(`${told}:forget`, "");
    fit();
    for (const message of waiting.splice(0)) tell(message);
  } else if (said.say === "close") close();
  else if (said.say === "unread") {
    count = Number(said.count) || 0;
    say();
  } else if (said.say === "keep") remember(kept, String(said.kept));
  else if (said.say === "language") choose(String(said.lang), String(said.lang));
  else if (said.say === "forgotten") for (const name of [told, kept, `${told}:lang`]) remember(name, "");
  // Somebody has written: next time the frame may be asked what is new before they press anything.
  else if (said.say === "known") remember(told, "1");
});
addEventListener("storage", (event) => {
  if (!ready) return;
  if (event.key === kept) tell({ do: "kept", kept: event.newValue ?? "" });
  // Somebody has signed out in another tab.
  else if (event.key === `${told}:forget` && event.newValue) tell({ do: "forget" });
});
// Ours come and go on one address: the page's own router must not take them for a way to another place. Capturing, this is
// asked before whatever the page has put there.
addEventListener("popstate", (event) => {
  const isOurs = isLeaving || Boolean(small.matches && (panel || (frame && !frame.hidden)) && !history.state?.telaio);
  isLeaving = false;
  if (!isOurs) return;
  event.stopImmediatePropagation();
  if (panel) dismiss();
  else close();
}, true);
document.addEventListener("visibilitychange", title);
// A shop of one page goes from place to place without loading; its title follows a moment later.
(window as unknown as { navigation?: EventTarget }).navigation?.addEventListener("currententrychange", () => {
  clearTimeout(moving);
  moving = window.setTimeout(() => ready && tell({ do: "page", page: page() }), 500);
});
small.addEventListener("change", fit);
for (const name of ["resize", "scroll"]) visualViewport?.addEventListener(name, fit);
document.addEventListener("click", (event) => {
  const asked = (event.target as Element).closest?.("[data-telaio-open]");
  if (!asked || !host) return;
  event.preventDefault();
  open();
  const text = (asked as HTMLElement).dataset["telaioText"];
  if (text) tell({ do: "prefill", text });
});

function begin(): void {
  draw();
  if (recall(told)) load(true);
}

type Queue = Call[] | { readonly push: unknown };
const before = (window as unknown as { Telaio?: Queue }).Telaio;
// A page that pastes the line twice has one widget: the first stays.
const isTwice = Boolean(before) && !Array.isArray(before);
let queue: Call[] | null = Array.isArray(before) ? [...before] : [];

/** What is called before there is a body waits with what was called before the loader came, in that order. */
function call(name: string, ...given: unknown[]): void {
  if (queue) queue.push([name, ...given]);
  else (acts[name] as ((...given: unknown[]) => void) | undefined)?.(...given);
}

const idle = window.requestIdleCallback ?? ((act: () => void) => setTimeout(act, 200));
const start = (): void => {
  if (set["boot"] !== "manual") begin();
  const calls = queue ?? [];
  queue = null;
  for (const one of calls) if (Array.isArray(one)) call(...one);
};
if (key && !isTwice) {
  const api = Object.fromEntries(Object.keys(acts).map((name) => [name, (...given: unknown[]) => call(name, ...given)]));
  api["push"] = (...calls: unknown[]) => (calls as Call[]).forEach((one) => call(...one));
  Object.defineProperty(window, "Telaio", { value: Object.freeze(api), configurable: true });
  idle(() => (document.body ? start() : addEventListener("DOMContentLoaded", start)));
}

export {};
