import { fieldsIn, put as putButtons, titlesIn } from "./buttons";

/**
 * A text has a name from its first letter on and is sent under it (its client_id).
 * So the server knows a save that arrives after the text was sent, and the same text is never sent twice.
 */
export const MODES = ["reply", "note"] as const;
export type Mode = (typeof MODES)[number];

const PAGE = crypto.randomUUID();
let version = 0;

export function pane(form: HTMLElement, mode: string): HTMLElement | null {
  return form.querySelector<HTMLElement>(`[data-pane="${mode}"]`);
}

export function field(form: HTMLElement, mode: string): HTMLTextAreaElement | null {
  return pane(form, mode)?.querySelector("textarea") ?? null;
}

/** The name of the text that stands in the field now. */
export function nameOf(form: HTMLElement, mode: string): string {
  const input = tag(form, mode);
  if (!input) return "";
  input.value ||= crypto.randomUUID();
  return input.value;
}

/** What a draft keeps: the words, and of an answer what can be pressed below them. */
export type Written = { text: string; buttons?: string[] };
export const KEPT = "textarea, input[name=subject], input[name=cc], input[name=bcc], select, input[name=button], .press-list";

export function written(form: HTMLElement, mode: Mode): Written {
  const text = field(form, mode)?.value ?? "", buttons = mode === "reply" ? titlesIn(form) : [];
  return buttons.length ? { text, buttons } : { text };
}

export function isSame(one: Written, other: Written): boolean {
  return one.text === other.text && String(one.buttons ?? []) === String(other.buttons ?? []);
}

export function put(form: HTMLElement, mode: Mode, { text, buttons = [] }: Written): void {
  const box = field(form, mode);
  if (box) box.value = text;
  if (mode === "reply") putButtons(form, buttons);
}

/** What is typed from here on is another text. */
export function begin(form: HTMLElement, mode: string, name = ""): void {
  const input = tag(form, mode);
  if (input) input.value = name;
}

/** It went to the server under its name; a letter typed now begins the next text. */
export function send(form: HTMLElement, mode: string): string {
  const name = nameOf(form, mode);
  const input = tag(form, mode);
  if (input) input.dataset["went"] = name;
  return name;
}

export function typed(form: HTMLElement, mode: string): void {
  const input = tag(form, mode);
  if (input && input.value && input.dataset["went"] === input.value) input.value = "";
}

/** Was the text of this name sent before the page was drawn? One that a colleague took over was not. */
export function isClosed(form: HTMLElement, mode: string, name: string): boolean {
  const { closed = "", taken = "" } = tag(form, mode)?.dataset ?? {};
  return Boolean(name) && closed.split(" ").includes(name) && !taken.split(" ").includes(name);
}

/** A text as it is saved: its words, its name, its place in the order of this page's saves, and where it goes. */
export function wordsOf(form: HTMLFormElement, mode: Mode): URLSearchParams {
  const all = new FormData(form);
  const text = String(all.get(mode === "note" ? "note" : "text") ?? "");
  const body = new URLSearchParams({ text, writing: nameOf(form, mode), page: PAGE, version: String(++version) });
  if (mode === "reply") for (const name of ["way", "subject", "cc", "bcc"]) body.set(name, String(all.get(name) ?? ""));
  if (mode === "reply") for (const one of fieldsIn(form)) body.append("button", one.value);
  return body;
}

function tag(form: HTMLElement, mode: string): HTMLInputElement | null {
  return pane(form, mode)?.querySelector<HTMLInputElement>("input[type=hidden]") ?? null;
}
