/** Requests of the frame: the token goes in a header that no other site can send. */
export type Answer = { status: number; headers: Headers; text: string };

export class Desk {
  site = "";
  token = "";

  constructor(readonly base: string) {}

  async ask(noun: string, body?: unknown): Promise<Answer> {
    const headers: Record<string, string> = { "X-Telaio-Site": this.site };
    if (this.token) headers["Authorization"] = `Bearer ${this.token}`;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const response = await fetch(this.base + noun, {
      method: body === undefined ? "GET" : "POST",
      headers,
      body: body === undefined ? null : JSON.stringify(body),
      credentials: "omit",
      cache: "no-store",
      signal: AbortSignal.timeout(15_000),
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  }
}

/** A UUID; a frame on a page without https has no crypto.randomUUID. */
export function newName(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const hex = [...bytes].map((byte, at) => (at === 6 ? (byte & 15) | 64 : at === 8 ? (byte & 63) | 128 : byte).toString(16).padStart(2, "0"));
  return hex.join("").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
