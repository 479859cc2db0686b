/**
 * Files on their way to the desk: shown at once, one after the other, each with its progress. Words never wait for them,
 * and one that fails keeps no other back. They live as long as the page: whoever closes it is asked first.
 */
import { newName } from "./asking";
import { card, release, size, taken, words } from "./choosing";
import { bottom, desk, find, place, room } from "./room";
import { arrive, flush, take } from "./sending";
import { form } from "./writing";

type Item = { file: File; once: string; key: string; isFailed: boolean; shown: HTMLElement; stop?: () => void };
type Parcel = { id: string; items: Item[]; article: HTMLElement; isFailed: boolean };
type Outcome = { status: number; text: string };

// Nothing of it went through for so long: the line is gone, whatever the browser thinks.
const STALLED = 30_000;
const TRIES = 3;
const template = find<HTMLTemplateElement>("#parcel");
let parcels: Parcel[] = [];
let isBusy = false;

form.addEventListener("submit", () => {
  const files = desk.site ? taken() : [];
  if (!files.length) return;
  add(files.map((file) => ({ file, once: newName(), key: "", isFailed: false, shown: card(file) })));
  void run();
});

function add(items: Item[], isFailed = false): void {
  const article = template.content.firstElementChild?.cloneNode(true) as HTMLElement;
  const parcel: Parcel = { id: newName(), items, article, isFailed };
  article.dataset["client"] = parcel.id;
  article.querySelector(".files")?.replaceChildren(...items.map((item) => item.shown));
  for (const item of items) watch(parcel, item);
  parcels.push(parcel);
  place(article);
  bottom();
}

function watch(parcel: Parcel, item: Item): void {
  const trouble = item.shown.querySelector(".trouble") as HTMLElement;
  (item.shown.querySelector(".off-with") as HTMLElement).onclick = () => cancel(parcel, item);
  trouble.onclick = () => {
    Object.assign(item, { isFailed: false, once: newName() });
    trouble.hidden = true;
    item.shown.classList.remove("failed");
    parcel.isFailed = false;
    void run();
  };
}

function cancel(parcel: Parcel, item: Item): void {
  parcel.items = parcel.items.filter((one) => one !== item);
  item.stop?.();
  release(item.shown);
  item.shown.remove();
  if (parcel.items.length) return;
  drop(parcel);
  parcel.article.remove();
}

function drop(parcel: Parcel): void {
  parcels = parcels.filter((one) => one !== parcel);
}

/** In the order in which they were chosen; what was taken off the page (somebody else is here now) is not sent. */
async function run(): Promise<void> {
  if (isBusy) return;
  isBusy = true;
  try {
    for (let next = waiting(); next; next = waiting()) if (!(await carry(next))) return;
  } finally {
    isBusy = false;
  }
}

function waiting(): Parcel | undefined {
  for (const gone of parcels.filter((one) => !one.article.isConnected)) drop(gone);
  return parcels.find((one) => !one.isFailed);
}

/** Whether it is settled; else it waits for the line, or for its time. */
async function carry(parcel: Parcel): Promise<boolean> {
  say(parcel, "sending");
  // The words before it go first.
  await flush();
  for (const item of parcel.items) if (!item.key && !item.isFailed && !(await bring(item))) return wait(parcel);
  return parcels.includes(parcel) && parcel.article.isConnected ? name(parcel) : true;
}

/** Bring one file, or find that it cannot be brought; false: not now. */
async function bring(item: Item): Promise<boolean> {
  for (let tries = 0; tries < TRIES && item.shown.isConnected; tries += 1) {
    if (!navigator.onLine || (!desk.token && !(await arrive().catch(() => false)))) return false;
    const { status, text } = await upload(item);
    if (status === 201) item.key = (JSON.parse(text) as { key: string }).key;
    if (status === 401) desk.token = room.keep.token = "";
    else if (status && status !== 503) return status === 201 || fail(item, status);
    if (!navigator.onLine) return false;
    await new Promise((resolve) => setTimeout(resolve, status === 401 ? 0 : 1_000 * 2 ** tries));
  }
  return fail(item, 0);
}

