/** The answers to press of a composer: small fields below its text, one for each. */
export const FIELD = "input[name=button]";

export function fieldsIn(form: HTMLElement): HTMLInputElement[] {
  return [...form.querySelectorAll<HTMLInputElement>(FIELD)];
}

/** Those that say something, each in one line. */
export function titlesIn(form: HTMLElement): string[] {
  return fieldsIn(form).map(titleOf).filter(Boolean);
}

export function titleOf(field: HTMLInputElement): string {
  return field.value.trim().split(/\s+/).join(" ");
}

/** In place of what stood there. */
export function put(form: HTMLElement, titles: string[]): void {
  const list = form.querySelector<HTMLElement>(".press-list ul");
  if (!list) return;
  list.replaceChildren();
  for (const title of titles) append(form, list).value = title;
  form.dispatchEvent(new CustomEvent("buttons:put"));
}

/** They were sent: away with them, unless they are others by now. */
export function drop(form: HTMLElement, sent: FormDataEntryValue[]): void {
  if (JSON.stringify(sent) === JSON.stringify(fieldsIn(form).map((field) => field.value))) put(form, []);
}

/** One more field, at the end or after another. */
export function append(form: HTMLElement, list: HTMLElement, after?: Element | null): HTMLInputElement {
  const item = form.querySelector<HTMLTemplateElement>(".press-list template")!.content.firstElementChild!.cloneNode(true) as HTMLElement;
  if (after) after.after(item);
  else list.append(item);
  return item.querySelector("input")!;
}

/** How many characters a title has, as helpdesk/lib/outbound.py counts them. */
export function lengthOf(title: string): number {
  return [...title].length;
}
