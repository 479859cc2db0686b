/** The box in which a message is written: it grows with its words, keeps them, and says that somebody types. */
import { find, room } from "./room";

const TYPING_EVERY = 3_000;

export const form = find<HTMLFormElement>("form.say");
export const box = form.querySelector("textarea") as HTMLTextAreaElement;
let typedAt = 0;

export function write(text: string): void {
  box.value = text;
  grow();
}

export function grow(): void {
  box.style.blockSize = "auto";
  box.style.blockSize = `${Math.min(box.scrollHeight, 160)}px`;
  form.classList.toggle("empty", !box.value.trim());
}

box.addEventListener("input", () => {
  grow();
  // Somebody may type before the page above has said who it is; then it is kept with that (frame.ts).
  if (!room.keep) return;
  room.keep.draft = box.value;
  if (Date.now() - typedAt < TYPING_EVERY) return;
  typedAt = Date.now();
  room.line.say({ type: "typing" });
});
box.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    form.requestSubmit();
  }
});
