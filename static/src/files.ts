/** Which files a channel takes; helpdesk/lib/pieces.py judges alike when they are sent. */
import { measure } from "./measuring";
import type { FileRule, Rules } from "./route";

const CAPTIONED = new Set(["image", "video", "file"]);

export function kindOf(type: string): string {
  const family = type.split("/")[0]?.toLowerCase() ?? "";
  return ["image", "audio", "video"].includes(family) ? family : "file";
}

/** The limit that this file breaks; null: it is taken as it is; 0: files of its kind are not taken at all. */
export function brokenLimit(file: File, rules: Rules): number | null {
  if (!rules.files.length) return file.size > rules.bytes ? rules.bytes : null;
  const type = file.type.toLowerCase(), kind = kindOf(type);
  const fitting = rules.files.filter((rule) => takes(rule, type) && [kind, "file"].includes(rule.kind));
  if (fitting.some((rule) => file.size <= rule.max_bytes)) return null;
  // The limit of its own kind says more than that of plain files.
  const own = fitting.find((rule) => rule.kind === kind) ?? fitting[0];
  return own?.max_bytes ?? 0;
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
