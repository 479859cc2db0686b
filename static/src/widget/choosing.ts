/** Files that somebody chooses, drops or pastes: looked at first, then in a tray until the message is sent. */
import { body, find } from "./room";
import { box, form } from "./writing";

const tray = find<HTMLUListElement>(".tray");
const refused = find(".refused");
const picker = find<HTMLInputElement>(".picker");
const camera = find<HTMLInputElement>(".camera");
const item = find<HTMLTemplateElement>("#file");
const most = Number(form.dataset["most"]);
const bytesMost = Number(form.dataset["bytes"]);
const endings = picker.accept.split(",").filter((one) => one.startsWith("."));
let chosen: File[] = [];

/** What was chosen; the tray is empty afterwards. */
export function taken(): File[] {
  const files = chosen;
  become([]);
  refused.replaceChildren();
  return files;
}

export function words(name: string, values: Record<string, string | number> = {}): string {
  return Object.entries(values).reduce((text, [key, value]) => text.replace(`{${key}}`, String(value)), form.dataset[name] ?? "");
}

/** As the desk writes it: 1,024 are a KB. */
export function size(bytes: number): string {
  const [value, unit] = bytes < 1_048_576 ? [bytes / 1_024, "KB"] : [bytes / 1_048_576, "MB"];
  return `${new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1 }).format(value)} ${unit}`;
}

/** A file as a card with its picture, its name and its size. */
export function card(file: File): HTMLElement {
  const found = item.content.firstElementChild?.cloneNode(true) as HTMLElement;
  (found.querySelector("bdi") as HTMLElement).textContent = file.name;
  (found.querySelector(".sz") as HTMLElement).textContent = size(file.size);
  const off = found.querySelector(".off-with") as HTMLElement;
  off.setAttribute("aria-label", `${off.getAttribute("aria-label")} ${file.name}`);
  if (/^image\/(jpeg|png|gif|webp|avif|bmp)$/.test(file.type)) {
    const picture = new Image();
    picture.alt = "";
    picture.src = URL.createObjectURL(file);
    found.querySelector(".face")?.replaceChildren(picture);
    found.classList.add("seen");
  }
  return found;
}

/** What was shown of a file before the desk had it is given back. */
export function release(shown: ParentNode): void {
  for (const picture of shown.querySelectorAll<HTMLImageElement>("img[src^='blob:']")) URL.revokeObjectURL(picture.src);
}

function add(files: Iterable<File>): void {
  const kept = [...chosen], wrong: string[] = [];
  for (const file of files) {
    const why = judge(file, kept.length);
    if (why) wrong.push(why);
    else kept.push(file);
  }
  become(kept);
  refused.replaceChildren(...wrong.map((why) => Object.assign(document.createElement("p"), { textContent: why })));
  box.focus();
}

function judge(file: File, count: number): string {
  const name = file.name;
  const isKnown = /^(image|audio|video)\//.test(file.type) && file.type !== "image/svg+xml";
  if (!isKnown && !endings.some((one) => name.toLowerCase().endsWith(one))) return words("kind", { name });
  if (!file.size) return words("none", { name });
  if (file.size > bytesMost) return words("large", { name, size: size(file.size), most: size(bytesMost) });
  return count >= most ? words("many", { name, most }) : "";
}

function become(files: File[]): void {
  release(tray);
  chosen = files;
  tray.hidden = !files.length;
  body.classList.toggle("with-files", files.length > 0);
  tray.replaceChildren(...files.map((file) => {
    const found = card(file);
    found.querySelector(".off-with")?.addEventListener("click", () => {
      become(chosen.filter((one) => one !== file));
      box.focus();
    });
    return found;
  }));
}

for (const [button, input] of [[find(".clip"), picker], [find(".shot"), camera]] as const) {
  button.addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    add(input.files ?? []);
    // The same file may be chosen again after it was taken away.
    input.value = "";
  });
}
document.addEventListener("paste", (event) => {
  const data = event.clipboardData;
  // Words that were copied elsewhere may come with a picture of themselves: then the words are meant.
  if (!data?.files.length || ["text/plain", "text/html"].every((one) => data.types.includes(one))) return;
  event.preventDefault();
  add(data.files);
});

function hasFiles(event: DragEvent): boolean {
  return Boolean(event.dataTransfer?.types.includes("Files"));
}

addEventListener("dragover", (event) => {
  if (!hasFiles(event)) return;
  event.preventDefault();
  body.classList.add("dropping");
});
addEventListener("dragleave", (event) => event.relatedTarget === null && body.classList.remove("dropping"));
addEventListener("drop", (event) => {
  body.classList.remove("dropping");
  if (!hasFiles(event)) return;
  event.preventDefault();
  add(event.dataTransfer?.files ?? []);
});
