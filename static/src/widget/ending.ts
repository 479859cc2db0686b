/** The end of a chat: who closed it, how our help was, who takes over, and a copy of what was said. */
import { about } from "./about";
import { body, bottom, desk, find, isAtEnd, log, typing } from "./room";
import { complain, sheet } from "./sheets";
import { fetching } from "./showing";
import { box } from "./writing";

export type Parting = {
  address: string;
  end: { by: string; is_yours: boolean; is_open: boolean } | null;
  rating: { score: number; comment: string; is_open: boolean } | null;
  next: string;
  mails: boolean;
};

const over = find(".ended");
const said = find(".ended .said");
const rate = find<HTMLFormElement>(".rate");
const rated = find(".rated");
const wrong = find(".rate .wrong");
const copies = sheet("copying");
const where = copies.querySelector("form") as HTMLFormElement;
const field = where.querySelector("input") as HTMLInputElement;
const refused = where.querySelector(".wrong") as HTMLElement;
const handed = find(".handed");
const taking = find(".taking");
const undone = find(".undone");
let isChanging = false;
let last: Parting | null = null;

/** What the desk says of the end, each time that it was asked. */
export function parted(told: Parting): void {
  last = told;
  handOver(told.next);
  const wasAtEnd = isAtEnd();
  const wasOver = !over.hidden;
  over.hidden = !told.end;
  body.classList.toggle("over", Boolean(told.end));
  if (!told.end) return;
  const { by, is_yours: isYours, is_open: isOpen } = told.end;
  const words = isYours ? (isOpen ? "open" : "you") : by ? "agent" : "us";
  const text = (over.dataset[words] ?? "").replace("{name}", by);
  if (said.textContent !== text) said.textContent = text;
  stayLast(over);
  showRating(told.rating);
  if (!wasOver && wasAtEnd) bottom();
}

function showRating(rating: Parting["rating"]): void {
  const score = rating?.score ?? 0;
  const mayRate = Boolean(rating?.is_open);
  rate.hidden = !mayRate || (score > 0 && !isChanging);
  rated.hidden = !score || !rate.hidden;
  if (score) {
    const chosen = rate.querySelector<HTMLInputElement>(`input[value="${score}"]`);
    (rated.querySelector("span") as HTMLElement).textContent = (rated.dataset["words"] ?? "").replace("{rating}", chosen?.dataset["words"] ?? "");
    find(".rated button").hidden = !mayRate;
  }
}

/** Where somebody else answers from here on, it is said once; and at the end, when somebody else has it. */
function handOver(next: string): void {
  let before = "";
  const wanted = new Map<Element, string>();
  for (const article of log.querySelectorAll<HTMLElement>("article.theirs[data-pk]")) {
    const name = article.querySelector('.by [translate="no"]')?.textContent ?? "";
    if (before && name && name !== before) wanted.set(article, (handed.dataset["answers"] ?? "").replace("{name}", name));
    before = name || before;
  }
  // What stands there already is not said a second time to whoever listens.
  for (const old of log.querySelectorAll(".handed:not([hidden])")) {
    const article = old.nextElementSibling;
    if (article && wanted.get(article) === old.textContent) wanted.delete(article);
    else old.remove();
  }
  for (const [article, words] of wanted) {
    const line = handed.cloneNode() as HTMLElement;
    line.textContent = words;
    line.hidden = false;
    article.before(line);
  }
  const words = next ? (taking.dataset["takes"] ?? "").replace("{name}", next) : "";
  if (taking.textContent !== words) taking.textContent = words;
  taking.hidden = !words;
  stayLast(taking);
}

/** Below all that was said; moved only where something came after it, for to move is to be read out again. */
function stayLast(place: HTMLElement): void {
  const newest = [...log.querySelectorAll("article")].at(-1);
  if (newest && place.compareDocumentPosition(newest) & Node.DOCUMENT_POSITION_FOLLOWING) typing.before(place);
}

export async function endIt(): Promise<void> {
  const answer = await desk.ask("endings/", {}).catch(() => null);
  complain(undone, answer?.status === 204 ? "" : "line");
  stayLast(undone);
  bottom();
  if (answer?.status !== 204) return;
  await about();
  bottom();
  find(".ended .again").focus();
}

find(".ended .again").addEventListener("click", () => box.focus());
rate.addEventListener("submit", (event) => {
  event.preventDefault();
  void keepRating();
});
find(".rated button").addEventListener("click", () => {
  isChanging = true;
  const now = last?.rating;
  const chosen = rate.querySelector<HTMLInputElement>(`input[value="${now?.score}"]`);
  if (chosen) chosen.checked = true;
  (rate.querySelector("textarea") as HTMLTextAreaElement).value = now?.comment ?? "";
  showRating(now ?? null);
  chosen?.focus();
});

async function keepRating(): Promise<void> {
  const chosen = rate.querySelector<HTMLInputElement>("input:checked");
  if (!chosen) {
    complain(wrong, "none");
    return rate.querySelector("input")?.focus();
  }
  const comment = (rate.querySelector("textarea") as HTMLTextAreaElement).value;
  const answer = await desk.ask("ratings/", { score: Number(chosen.value), comment }).catch(() => null);
  complain(wrong, answer?.status === 204 ? "" : answer?.status === 409 ? "closed" : "line");
  if (answer?.status !== 204) return;
  isChanging = false;
  showRating({ score: Number(chosen.value), comment, is_open: true });
  if (last) last.rating = { score: Number(chosen.value), comment, is_open: true };
  find(".rated button").focus();
}

/** A copy by mail, where this desk can mail; as a file in any case. */
export function copying(): void {
  const mails = last?.mails ?? true;
  where.hidden = !mails;
  (copies.querySelector(".no-mail") as HTMLElement).hidden = mails;
  (copies.querySelector(".done") as HTMLElement).textContent = "";
  complain(refused, "");
  field.value ||= last?.address ?? "";
  copies.showModal();
}

where.addEventListener("submit", (event) => {
  event.preventDefault();
  void mail();
});
copies.querySelector(".save")?.addEventListener("click", () => void save());

function zone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

async function mail(): Promise<void> {
  const answer = await desk.ask("copies/", { address: field.value.trim(), zone: zone() }).catch(() => null);
  const told = answer ? (JSON.parse(answer.text || "{}") as { error?: string; address?: string }) : { error: "line" };
  complain(refused, told.error ?? "");
  field.setAttribute("aria-invalid", String(told.error === "address"));
  if (told.error) return field.focus();
  const done = copies.querySelector(".done") as HTMLElement;
  done.textContent = (done.dataset["words"] ?? "").replace("{address}", told.address ?? "");
  where.hidden = true;
  (copies.querySelector("h2") as HTMLElement).focus();
  fetching.ask();
}

async function save(): Promise<void> {
  const answer = await desk.ask(`copies/file/?zone=${encodeURIComponent(zone())}`).catch(() => null);
  if (answer?.status !== 200) return complain(refused, "line");
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(["\ufeff", answer.text], { type: "text/plain" }));
  link.download = `chat-${new Date().toISOString().slice(0, 10)}.txt`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
