/** Which files a channel takes; helpdesk/lib/pieces.py judges alike when they are sent. */
import { measure } from "./measuring";
import type { FileRule, Rules } from "./route";

const CAPTIONED = new Set(["image", "video", "file"]);

export function kindOf(type: string): string {
  const family = type.split("/")[0]?.toLowerCase() ?? "";
  return ["image", "audio", "video"].includes(family) ? family : "file";
}

/** most: the limit of its kind, 0 where none is taken; isPlain: it goes all the same, as a plain file. */
export type Broken = { most: number; isPlain: boolean };

/** The limit that a file breaks; null: it is taken as it is. */
export function brokenLimit(file: File, rules: Rules): Broken | null {
  if (!rules.files.length) return file.size > rules.bytes ? { most: rules.bytes, isPlain: false } : null;
  const type = file.type.toLowerCase(), kind = kindOf(type);
  const own = rules.files.find((rule) => rule.kind === kind && takes(rule, type));
  const plain = rules.files.find((rule) => rule.kind === "file" && takes(rule, type));
  if (own && file.size <= own.max_bytes) return null;
  if (plain && file.size <= plain.max_bytes) return own && kind !== "file" ? { most: own.max_bytes, isPlain: true } : null;
  return { most: Math.max(own?.max_bytes ?? 0, plain?.max_bytes ?? 0), isPlain: false };
}

/** How many messages it becomes where each file is one of its own. parts: how many the text is alone. */
export function messages(files: File[], text: string, parts: number, rules: Rules): number {
  const [only] = files;
  const isCaption = files.length === 1 && only !== undefined && CAPTIONED.has(kindOf(only.type))
    && rules.caption > 0 && !measure(text, rules.unit, rules.caption).isOver;
  return files.length + (text.trim() && !isCaption ? parts : 0);
}

export function bytes(n: number): string {
  const [value, unit] = n < 1_000_000 ? [n / 1_000, "kilobyte"] : [n / 1_000_000, "megabyte"];
  return new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit, maximumFractionDigits: 1 }).format(value);
}

function takes(rule: FileRule, type: string): boolean {
  return !rule.mimes.length || rule.mimes.includes(type);
}
