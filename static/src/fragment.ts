/** Fetches pieces of pages the way htmx does, for the controllers that place them by themselves. */
import { line } from "./live";

// Browsers refuse a request that outlives its page when it is longer (64 KiB with its headers).
const OUTLIVES_BYTES = 60_000;

export type Piece = { status: number; headers: Headers; content: DocumentFragment };

/** The token that Django asks of every POST; it stands on <body>. */
export function csrf(): string {
  return document.body.dataset["csrf"] ?? "";
}

export async function get(url: string): Promise<Piece | null> {
  return ask(url, { headers: { "HX-Request": "true" } });
}

export async function post(url: string, body: FormData | URLSearchParams, outlives = false): Promise<Piece | null> {
  const keepalive = outlives && body.toString().length < OUTLIVES_BYTES;
  return ask(url, { method: "POST", body, keepalive, headers: { "HX-Request": "true", "X-CSRFToken": csrf() } });
}

/** null: the line is down, or the session has ended (told by the event session:ended). */
async function ask(url: string, init: RequestInit): Promise<Piece | null> {
  try {
    const answer = await fetch(url, { ...init, credentials: "same-origin" });
    if (answer.redirected && new URL(answer.url).pathname.startsWith("/login")) {
      document.dispatchEvent(new CustomEvent("session:ended"));
      return null;
    }
    const template = document.createElement("template");
    template.innerHTML = await answer.text();
    return { status: answer.status, headers: answer.headers, content: template.content };
  } catch {
    line.doubt();
    return null;
  }
}

/** Says what JavaScript must say with the sentences the page brought along. */
export function fill(sentence: string | undefined, values: Record<string, string | number>): string {
  return (sentence ?? "").replace(/\{(\w+)\}/g, (whole, key: string) => String(values[key] ?? whole));
}

/** The plural form of `forms` (JSON by CLDR category, "#" is the number) for `n`. */
export function plural(forms: string | undefined, n: number): string {
  const known = JSON.parse(forms ?? "{}") as Record<string, string>;
  const category = new Intl.PluralRules(document.documentElement.lang).select(n);
  return (known[category] ?? known["other"] ?? "").replace("#", String(n));
}
