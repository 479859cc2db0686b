/**
 * A text has a name from its first letter on and is sent under it (its client_id).
 * So the server knows a save that arrives after the text was sent, and the same text is never sent twice.
 */
export type Mode = "reply" | "note";

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

/** Was the text of this name sent before the page was drawn? */
export function isClosed(form: HTMLElement, mode: string, name: string): boolean {
  return Boolean(name) && (tag(form, mode)?.dataset["closed"] ?? "").split(" ").includes(name);
}

function tag(form: HTMLElement, mode: string): HTMLInputElement | null {
  return pane(form, mode)?.querySelector<HTMLInputElement>("input[type=hidden]") ?? null;
}
