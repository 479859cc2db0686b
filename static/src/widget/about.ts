/** The head and the foot of the chat: who answers, how long it takes, and where an answer reaches whoever leaves. */
import { type Parting, parted } from "./ending";
import { showOutlook, zone, type Outlook } from "./outlook";
import { offer } from "./proving";
import { bottom, desk, find, log, typing } from "./room";
import { box } from "./writing";

type Told = Outlook & Partial<Parting> & { address?: string; is_proved?: boolean; agent?: { name: string; initials: string } | null };

const reach = find<HTMLFormElement>("form.reach");
let isAsked = false;

/** Asked for when the chat is opened, something was said, or the desk says that it changed. */
export async function about(): Promise<void> {
  const noun = desk.token ? "state/" : "outlook/";
  const answer = await desk.ask(`${noun}?lang=${document.documentElement.lang}&zone=${zone()}`).catch(() => null);
  if (answer?.status !== 200) return;
  const told = JSON.parse(answer.text) as Told;
  if (told.agent) name(told.agent);
  showOutlook(told, !told.address && isAsked && Boolean(reach.hidden), () => void about());
  if (told.is_proved !== undefined) offer(told.is_proved, told.address ?? "");
  if (told.end !== undefined) parted(told as Parting);
  if (told.address) reached(told.address);
  else if (!isAsked && log.querySelector("article.mine[data-pk]")) {
    isAsked = true;
    reach.hidden = false;
    typing.before(reach);
    bottom();
  }
}

function name(agent: { name: string; initials: string }): void {
  const face = find(".head .av");
  const usual = find(".usual");
  const words = (usual.dataset["named"] ?? "").replace("{name}", agent.name);
  face.textContent = agent.initials;
  face.hidden = false;
  usual.dataset["agent"] = agent.name;
  // Said once, not with every message.
  if (usual.textContent !== words) usual.textContent = words;
}

function reached(address: string): void {
  const line = find(".keep");
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
  void about();
});
find(".by-mail").addEventListener("click", () => {
  reach.hidden = false;
  typing.before(reach);
  reach.querySelector("input")?.focus();
  void about();
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
