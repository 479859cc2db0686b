/** Delete my data: what that means, then the deed; this browser is forgotten at once. */
import { body, desk, find, room, shout } from "./room";
import { complain, sheet } from "./sheets";

const ask = sheet("deleting");
const wrong = ask.querySelector(".wrong") as HTMLElement;
const sure = ask.querySelector(".sure") as HTMLButtonElement;

export function deleting(): void {
  complain(wrong, "");
  ask.showModal();
}

sure.addEventListener("click", () => void erase());

async function erase(): Promise<void> {
  sure.disabled = true;
  // Nothing is fetched for somebody whom the desk is forgetting.
  room.line.close();
  const answer = await desk.ask("erasures/", {}).catch(() => null);
  sure.disabled = false;
  // 401: another tab was faster, so it is done.
  if (answer?.status !== 200 && answer?.status !== 401) {
    room.line.open();
    return complain(wrong, "line");
  }
  const { reference = "" } = JSON.parse(answer.text) as { reference?: string };
  ask.close();
  room.keep.forget();
  desk.token = "";
  shout("forgotten");
  const gone = find(".forgotten");
  const words = gone.querySelector("p") as HTMLElement;
  words.textContent = (words.dataset[reference ? "rest" : "all"] ?? "").replace("{reference}", reference);
  body.classList.add("gone");
  gone.hidden = false;
  (gone.querySelector("h2") as HTMLElement).focus();
}

find(".forgotten button").addEventListener("click", () => location.reload());
