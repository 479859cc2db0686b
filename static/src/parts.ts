/** Puts the parts of an answer in the place of their namesakes on the page. */

/** Says whether some have to wait: their menu is open, or the focus is in them; smaller parts of those do not. */
export function place(content: DocumentFragment): boolean {
  let mustWait = false;
  for (const fresh of [...content.querySelectorAll<HTMLElement>("[id]")]) {
    const old = document.getElementById(fresh.id);
    if (!old || !fresh.hasAttribute("data-part") || same(old, fresh)) continue;
    if (old.querySelector(":popover-open") || old.contains(document.activeElement)) mustWait = true;
    else replace(old, fresh);
  }
  return mustWait;
}

function replace(old: HTMLElement, fresh: HTMLElement): void {
  for (const apart of fresh.querySelectorAll("[data-apart]")) apart.replaceWith(old.querySelector(`#${apart.id}`) ?? apart);
  // What somebody has unfolded stays so.
  for (const open of old.querySelectorAll("details[open][id]")) fresh.querySelector(`#${open.id}`)?.setAttribute("open", "");
  old.replaceWith(fresh);
  document.dispatchEvent(new CustomEvent("part:placed", { detail: { part: fresh } }));
}

/** Tokens differ in every answer, what was loaded apart is not in it, and what is unfolded was unfolded here: no change. */
function same(old: HTMLElement, fresh: HTMLElement): boolean {
  return strip(old) === strip(fresh) && old.hidden === fresh.hidden;
}

function strip(element: HTMLElement): string {
  const copy = element.cloneNode(true) as HTMLElement;
  for (const other of copy.querySelectorAll("[name=csrfmiddlewaretoken], [data-apart]")) other.remove();
  for (const powered of copy.querySelectorAll("[data-htmx-powered]")) powered.removeAttribute("data-htmx-powered");
  for (const open of copy.querySelectorAll("details[open][id]")) open.removeAttribute("open");
  return copy.innerHTML;
}
