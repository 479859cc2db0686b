/** The contact page works without this. With it, words are kept on the device until they are sent, and wait for a line. */
import "./webform.css";

const FRESH_DAYS = 7;
const page = document.body.dataset;
const form = document.querySelector<HTMLFormElement>("form.send");

type Kept = { at: number; fields: Record<string, string> };

/** What is kept is no more than what was asked: never who somebody is, for others may use the same device. */
function fields(): (HTMLInputElement | HTMLTextAreaElement)[] {
  const all = form?.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>("textarea, .field input") ?? [];
  return [...all].filter((one) => !["file", "hidden", "checkbox", "radio", "email"].includes(one.type) && one.name !== "name");
}

function remember(key: string): void {
  const typed = fields().map((one): [string, string] => [one.name, one.value]);
  try {
    localStorage.setItem(key, JSON.stringify({ at: Date.now(), fields: Object.fromEntries(typed) } satisfies Kept));
  } catch {
    return;
  }
  say(form?.querySelector<HTMLElement>(".kept")?.dataset["kept"] ?? "");
}

function restore(key: string): void {
  try {
    const kept = JSON.parse(localStorage.getItem(key) ?? "null") as Kept | null;
    if (!kept || Date.now() - kept.at > FRESH_DAYS * 86_400_000) return;
    for (const one of fields()) one.value ||= kept.fields[one.name] ?? "";
  } catch {
    // Storage that is refused or written by somebody else: the page is as it came.
  }
}

function forget(beginning: string): void {
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith(beginning)) localStorage.removeItem(key);
  } catch {
    // Nothing could be kept, then.
  }
}

function say(words: string): void {
  const line = form?.querySelector<HTMLElement>(".kept");
  if (line && line.textContent !== words) line.textContent = words;
}

/** Send once; without a line wait for one. */
function mind(form: HTMLFormElement, button: HTMLButtonElement): void {
  const words = button.textContent;
  let [isSent, isWaiting] = [false, false];
  const show = (): void => {
    button.textContent = (navigator.onLine ? words : button.dataset["later"]) ?? words;
  };
  addEventListener("offline", show);
  addEventListener("online", () => {
    show();
    if (isWaiting) form.requestSubmit();
  });
  // Somebody came back by the browser's own way: it can be sent again, and is one message all the same.
  addEventListener("pageshow", () => {
    isSent = false;
    button.removeAttribute("aria-disabled");
    show();
  });
  form.addEventListener("submit", (event) => {
    isWaiting = !navigator.onLine;
    if (isSent || isWaiting) event.preventDefault();
    if (isWaiting) say(form.querySelector<HTMLElement>(".kept")?.dataset["waiting"] ?? "");
    else if (!isSent) {
      isSent = true;
      button.setAttribute("aria-disabled", "true");
      button.textContent = button.dataset["busy"] ?? words;
    }
  });
}

if (page["sent"]) forget(page["sent"]);
const button = form?.querySelector<HTMLButtonElement>("button.go");
if (form && button && page["keep"]) {
  const key = page["keep"];
  restore(key);
  form.addEventListener("input", () => remember(key));
  mind(form, button);
}
