/**
 * What the browser keeps for this widget on this site. A frame of another site may be refused any storage; then the
 * page above keeps it (loader.ts), and where that may not either, it lives as long as the page.
 */
export type Unsent = { id: string; text: string; at: number; payload?: string; failed?: boolean; isLong?: boolean };

const NAMES = ["token", "draft", "unsent", "link"];

export class Keep {
  private readonly memory: Record<string, string>;
  private readonly own: Storage | null;

  constructor(
    private readonly prefix: string,
    kept: string,
    private readonly tell: (kept: string) => void,
  ) {
    this.own = storage(prefix);
    this.memory = this.own ? {} : read(kept);
  }

  get token(): string {
    return this.read("token");
  }

  set token(value: string) {
    this.write("token", value);
  }

  /** The link by which this browser has begun, so that it may open its page again. */
  get link(): string {
    return this.read("link");
  }

  set link(value: string) {
    this.write("link", value);
  }

  get draft(): string {
    return this.read("draft");
  }

  set draft(value: string) {
    this.write("draft", value);
  }

  get unsent(): Unsent[] {
    const found: unknown = read(this.read("unsent") || "[]");
    return Array.isArray(found) ? (found as Unsent[]) : [];
  }

  set unsent(list: Unsent[]) {
    this.write("unsent", list.length ? JSON.stringify(list) : "");
  }

  forget(): void {
    for (const name of NAMES) this.write(name, "");
  }

  /** Another tab has written. */
  onChange(act: () => void): void {
    addEventListener("storage", (event) => event.key?.startsWith(this.prefix) && act());
  }

  /** The page above heard from another tab. */
  renew(kept: string): void {
    if (!this.own) Object.assign(this.memory, { token: "", ...read(kept) });
  }

  private read(name: string): string {
    return (this.own ? this.own.getItem(this.prefix + name) : this.memory[name]) ?? "";
  }

  private write(name: string, value: string): void {
    if (this.own && value) this.own.setItem(this.prefix + name, value);
    else if (this.own) this.own.removeItem(this.prefix + name);
    else {
      this.memory[name] = value;
      this.tell(JSON.stringify(this.memory));
    }
  }
}

function storage(prefix: string): Storage | null {
  try {
    localStorage.setItem(`${prefix}may`, "1");
    localStorage.removeItem(`${prefix}may`);
    return localStorage;
  } catch {
    return null;
  }
}

function read(text: string): Record<string, string> {
  try {
    return (JSON.parse(text) ?? {}) as Record<string, string>;
  } catch {
    return {};
  }
}
