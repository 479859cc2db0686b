/**
 * How long a text is in the way its channel counts, and what it costs in the alphabet of SMS (3GPP TS 23.038).
 * helpdesk/lib/gsm.py and pieces.py say the same of every text; tests/conversations/test_limits.py holds them together.
 */
const BASE = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
const EXTENSION = new Set("\f^{}\\[~]|€");
const ALONE = 160, JOINED = 153, WIDE_ALONE = 70, WIDE_JOINED = 67;
/** What keyboards write instead of a sign of the alphabet: written plainly again without asking, nothing is lost. */
const PLAIN = new Map<string, string>([
  ...pairs("‘’‚‛′ʼ`´", "'"),
  ...pairs("“”„‟″«»", '"'),
  ...pairs("‐‑‒–—―−•·", "-"),
  ...pairs("\t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000", " "),
  ...pairs("\u00ad\u200b\u2060\ufeff", ""),
  ...pairs("\u2028\u2029\u0085", "\n"),
  ["…", "..."], ["‹", "<"], ["›", ">"],
]);
/** Letters that Unicode does not know as a letter with an accent. */
const LETTERS: Record<string, string> = {
  ł: "l", Ł: "L", đ: "d", Đ: "D", ð: "d", Ð: "D", þ: "th", Þ: "Th", ı: "i", œ: "oe", Œ: "Oe",
  ħ: "h", Ħ: "H", ŋ: "n", Ŋ: "N", ŧ: "t", Ŧ: "T", ĸ: "k", ẞ: "SS",
};

/** left: units that still go into the last SMS; because: the signs that make it dear, each once. */
export type Size = { segments: number; left: number; because: string[] };

/** What a text costs as it is written; `normalised` first for what is sent. */
export function size(text: string): Size {
  const signs = [...text];
  const because = [...new Set(signs.filter((sign) => !isGsm(sign)))];
  const widths = signs.map((sign) => (because.length ? sign.length : EXTENSION.has(sign) ? 2 : 1));
  const [alone, joined] = because.length ? [WIDE_ALONE, WIDE_JOINED] : [ALONE, JOINED];
  const all = widths.reduce((sum, width) => sum + width, 0);
  if (all <= alone) return { segments: text ? 1 : 0, left: alone - all, because };
  let segments = 1, used = 0;
  for (const width of widths) {
    // An escape and its sign, or the two halves of an emoji, stay together.
    if (used + width > joined) [segments, used] = [segments + 1, 0];
    used += width;
  }
  return { segments, left: joined - used, because };
}

export function normalised(text: string): string {
  if ([...text].every(isGsm)) return text;
  return [...text.normalize("NFC")].map((sign) => PLAIN.get(sign) ?? sign).join("");
}

/** The same words in letters that every phone has; those of the alphabet keep their accents (è, ü). */
export function withoutAccents(text: string): string {
  return [...normalised(text)].map((sign) => (isGsm(sign) ? sign : bare(sign))).join("");
}

function bare(sign: string): string {
  const parts = [...sign.normalize("NFKD").replace(/\p{M}/gu, "")].map((part) => LETTERS[part] ?? part);
  const found = parts.join("");
  return found && [...found].every(isGsm) ? found : sign;
}

function isGsm(sign: string): boolean {
  return BASE.has(sign) || EXTENSION.has(sign);
}

function pairs(signs: string, plain: string): [string, string][] {
  return [...signs].map((sign) => [sign, plain]);
}

export type Unit = "characters" | "bytes" | "utf16" | "segments";
/** used, limit and left in the channel's unit; of an SMS, left counts what still goes into the last one. */
export type Measure = { used: number; limit: number; left: number; isOver: boolean; because: string[] };

export function measure(written: string, unit: Unit, limit: number): Measure {
  const text = written.trim();
  if (unit === "segments") {
    const { segments, left, because } = size(normalised(text));
    return { used: segments, limit, left, isOver: segments > limit, because };
  }
  const used = count(text, unit);
  return { used, limit, left: limit - used, isOver: used > limit, because: [] };
}

/** How much of a text fits, as a text field counts its selection; never half of what a person sees as one sign. as: what leaves of it. */
export function fitting(text: string, unit: Unit, limit: number, as = (part: string): string => part): number {
  const parts = [...new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text)];
  const ends = [0, ...parts.map(({ index, segment }) => index + segment.length)];
  let low = 0, high = ends.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (measure(as(text.slice(0, ends[middle])), unit, limit).isOver) high = middle - 1;
    else low = middle;
  }
  return ends[low] ?? 0;
}

function count(text: string, unit: Unit): number {
  if (unit === "bytes") return new TextEncoder().encode(text).length;
  return unit === "utf16" ? text.length : [...text].length;
}
