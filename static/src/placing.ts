/** Where an article stands in a feed: by (occurred_at, id), or in place of its namesake. */
const MOST = 300;

/** Whether the feed ends before the timeline does: what comes later is not drawn. */
export function isBehind(feed: HTMLElement): boolean {
  return feed.dataset["behind"] !== undefined;
}

/** Puts one article into its place. Returns whether it is new to the reader, drawn or not. */
export function place(feed: HTMLElement, article: HTMLElement, hasEarlier: boolean): boolean {
  const namesake = find(feed, article);
  const known = namesake !== null;
  if (namesake && key(namesake) === key(article)) {
    keepOpen(namesake, article);
    namesake.replaceWith(article);
    return false;
  }
  namesake?.remove();
  const all = [...feed.querySelectorAll<HTMLElement>(":scope > article")];
  const after = all.findLast((one) => before(one, article));
  if (isBehind(feed) && after === all.at(-1)) return !known;
  if (!after && hasEarlier && all.length > 0) return false;
  if (after) after.after(article);
  else feed.prepend(article);
  return !known;
}

/** Keeps the feed light: beyond 300 articles the far end goes, and it is written down that it did: it can be fetched again. */
export function trim(feed: HTMLElement, from: "start" | "end"): void {
  const all = [...feed.querySelectorAll<HTMLElement>(":scope > article")];
  const surplus = all.length - MOST;
  if (surplus <= 0) return;
  for (const article of from === "start" ? all.slice(0, surplus) : all.slice(-surplus)) article.remove();
  feed.dataset[from === "end" ? "behind" : "above"] = "1";
}

function find(feed: HTMLElement, article: HTMLElement): HTMLElement | null {
  const client = article.dataset["client"];
  return (
    (article.id ? feed.querySelector<HTMLElement>(`#${CSS.escape(article.id)}`) : null) ??
    (client ? feed.querySelector<HTMLElement>(`article[data-client="${CSS.escape(client)}"]`) : null)
  );
}

function key(article: HTMLElement): string {
  return `${article.dataset["at"]} ${article.dataset["pk"]}`;
}

function before(one: HTMLElement, other: HTMLElement): boolean {
  const [a, b] = [one.dataset["at"] ?? "", other.dataset["at"] ?? ""];
  return a === b ? Number(one.dataset["pk"]) < Number(other.dataset["pk"]) : a < b;
}

/** What the reader has unfolded stays unfolded when the article is drawn anew. */
function keepOpen(old: HTMLElement, fresh: HTMLElement): void {
  for (const name of ["quoted", "words", "files"]) {
    const open = old.querySelector<HTMLElement>(`[data-fold-target="${name}"]`);
    const next = fresh.querySelector<HTMLElement>(`[data-fold-target="${name}"]`);
    if (open && next && open.classList.contains("open")) {
      next.hidden = false;
      next.classList.add("open");
    }
  }
}
