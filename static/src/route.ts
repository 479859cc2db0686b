/** Which way the answer in a composer goes: what the page knows of its channel and its address. */
import { fill } from "./fragment";
import { carried, lost, type Style } from "./marks";
import type { Unit } from "./measuring";

export type FileRule = { kind: string; max_bytes: number; mimes: string[] };
export type Rules = { limit: number; unit: Unit; caption: number; subject: boolean; copies: boolean; pieces: boolean; bytes: number; files: FileRule[]; markup: Style; buttons: number; title: number; above: number };
export type Route = { key: string; channel: string; name: string; rules: Rules; bridge: string; way: DOMStringMap };

/** What keeps an answer from going, by who says so. */
export type Barrier = "window" | "template" | "comment" | "limit" | "files" | "buttons";

export function routeOf(form: HTMLElement): Route | null {
  const via = form.querySelector<HTMLSelectElement>("select[name=channel]")?.selectedOptions[0];
  const to = form.querySelector<HTMLSelectElement>("select[name=way]")?.selectedOptions[0];
  if (!via || !to) return null;
  const { rules = "{}", bridge = "" } = via.dataset;
  return { key: to.value, channel: via.value, name: via.text, rules: JSON.parse(rules) as Rules, bridge, way: to.dataset };
}

/** The text as it will leave: with the line above it that ties it to another channel. */
export function leaving(form: HTMLElement): string {
  const text = form.querySelector<HTMLTextAreaElement>("textarea[name=text]")?.value ?? "";
  const bridge = form.querySelector<HTMLInputElement>("input[name=bridge]")?.value ? (routeOf(form)?.bridge ?? "") : "";
  return bridge && text.trim() && !text.startsWith(bridge) ? `${bridge}\n\n${text}` : text;
}

/** What of a text is counted: its marks as the channel carries them. */
export function counted(text: string, { markup }: Rules): string {
  return carried(text.trim(), markup);
}

/** What does not come along by this way, in the sentences that the page brings; "" when all does. */
export function lostBy(form: HTMLElement, { rules, name }: Route, { subject, copies, marks, links }: DOMStringMap): string {
  const words: string[] = [];
  const gone = lost(leaving(form), rules.markup);
  const had = (fields: string): boolean => [...form.querySelectorAll<HTMLInputElement>(fields)].some((field) => field.value.trim() && field.value !== field.defaultValue);
  if (!rules.subject && had("input[name=subject]")) words.push(fill(subject, { channel: name }));
  if (!rules.copies && had("input[name=cc], input[name=bcc]")) words.push(fill(copies, { channel: name }));
  if (gone.marks) words.push(fill(marks, { channel: name }));
  if (gone.links) words.push(fill(links, { channel: name }));
  return words.join(" ");
}

/** words: why the answer cannot go as it is; "" when this holds it up no more. */
export function bar(form: HTMLElement, who: Barrier, words: string): void {
  const place = `bar${who[0]?.toUpperCase() ?? ""}${who.slice(1)}`;
  if (words) form.dataset[place] = words;
  else delete form.dataset[place];
  const why = barrier(form);
  const said = form.querySelector<HTMLElement>("#c-barred");
  if (said && said.textContent !== why) said.textContent = why;
  for (const button of form.querySelectorAll<HTMLButtonElement>("button[data-sends=reply], #send-menu button")) {
    if (why) button.setAttribute("aria-disabled", "true");
    else button.removeAttribute("aria-disabled");
  }
}

export function barrier(form: HTMLElement): string {
  const { barWindow, barTemplate, barComment, barLimit, barFiles, barButtons } = form.dataset;
  return barWindow ?? barTemplate ?? barComment ?? barLimit ?? barFiles ?? barButtons ?? "";
}

export function isTemplate(form: HTMLElement): boolean {
  return form.dataset["only"] === "template";
}
