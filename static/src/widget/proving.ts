/** Showing what was said before: an address, a mailed code, and then all that this address may read. */
import type { Answer } from "./asking";
import { bottom, desk, find, isAtEnd, room } from "./room";
import { arrive } from "./sending";
import { anew, fetching, leadTo } from "./showing";
import { box } from "./writing";

const opener = find<HTMLButtonElement>(".show-past");
const section = find(".prove");
const asking = find<HTMLFormElement>(".prove .whither");
const showing = find<HTMLFormElement>(".prove .code");
const wrong = find("#prove-wrong");
const address = find<HTMLInputElement>("#prove-address");
const code = find<HTMLInputElement>("#prove-code");

/** Whoever has shown an address already is asked for none. typed: where an answer reaches them. */
export function offer(isProved: boolean, typed = ""): void {
  opener.classList.remove("unknown");
  opener.hidden = isProved || !section.hidden;
  if (isProved) section.hidden = true;
  if (typed && !address.value) address.value = typed;
}

function turn(to: "asking" | "showing"): void {
  asking.hidden = to !== "asking";
  showing.hidden = to !== "showing";
  complain("");
  (to === "asking" ? address : code).focus();
}

function complain(about: string): void {
  wrong.hidden = !about;
  wrong.textContent = about ? (wrong.dataset[about] ?? wrong.dataset["failed"] ?? "") : "";
  for (const field of [address, code]) field.setAttribute("aria-invalid", String(Boolean(about) && field.offsetParent !== null));
}

function close(): void {
  section.hidden = true;
  opener.hidden = false;
}

async function say(noun: string, body: object): Promise<Answer | null> {
  try {
    if (!desk.token && !(await arrive())) return null;
    return await desk.ask(noun, body);
  } catch {
    return null;
  }
}

async function mail(): Promise<void> {
  const to = address.value.trim();
  const answer = await say("codes/", { address: to });
  if (answer?.status === 202) {
    const sent = find("#prove-sent");
    sent.textContent = (sent.dataset["sent"] ?? "").replace("{address}", to);
    code.value = "";
    return turn("showing");
  }
  complain({ 400: "address", 409: "other", 429: "many" }[answer?.status ?? 0] ?? "failed");
  address.focus();
}

async function show(): Promise<void> {
  const answer = await say("proofs/", { code: code.value.trim() });
  if (answer?.status === 200) return opened(JSON.parse(answer.text) as { address: string; upto: number });
  complain({ 400: "code", 403: "code", 409: "other", 410: "over", 429: "many" }[answer?.status ?? 0] ?? "failed");
  code.select();
  code.focus();
}

/** All of it is asked for anew, and shown where its person left off. */
function opened(told: { address: string; upto: number }): void {
  section.hidden = true;
  opener.hidden = true;
  const shown = find(".shown");
  shown.textContent = (shown.dataset["shown"] ?? "").replace("{address}", told.address);
  shown.hidden = false;
  anew();
  leadTo(told.upto);
  room.line.again();
  fetching.ask(0);
  box.focus();
}

opener.addEventListener("click", () => {
  const wasAtEnd = isAtEnd();
  opener.hidden = true;
  section.hidden = false;
  turn("asking");
  if (wasAtEnd) bottom();
  section.scrollIntoView({ block: "nearest" });
});
asking.addEventListener("submit", (event) => {
  event.preventDefault();
  void mail();
});
showing.addEventListener("submit", (event) => {
  event.preventDefault();
  void show();
});
find(".prove .again").addEventListener("click", () => turn("asking"));
find(".prove .leave-it").addEventListener("click", () => {
  close();
  opener.focus();
});
