/** Where a row stands in the list: in its bunch, by its sort key. */

/** Puts a row into its place, or removes it when it is gone. Returns whether it stands there now. */
export function putRow(rows: HTMLElement, item: HTMLElement): boolean {
  document.getElementById(item.id)?.remove();
  const bunch = item.dataset["gone"] === undefined ? bunchOf(rows, item) : null;
  if (!bunch) return false;
  const next = nextOf(bunch, item);
  if (next) next.before(item);
  else bunch.append(item);
  return true;
}

/** Whether putting it there would move the row under the pointer or the keyboard's focus. */
export function wouldMove(rows: HTMLElement, item: HTMLElement, old: HTMLElement | null): boolean {
  const held = rows.querySelector<HTMLElement>("li[data-row]:hover, li[data-row]:focus-within");
  if (!held) return false;
  if (held === old || (old && comesBefore(old, held))) return true;
  const bunch = item.dataset["gone"] === undefined ? bunchOf(rows, item) : null;
  if (!bunch) return false;
  const next = nextOf(bunch, item);
  return next ? next === held || comesBefore(next, held) : comesBefore(bunch, held) && !bunch.contains(held);
}

/** Puts the numbers that came along where they are shown. */
export function showCounts(content: DocumentFragment): void {
  for (const count of content.querySelectorAll<HTMLElement>("[data-count-of]")) {
    const words = count.textContent ?? "";
    if (count.dataset["countOf"] === "mine_unread") entitle(words);
    for (const place of document.querySelectorAll<HTMLElement>(`[data-count="${count.dataset["countOf"]}"]`)) place.textContent = words;
  }
}

/** How many stand in each section; known when all of them are here. */
export function showNumbers(rows: HTMLElement): void {
  const isWhole = !rows.querySelector(".more");
  for (const number of rows.querySelectorAll<HTMLElement>(".section .n")) {
    const n = number.closest(".bunch-box")?.querySelectorAll("li[data-row]").length ?? 0;
    number.textContent = isWhole ? String(n) : "";
  }
}

function bunchOf(rows: HTMLElement, item: HTMLElement): HTMLElement | null {
  return rows.querySelector(`[data-bunch-of="${item.dataset["bunch"] ?? ""}"]`);
}

function nextOf(bunch: HTMLElement, item: HTMLElement): HTMLElement | null {
  const others = [...bunch.querySelectorAll<HTMLElement>("li[data-row]")];
  return others.find((other) => other.id !== item.id && (other.dataset["sort"] ?? "") > (item.dataset["sort"] ?? "")) ?? null;
}

function comesBefore(one: HTMLElement, other: HTMLElement): boolean {
  return Boolean(one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING);
}

/** "(3) Giulia T. – Mine": how many of mine are unread stands before the title. */
function entitle(unread: string): void {
  const bare = document.title.replace(/^\([\d+]+\) /, "");
  document.title = unread ? `(${unread}) ${bare}` : bare;
}