function upload(item: Item): Promise<Outcome> {
  const bar = item.shown.querySelector("progress") as HTMLProgressElement;
  const request = new XMLHttpRequest();
  let timer = 0;
  const alive = (): void => {
    clearTimeout(timer);
    timer = window.setTimeout(() => request.abort(), STALLED);
  };
  request.open("POST", `${desk.base}files/`);
  request.setRequestHeader("X-Telaio-Site", desk.site);
  request.setRequestHeader("Authorization", `Bearer ${desk.token}`);
  request.setRequestHeader("X-Telaio-File", spelled(item.file.name));
  request.setRequestHeader("X-Telaio-Once", item.once);
  request.setRequestHeader("Content-Type", "application/octet-stream");
  request.upload.onprogress = (event) => {
    alive();
    bar.value = event.total ? event.loaded / event.total : 0;
  };
  bar.hidden = false;
  bar.value = 0;
  item.stop = () => request.abort();
  alive();
  return new Promise((resolve) => {
    request.onloadend = () => {
      clearTimeout(timer);
      bar.hidden = true;
      resolve({ status: request.status, text: request.responseText });
    };
    request.send(item.file);
  });
}

/** A header holds no letters but plain ones; half a pair of the others is none at all. */
function spelled(name: string): string {
  return encodeURIComponent([...name.replace(/\p{Surrogate}/gu, "")].slice(-200).join(""));
}

/** It stays and says why: what the desk will never take needs no other try. */
function fail(item: Item, status: number): true {
  const trouble = item.shown.querySelector<HTMLButtonElement>(".trouble") as HTMLButtonElement;
  const { name, size: bytes } = item.file;
  const never: Record<number, string> = {
    400: words("none", { name }), 413: words("large", { name, size: size(bytes), most: size(Number(form.dataset["bytes"])) }),
    415: words("kind", { name }),
  };
  item.isFailed = true;
  (trouble.querySelector("span") as HTMLElement).textContent = never[status] ?? words(status === 429 ? "later" : "lost");
  trouble.disabled = status in never;
  trouble.hidden = false;
  item.shown.classList.add("failed");
  return true;
}

/** Say with one message what was brought; what failed stands apart, so that it goes when it can. */
async function name(parcel: Parcel): Promise<boolean> {
  const failed = parcel.items.filter((item) => item.isFailed);
  const brought = parcel.items.filter((item) => !item.isFailed);
  if (!brought.length) {
    parcel.isFailed = true;
    say(parcel, "");
    return true;
  }
  parcel.items = brought;
  if (failed.length) split(failed);
  const files = brought.map((item) => item.key);
  const answer = await desk.ask("messages/", { id: parcel.id, text: "", files, page: room.page }).catch(() => null);
  if (answer?.status === 202) {
    drop(parcel);
    parcel.article.classList.add("brought");
    take();
    return true;
  }
  if (!answer || [401, 429, 503].includes(answer.status)) return wait(parcel, answer ? 10_000 : 3_000);
  for (const item of brought) {
    item.key = "";
    fail(item, 0);
  }
  parcel.isFailed = true;
  say(parcel, "");
  return true;
}

function split(failed: Item[]): void {
  add(failed, true);
  const last = parcels.at(-1);
  if (last) say(last, "");
}

function wait(parcel: Parcel, after = 0): false {
  if (parcel.article.isConnected && parcels.includes(parcel)) say(parcel, navigator.onLine ? "sending" : "waits");
  if (navigator.onLine) setTimeout(() => void run(), after || 5_000);
  return false;
}

function say(parcel: Parcel, what: string): void {
  const by = parcel.article.querySelector(".by") as HTMLElement;
  by.hidden = !what;
  const how = by.querySelector(".how") as HTMLElement;
  if (what && how.textContent !== words(what)) how.textContent = words(what);
}

addEventListener("online", () => void run());
addEventListener("offline", () => parcels.filter((one) => !one.isFailed).forEach((one) => say(one, "waits")));
addEventListener("beforeunload", (event) => {
  // Whoever signs out leaves nothing behind, and is not asked.
  if (parcels.some((one) => !one.isFailed && one.article.isConnected) && desk.token === room.keep.token) event.preventDefault();
});
