/** Marks words in a feed without changing the page: what is drawn stays what the server drew. */
import { plain } from "./plain";

const EVERYWHERE = "found";
const HERE = "found-here";
const SEARCHED = ".words, .about, .quoted, .note-body, .nm, .happen";

type View = Window & typeof globalThis;

/**
 * Mark words in an article, and less loudly in the rest of its feed; return how far below the article's beginning
 * the first of its marks stands, null where it has none. Case and accents do not count.
 */
export function mark(here: HTMLElement, text: string): number | null {
  const words = plain(text).split(/\s+/).filter(Boolean);
  const feed = here.parentElement ?? here;
  unmark();
  const own = ranges(here, words);
  paint(window as View, EVERYWHERE, ranges(feed, words));
  paint(window as View, HERE, own);
  let first = own[0]?.getBoundingClientRect().top ?? null;
  for (const frame of frames(feed)) {
    const found = ranges(frame.contentDocument?.body ?? null, words);
    const isHere = here.contains(frame);
    paint(frame.contentWindow as View | null, isHere ? HERE : EVERYWHERE, found);
    if (isHere && found[0]) first ??= frame.getBoundingClientRect().top + found[0].getBoundingClientRect().top;
  }
  return first === null ? null : first - here.getBoundingClientRect().top;
}

export function unmark(): void {
  for (const view of [window, ...frames(document).map((frame) => frame.contentWindow)] as (View | null)[]) {
    view?.CSS.highlights.delete(EVERYWHERE);
    view?.CSS.highlights.delete(HERE);
  }
}

/** The frames of mails: pages of their own, in which no script runs and marks are set from here. */
function frames(root: ParentNode): HTMLIFrameElement[] {
  return [...root.querySelectorAll<HTMLIFrameElement>("iframe.frame")];
}

/** Each page keeps its own marks, and only of its own ranges. */
function paint(view: View | null, name: string, found: Range[]): void {
  if (view && found.length) view.CSS.highlights.set(name, new view.Highlight(...found));
}

function ranges(root: HTMLElement | null, words: string[]): Range[] {
  const found: Range[] = [];
  const page = root?.ownerDocument;
  if (!root || !page) return found;
  const isSearched = (at: Element | null): boolean =>
    page === document ? Boolean(at?.closest(SEARCHED)) : !at?.closest("style, title");
  const walker = page.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (isSearched(node.parentElement)) found.push(...inText(node as Text, words));
  }
  return found;
}

function inText(node: Text, words: string[]): Range[] {
  // Folding may change the length of a text, so each sign is folded by itself and its place kept.
  const places: number[] = [];
  let folded = "";
  let at = 0;
  for (const sign of node.data) {
    for (const part of plain(sign)) {
      folded += part;
      places.push(...Array.from(part, () => at));
    }
    at += sign.length;
  }
  places.push(at);
  return words.flatMap((word) => {
    const found: Range[] = [];
    for (let begin = folded.indexOf(word); begin >= 0; begin = folded.indexOf(word, begin + word.length)) {
      const range = node.ownerDocument.createRange();
      range.setStart(node, places[begin] ?? 0);
      range.setEnd(node, places[begin + word.length] ?? at);
      found.push(range);
    }
    return found;
  });
}
