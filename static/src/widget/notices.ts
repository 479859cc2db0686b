/** What everybody has to know today stands above the chat, until it is over or the visitor closes it. */
import { body, find } from "./room";

export type Notice = { id: string; text: string; lang: string };

const place = find(".notices");
const pattern = find<HTMLTemplateElement>("template#notice");
const name = `telaio:${body.dataset["key"]}:closed`;
// Where the browser keeps nothing for a frame of another site, what is closed stays so for as long as the page.
const closed = new Set<string>(kept());

/** Draw them; what stands there unchanged is left alone, so that only what is new is read aloud. */
export function showNotices(told: Notice[]): void {
  const wanted = told.filter((one) => !closed.has(one.id));
  for (const old of drawn()) if (!wanted.some((one) => one.id === old.dataset["mark"])) old.remove();
  wanted.forEach((one, n) => {
    const same = drawn().find((old) => old.dataset["mark"] === one.id);
    if (!same) place.insertBefore(draw(one), drawn()[n] ?? null);
  });
}

function drawn(): HTMLElement[] {
  return [...place.querySelectorAll<HTMLElement>("[data-mark]")];
}

function draw(notice: Notice): HTMLElement {
  const line = pattern.content.firstElementChild?.cloneNode(true) as HTMLElement;
  const words = line.querySelector("span") as HTMLElement;
  line.dataset["mark"] = notice.id;
  words.lang = notice.lang;
  words.textContent = notice.text;
  return line;
}

function kept(): string[] {
  try {
    return (sessionStorage.getItem(name) ?? "").split(" ").filter(Boolean);
  } catch {
    return [];
  }
}

place.addEventListener("click", (event) => {
  const line = (event.target as Element).closest(".shut")?.closest<HTMLElement>("[data-mark]");
  if (!line) return;
  closed.add(line.dataset["mark"] ?? "");
  line.remove();
  try {
    sessionStorage.setItem(name, [...closed].join(" "));
  } catch {
    // As above.
  }
  // What had the focus is gone: it goes where the visitor was.
  (drawn()[0]?.querySelector<HTMLElement>(".shut") ?? find("textarea")).focus();
});

for (const line of drawn()) if (closed.has(line.dataset["mark"] ?? "")) line.remove();
