/** Marks words in a feed without changing the page: what is drawn stays what the server drew. */
import { plain } from "./plain";

const EVERYWHERE = "found";
const HERE = "found-here";
const SEARCHED = ".words, .about, .quoted, .note-body, .nm, .happen";

/** Mark words in an article, and less loudly in the rest of its feed. Case and accents do not count. */
export function mark(here: HTMLElement, text: string): void {
  const words = plain(text).split(/\s+/).filter(Boolean);
  CSS.highlights.set(EVERYWHERE, new Highlight(...ranges(here.parentElement ?? here, words)));
  CSS.highlights.set(HERE, new Highlight(...ranges(here, words)));
}

export function unmark(): void {
  CSS.highlights.delete(EVERYWHERE);
  CSS.highlights.delete(HERE);
}

function ranges(root: HTMLElement, words: string[]): Range[] {
  const found: Range[] = [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.parentElement?.closest(SEARCHED)) found.push(...inText(node as Text, words));
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
      const range = new Range();
      range.setStart(node, places[begin] ?? 0);
      range.setEnd(node, places[begin + word.length] ?? at);
      found.push(range);
    }
    return found;
  });
}
