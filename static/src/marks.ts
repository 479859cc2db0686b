/**
 * What a text becomes on a channel: **bold**, _italic_, [links](https://…) … as the channel carries them, or taken off.
 * helpdesk/lib/markup says the same of every text; tests/conversations/test_limits.py holds them together.
 */
export type Style = "" | "html" | "stars" | "marks";
type Kind = "bold" | "italic" | "strike" | "code" | "block" | "link" | "quote";
/** What stands at a place, up to another, and what is put there instead. */
type Edit = [number, number, string];
type Found = { kind: Kind; start: number; begin: number; until: number; end: number; url: string };

const PAIRS = new Map<string, Kind>([["**", "bold"], ["~~", "strike"], ["_", "italic"]]);
const STARS: Partial<Record<Kind, string>> = { bold: "*", italic: "_", strike: "~", code: "```", block: "```" };
const GUARD = "\u200b";
const FENCE = /^```[A-Za-z0-9+#-]{0,20}[ \t]*$/, FENCE_END = /^```[ \t]*$/, QUOTE = /^> ?(?=[^\s>])/, ITEM = /^(?:-|\d{1,3}\.) (?=\S)/;
const TOKEN = /(?<!`)`(?<code>[^`\n]+)`(?!`)|\[(?<label>[^[\]\n]+)\]\((?<url>(?:https?:\/\/|mailto:|tel:)(?:[^\s()<>]|\([^\s()<>]*\))+)\)|(?<bare>https?:\/\/[^\s<>]*[^\s<>*_~.,;:!?)\]])|(?<run>\*+|_+|~+)/gu;
const SPACE = /\s/, LETTER = /[\p{L}\p{N}]/u;

/** The text as it leaves: what counters count. */
export function carried(text: string, style: Style): string {
  const { found, bare } = read(text);
  const isPlain = style !== "marks", edits: Edit[] = style === "stars" ? guards(text, found, bare) : [];
  for (const { kind, start, begin, until, end, url } of found) {
    if (kind === "quote" && isPlain) continue;
    const sign = (style === "stars" && STARS[kind]) || "";
    const isKept = kind === "link" && (isPlain || !url.startsWith("http")) && text.slice(begin, until) !== url;
    edits.push([start, begin, sign], isKept ? [until, until + 1, " "] : [until, end, sign]);
  }
  let at = 0, said = "";
  for (const [start, end, words] of edits.sort((a, b) => a[0] - b[0] || a[1] - b[1])) {
    said += text.slice(at, start) + words;
    at = end;
  }
  return said + text.slice(at);
}

/** What is only a sign there: what is bold, and so on; and links, whose addresses come to stand behind their words. */
export function lost(text: string, style: Style): { marks: boolean; links: number } {
  const { found } = read(text);
  const marks = !style && found.some(({ kind }) => STARS[kind]);
  return { marks, links: style === "html" || style === "marks" ? 0 : found.filter(({ kind }) => kind === "link").length };
}

function read(text: string): { found: Found[]; bare: [number, number][] } {
  const found: Found[] = [], bare: [number, number][] = [];
  const lines = text.split("\n"), starts: number[] = [], ends: number[] = [];
  lines.reduce((at, line, n) => (starts[n] = at) + line.length + 1, 0);
  for (let n = lines.length - 1, last = 0; n >= 0; n--) {
    ends[n] = last;
    if (FENCE_END.test(lines[n]!)) last = n;
  }
  for (let n = 0; n < lines.length; n++) {
    const line = lines[n]!, start = starts[n]!, last = FENCE.test(line) ? ends[n]! : 0;
    const begin = start + line.length + 1, until = starts[last]! - 1;
    if (last && text.slice(begin, until).trim()) {
      found.push({ kind: "block", start, begin, until, end: starts[last]! + lines[last]!.length, url: "" });
      n = last;
    } else readLine(line, start, found, bare);
  }
  return { found, bare };
}

function readLine(line: string, at: number, found: Found[], bare: [number, number][]): void {
  const quote = QUOTE.exec(line)?.[0].length ?? 0, head = quote || (ITEM.exec(line)?.[0].length ?? 0);
  const add = (kind: Kind, start: number, begin: number, until: number, end: number, url = ""): number =>
    found.push({ kind, start: at + start, begin: at + begin, until: at + until, end: at + end, url });
  if (quote) add("quote", 0, quote, line.length, line.length);
  let opened: [string, number][] = [];
  TOKEN.lastIndex = head;
  for (let token = TOKEN.exec(line); token; token = TOKEN.exec(line)) {
    const start = token.index, end = start + token[0].length, { code, label, url, run } = token.groups!;
    const kind = run && PAIRS.get(run);
    if (token.groups!["bare"]) bare.push([at + start, at + end]);
    else if (code?.trim()) add("code", start, start + 1, end - 1, end);
    else if (label?.trim()) add("link", start, start + 1, start + 1 + label.length, end, url);
    if (!run || !kind) continue;
    const before = start > head ? signBefore(line, start) : " ", after = signAt(line, end) || " ";
    const place = opened.findIndex(([mark]) => mark === run);
    if (place >= 0 && !SPACE.test(before) && !LETTER.test(after)) {
      const from = opened[place]![1];
      opened = opened.slice(0, place);
      add(kind, from, from + run.length, start, end);
    } else if (!SPACE.test(after) && !LETTER.test(before)) opened = [...opened.filter(([mark]) => mark !== run), [run, start]];
  }
}

/** What keeps signs that mark nothing here from marking something where stars do. */
function guards(text: string, found: Found[], bare: [number, number][]): Edit[] {
  const taken = new Set<number>(), edits: Edit[] = [];
  const take = (from: number, to: number): void => { for (let n = from; n < to; n++) taken.add(n); };
  // A sign that ends an address may belong to it.
  for (const [from, to] of bare) take(from, to + /^[*_~]*/.exec(text.slice(to, to + 99))![0].length);
  for (const { kind, start, begin, until, end } of found) {
    if (kind === "code" || kind === "block") take(start, end);
    else if (kind !== "quote") (take(start, begin), take(until, end));
  }
  const own = new Set(found.flatMap(({ kind, start }) => (STARS[kind] ? [`${text.lastIndexOf("\n", start - 1) + 1}${STARS[kind][0]}`] : [])));
  let at = 0;
  for (const line of text.split("\n")) {
    for (const sign of "*_~`") edits.push(...apart(text, sign, [at, at + line.length], taken, own.has(`${at}${sign}`)));
    at += line.length + 1;
  }
  return edits.filter(([place]) => place < text.length);
}

function apart(text: string, sign: string, [from, to]: [number, number], taken: Set<number>, isOwn: boolean): Edit[] {
  const places: { at: number; begins: boolean; ends: boolean }[] = [];
  for (let at = text.indexOf(sign, from); at >= 0 && at < to; at = text.indexOf(sign, at + 1)) {
    if (taken.has(at)) continue;
    const before = signBefore(text, at) || " ", after = signAt(text, at + 1) || " ", isTick = sign === "`";
    places.push({ at, begins: isTick || (!SPACE.test(after) && !LETTER.test(before)), ends: isTick || (!SPACE.test(before) && !LETTER.test(after)) });
  }
  if (!places.length) return [];
  const first = places.find(({ begins }) => begins)?.at ?? Infinity, last = places.findLast(({ ends }) => ends)?.at ?? -1;
  if (!isOwn && first >= last) return [];
  return places.flatMap(({ at, begins, ends }): Edit[] => (begins ? [[at + 1, at + 1, GUARD]] : ends ? [[at, at, GUARD]] : []));
}

function signAt(text: string, at: number): string {
  return at < text.length ? String.fromCodePoint(text.codePointAt(at)!) : "";
}

function signBefore(text: string, at: number): string {
  return [...text.slice(Math.max(0, at - 2), at)].at(-1) ?? "";
}
