import { Controller } from "@hotwired/stimulus";
import { fill, get } from "../fragment";
import { line, type Ephemeral } from "../live";

const SAY_EVERY = 15_000;
const TYPING_EVERY = 3_000;

type Other = { name: string; until: number };

/** Who else has this customer open, and who writes. Says the same of us. */
export default class extends Controller<HTMLElement> {
  static override targets = ["viewing", "writing", "draft", "theirs"];
  static override values = { customer: Number, conversation: Number, me: Number };
  declare readonly viewingTarget: HTMLElement;
  declare readonly writingTarget: HTMLElement;
  declare readonly draftTarget: HTMLElement;
  declare readonly theirsTarget: HTMLElement;
  declare readonly customerValue: number;
  declare readonly conversationValue: number;
  declare readonly meValue: number;
  private readonly viewers = new Map<number, Other>();
  private readonly writers = new Map<number, Other & { mode: string }>();
  private timer = 0;
  private said = 0;
  private theirsUntil = 0;

  override connect(): void {
    this.here();
    this.timer = window.setInterval(() => this.tick(), 1_000);
  }

  override disconnect(): void {
    clearInterval(this.timer);
    this.say("viewing", { gone: true });
  }

  heard(event: CustomEvent<Ephemeral>): void {
    const { what, customer, agent, name, mode, ttl } = event.detail;
    if (customer !== this.customerValue) return;
    if (what === "customer_typing") this.theyWrite(ttl ?? 0);
    if (agent === undefined || agent === this.meValue) return;
    const until = Date.now() + (ttl ?? 5) * 1000;
    const isNew = !this.viewers.has(agent);
    if (what === "viewing") this.viewers.set(agent, { name: name ?? "", until });
    if (what === "typing") this.writers.set(agent, { name: name ?? "", until, mode: mode ?? "reply" });
    if (what === "viewing" && isNew && (ttl ?? 1) > 0) this.here();
    this.draw();
  }

  /** The line is back, or somebody came: say that we are here. */
  here(): void {
    this.said = Date.now();
    this.say("viewing", {});
  }

  private theyWrite(ttl: number): void {
    this.theirsUntil = Date.now() + ttl * 1_000;
    this.theirsTarget.hidden = ttl === 0;
  }

  typed(event: Event): void {
    const field = event.target as HTMLTextAreaElement;
    const now = Date.now();
    if (!field.matches("textarea") || now - Number(field.dataset["said"] ?? 0) < TYPING_EVERY) return;
    field.dataset["said"] = String(now);
    this.say("typing", { mode: field.name === "note" ? "note" : "reply" });
  }

  /** What the colleague has saved so far; it is theirs, and only read here. */
  async seeDraft(event: Event): Promise<void> {
    const [writer] = this.writers;
    const url = (event.currentTarget as HTMLElement).dataset["url"] ?? "";
    if (!writer) return;
    const piece = await get(`${url}${writer[1].mode}/${writer[0]}/`);
    if (piece?.status === 200) this.draftTarget.replaceChildren(piece.content);
  }

  /** Their text becomes mine: asked where the writing is. */
  takeDraft(event: Event): void {
    const [writer] = this.writers;
    const url = (event.currentTarget as HTMLElement).dataset["url"] ?? "";
    if (!writer) return;
    const detail = { url: `${url}${writer[1].mode}/${writer[0]}/taking/`, mode: writer[1].mode };
    this.element.querySelector("#composer")?.dispatchEvent(new CustomEvent("draft:take", { detail }));
  }

  closeDraft(): void {
    this.draftTarget.replaceChildren();
  }

  private say(type: string, more: Record<string, unknown>): void {
    line.send({ type, customer: this.customerValue, conversation: this.conversationValue, ...more });
  }

  private tick(): void {
    if (Date.now() - this.said > SAY_EVERY && document.visibilityState === "visible") this.here();
    if (this.theirsUntil < Date.now()) this.theirsTarget.hidden = true;
    const before = this.viewers.size + this.writers.size;
    for (const [agent, other] of this.viewers) if (other.until < Date.now()) this.viewers.delete(agent);
    for (const [agent, other] of this.writers) if (other.until < Date.now()) this.writers.delete(agent);
    if (this.viewers.size + this.writers.size !== before) this.draw();
  }

  private draw(): void {
    const names = [...this.viewers.values()].map((other) => other.name);
    this.viewingTarget.replaceChildren(...names.map(badge), words(names.join(", ")));
    this.viewingTarget.setAttribute("aria-label", fill(this.viewingTarget.dataset["label"], { names: names.join(", ") }));
    this.viewingTarget.hidden = names.length === 0;
    const writers = [...this.writers.values()];
    const said = writers.map((other) => fill(this.writingTarget.dataset[other.mode], { name: other.name }));
    this.writingTarget.querySelector("span.words")!.textContent = said.join(", ");
    this.writingTarget.setAttribute("aria-label", fill(this.writingTarget.dataset["label"], { names: writers.map((one) => one.name).join(", ") }));
    this.writingTarget.hidden = said.length === 0;
  }
}

function badge(name: string): HTMLElement {
  const mark = document.createElement("span");
  mark.className = "av m";
  mark.setAttribute("aria-hidden", "true");
  mark.textContent = name.split(/\s+/).map((part) => part[0] ?? "").slice(0, 2).join("").toUpperCase();
  return mark;
}

function words(text: string): HTMLElement {
  const span = document.createElement("span");
  span.className = "names";
  span.textContent = text;
  return span;
}
