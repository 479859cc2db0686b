/** The frame's socket: says that there is something to fetch, that somebody types, and whether there is a line. */
type Frame = { type: string; what?: string; ttl?: number };
export type Listener = { hint: () => void; line: (isUp: boolean) => void; eph: (what: string, ttl: number) => void; nudge: () => void };

const PING_EVERY = 20_000;
const NOT_KNOWN = 4401;

export class Line {
  private socket: WebSocket | null = null;
  private attempts = 0;
  private retry = 0;
  private pinging = 0;
  private answered = true;
  private isWanted = false;

  constructor(
    private readonly url: string,
    private readonly hello: () => object,
    private readonly listener: Listener,
  ) {
    addEventListener("online", () => this.isWanted && this.open());
    addEventListener("offline", () => this.lost());
  }

  open(): void {
    this.isWanted = true;
    clearTimeout(this.retry);
    if (this.socket && this.socket.readyState < WebSocket.CLOSING) return;
    const socket = new WebSocket(this.url);
    this.socket = socket;
    socket.onopen = () => this.say({ type: "hello", ...this.hello() });
    socket.onmessage = (event: MessageEvent<string>) => this.hear(JSON.parse(event.data) as Frame);
    socket.onclose = (event) => socket === this.socket && this.lost(event.code);
    clearInterval(this.pinging);
    this.answered = true;
    this.pinging = window.setInterval(() => this.ping(), PING_EVERY);
  }

  close(): void {
    this.isWanted = false;
    clearTimeout(this.retry);
    clearInterval(this.pinging);
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }

  /** Who we are has changed: after the first message there is more to hear. */
  again(): void {
    this.say({ type: "here", ...this.hello() });
  }

  say(frame: object): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(frame));
  }

  private ping(): void {
    if (!this.answered) return this.lost();
    this.answered = false;
    this.say({ type: "ping" });
  }

  private hear(frame: Frame): void {
    this.answered = true;
    if (frame.type === "watching") {
      this.attempts = 0;
      this.listener.line(true);
      this.listener.hint();
    } else if (frame.type === "news" || frame.type === "resync") this.listener.hint();
    else if (frame.type === "nudge") this.listener.nudge();
    else if (frame.type === "down") this.listener.line(false);
    else if (frame.type === "eph" && frame.what) this.listener.eph(frame.what, frame.ttl ?? 0);
  }

  private lost(code = 0): void {
    if (!this.isWanted) return;
    // One that outlives a short absence of the network would never say again that it is there.
    const socket = this.socket;
    this.socket = null;
    socket?.close();
    this.listener.line(false);
    clearTimeout(this.retry);
    if (code === NOT_KNOWN) return;
    // After a restart of the desk everybody comes back: not all in the same second.
    const wait = Math.min(30_000, 500 * 2 ** this.attempts) + Math.random() * 5_000 * Math.min(1, this.attempts);
    this.attempts += 1;
    this.retry = window.setTimeout(() => this.open(), wait);
  }
}
