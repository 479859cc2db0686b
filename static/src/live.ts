/**
 * The line to the server: the only file that knows the socket.
 * It turns frames into events on `document` and never holds content:
 *   live:state {state, since}   live:hint {…}   live:catchup {wait}   live:eph {…}   live:nudge {…}   live:denied {customer}
 */
export type LineState = "connected" | "reconnecting" | "offline";
export type Hint = { entry: number; touched_seq: number; conversation: number | null; customer: number; kind: string };
/** The kind of a hint of how far a message of ours has got: a row or a head shows nothing of it. */
export const DELIVERY = "delivery";
export type Ephemeral = { what: string; customer?: number; conversation?: number; agent?: number; name?: string; mode?: string; ttl?: number };
type Frame = { type: string; customer?: number } & Record<string, unknown>;

const PING_EVERY = 20_000;
const PONG_WITHIN = 4_000;
const PONGS_MISSED = 2;
const OFFLINE_AFTER = 5_000;
const SIGNED_OUT = 4401;
const HIDDEN_LONG = 60_000;
const HINTS_REMEMBERED = 20;

class Line {
  state: LineState = "reconnecting";
  private socket: WebSocket | null = null;
  private readonly watched = new Map<number, number>();
  private attempts = 0;
  private missed = 0;
  private downSince = Date.now();
  private hiddenSince = 0;
  private retry = 0;
  private pong = 0;
  private wasConnected = false;
  private hinted: string[] = [];

  start(): void {
    this.open();
    setInterval(() => this.doubt(), PING_EVERY);
    setInterval(() => document.visibilityState === "visible" && this.catchUp(0), HIDDEN_LONG);
    setInterval(() => this.judge(), 500);
    addEventListener("online", () => this.again(0));
    addEventListener("offline", () => this.lost());
    document.addEventListener("visibilitychange", () => this.shown());
  }

  /** Ask for hints about one customer; counted, because several parts of a page may ask. */
  watch(customer: number): void {
    const count = this.watched.get(customer) ?? 0;
    this.watched.set(customer, count + 1);
    if (count === 0) this.send({ type: "watch", customer });
  }

  unwatch(customer: number): void {
    const count = (this.watched.get(customer) ?? 0) - 1;
    if (count > 0) {
      this.watched.set(customer, count);
      return;
    }
    this.watched.delete(customer);
    this.send({ type: "unwatch", customer });
  }

  send(frame: Record<string, unknown>): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(frame));
  }

  /** Find out now whether the line still lives: a frozen socket tells nobody. Two pongs may be missed. */
  doubt(): void {
    if (this.state === "connected" && !this.pong) this.ping();
  }

  /** Try now, without waiting for the next attempt. */
  again(wait: number): void {
    clearTimeout(this.retry);
    if (this.socket && this.state === "connected") return this.doubt();
    this.retry = window.setTimeout(() => this.open(), wait);
  }

  private open(): void {
    this.drop();
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(`${scheme}//${location.host}/ws/agent/`);
    this.socket = socket;
    socket.onopen = () => this.opened();
    socket.onmessage = (event: MessageEvent<string>) => this.heard(JSON.parse(event.data) as Frame);
    socket.onclose = (event) => socket === this.socket && this.closed(event.code);
  }

  private closed(code: number): void {
    if (code !== SIGNED_OUT) return this.lost();
    this.drop();
    this.become("reconnecting");
    this.tell("session:ended", null);
  }

  private opened(): void {
    this.attempts = this.missed = 0;
    for (const customer of this.watched.keys()) this.send({ type: "watch", customer });
    this.become("connected");
    if (this.wasConnected) this.catchUp(500);
    this.wasConnected = true;
  }

  private heard(frame: Frame): void {
    this.missed = 0;
    clearTimeout(this.pong);
    this.pong = 0;
    if (frame.type === "hint" && this.isRepeated(frame)) return;
    if (frame.type === "hint" || frame.type === "eph" || frame.type === "nudge") return this.tell(`live:${frame.type}`, frame);
    if (frame.type === "watching") return this.watching(frame);
    if (frame.type === "resync") return this.resync();
    if (frame.type === "rewatch" && frame.customer !== undefined) return this.send({ type: "watch", customer: frame.customer });
    if (frame.type === "down") return this.become("reconnecting");
    if (frame.type === "denied") return this.tell("live:denied", frame);
    if (frame.type === "kick") this.tell("live:kick", frame);
  }

  /** A hint comes once for each audience that this browser belongs to; the first one is acted on. */
  private isRepeated(frame: Frame): boolean {
    const name = `${String(frame["entry"])}.${String(frame["touched_seq"])}`;
    const known = this.hinted.includes(name);
    if (!known) this.hinted = [...this.hinted.slice(1 - HINTS_REMEMBERED), name];
    return known;
  }

  private watching(frame: Frame): void {
    if (this.state !== "connected") this.become("connected");
    this.tell("live:catchup", { wait: 0, customer: frame.customer });
  }

  /** Something may have been missed; it is also how the server says that its own line is back after `down`. */
  private resync(): void {
    if (this.state !== "connected") this.become("connected");
    this.catchUp(500);
  }

  private lost(): void {
    this.drop();
    this.become("reconnecting");
    const wait = Math.min(8_000, 400 * 2 ** this.attempts) * (0.7 + Math.random() * 0.6);
    this.attempts += 1;
    this.again(wait);
  }

  private drop(): void {
    const socket = this.socket;
    this.socket = null;
    clearTimeout(this.pong);
    this.pong = 0;
    if (socket && socket.readyState <= WebSocket.OPEN) socket.close();
  }

  private ping(): void {
    this.send({ type: "ping" });
    this.pong = window.setTimeout(() => this.missedPong(), PONG_WITHIN);
  }

  private missedPong(): void {
    this.missed += 1;
    if (this.missed >= PONGS_MISSED) this.lost();
    else this.ping();
  }

  private judge(): void {
    if (this.state === "reconnecting" && Date.now() - this.downSince > OFFLINE_AFTER) this.become("offline");
  }

  private shown(): void {
    if (document.visibilityState === "hidden") {
      this.hiddenSince = Date.now();
      return;
    }
    if (this.hiddenSince && Date.now() - this.hiddenSince > HIDDEN_LONG) this.catchUp(0);
    this.again(0);
  }

  private catchUp(spread: number): void {
    this.tell("live:catchup", { wait: Math.random() * spread });
  }

  private become(state: LineState): void {
    if (this.state === "connected" && state !== "connected") this.downSince = Date.now();
    if (this.state === "offline" && state === "reconnecting") return;
    if (this.state === state && this.wasConnected) return;
    this.state = state;
    this.tell("live:state", { state, since: this.downSince, first: !this.wasConnected });
  }

  private tell(name: string, detail: unknown): void {
    document.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

export const line = new Line();
