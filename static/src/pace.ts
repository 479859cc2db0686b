/**
 * Runs `act` at once, then not again before `gap` ms have passed (plus up to `jitter` ms);
 * never twice at the same time. What is asked meanwhile is done once, afterwards.
 */
export class Pace {
  private timer = 0;
  private busy = false;
  private again = false;
  private last = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly act: () => Promise<void>,
    private readonly gap: number,
    private readonly jitter = 0,
  ) {}

  ask(wait = 0): void {
    if (this.busy) {
      this.again = true;
      return;
    }
    if (this.timer) return;
    const rest = Math.max(wait, this.last + this.gap - performance.now(), 0) + Math.random() * this.jitter;
    this.timer = window.setTimeout(() => void this.run(), rest);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = 0;
    this.again = false;
  }

  private async run(): Promise<void> {
    this.timer = 0;
    this.busy = true;
    this.last = performance.now();
    try {
      await this.act();
    } finally {
      this.busy = false;
      if (this.again) {
        this.again = false;
        this.ask();
      }
    }
  }
}
