import { Controller } from "@hotwired/stimulus";
import { drop } from "../buttons";
import { post } from "../fragment";
import { barrier, isTemplate } from "../route";
import { field, send as sendAs } from "../writing";

// A template goes beside what is being written: text is then what the customer reads, and the field keeps its own.
type Waiting = { url: string; body: FormData; mode: string; text: string; isBeside: boolean };

/** Sends a reply or a note: the bubble stands at once, the server's article takes its place. */
export default class extends Controller<HTMLFormElement> {
  static override targets = ["guard", "wrong", "pending"];
  declare readonly guardTarget: HTMLElement;
  declare readonly wrongTarget: HTMLElement;
  declare readonly pendingTargets: HTMLTemplateElement[];
  private waiting: Waiting | null = null;
  private sending = false;

  submit(event: SubmitEvent): void {
    event.preventDefault();
    const mode = this.element.dataset["mode"] ?? "reply";
    const box = this.field(mode);
    const isBeside = mode === "reply" && isTemplate(this.element);
    if (this.sending || !box || (!isBeside && !box.value.trim() && !this.hasFiles())) return box?.focus();
    if (mode === "reply" && barrier(this.element)) return this.bar();
    const client = isBeside ? crypto.randomUUID() : sendAs(this.element, mode);
    const body = new FormData(this.element, event.submitter);
    const text = isBeside ? (this.element.querySelector(".one:not([hidden]) [data-preview]")?.textContent ?? "") : box.value;
    body.set("client_id", client);
    body.set("seen_seq", document.querySelector<HTMLElement>(".feed")?.dataset["seen"] ?? "0");
    this.bubble(mode, client, text);
    void this.send({ url: this.url(mode), body, mode, text, isBeside });
  }

  /** The guard asked, the agent decides by one of its buttons: the same words go again, with what was chosen. */
  decide(event: Event): void {
    const { name, value } = event.currentTarget as HTMLButtonElement;
    if (!this.waiting) return;
    this.waiting.body.set(name, value);
    this.bubble(this.waiting.mode, String(this.waiting.body.get("client_id")), this.waiting.text);
    void this.send(this.waiting);
  }

  review(event: Event): void {
    const fresh = document.getElementById((event.currentTarget as HTMLElement).dataset["marks"] ?? "");
    this.guardTarget.replaceChildren();
    this.waiting = null;
    fresh?.classList.add("flash");
    fresh?.scrollIntoView({ block: "center" });
    this.field(this.element.dataset["mode"] ?? "reply")?.focus({ preventScroll: Boolean(fresh) });
  }

  /** The line is back: what waited goes now; the server knows it by its client_id. */
  online(event: CustomEvent<{ state: string }>): void {
    if (event.detail.state === "connected" && this.waiting && !this.sending && !this.guardTarget.hasChildNodes()) void this.send(this.waiting);
  }

  private async send(what: Waiting): Promise<void> {
    this.waiting = what;
    this.sending = true;
    this.tellDraft("draft:hold");
    this.wrongTarget.replaceChildren();
    this.guardTarget.replaceChildren();
    const answer = await post(what.url, what.body);
    this.sending = false;
    if (!answer) return this.queued(what);
    if (answer.status === 409) return this.refused(what, answer.content, this.guardTarget);
    if (answer.status >= 400) return this.refused(what, answer.content, this.wrongTarget);
    this.waiting = null;
    this.done(what, answer.content);
  }

  private done({ mode, text, isBeside, body }: Waiting, content: DocumentFragment): void {
    const box = this.field(mode);
    // What was typed while this one waited for the line is the next answer.
    const isSame = !isBeside && box?.value === text;
    if (box && isSame) box.value = "";
    if (isSame && mode === "reply") drop(this.element, body.getAll("button"));
    this.element.querySelector<HTMLInputElement>("input[type=file]")?.dispatchEvent(new CustomEvent("attach:clear", { bubbles: true }));
    const articles = [...content.querySelectorAll<HTMLElement>("article")];
    document.dispatchEvent(new CustomEvent("timeline:put", { detail: { articles } }));
    if (isSame) this.element.dispatchEvent(new CustomEvent("draft:forget", { detail: { mode } }));
    this.element.dispatchEvent(new CustomEvent("composer:sent"));
    const held = content.querySelector(".held");
    if (held) this.hold(held);
    document.dispatchEvent(new CustomEvent("workspace:changed"));
    box?.focus();
  }

  /** It cannot go as it is: say why, and lead to what helps. */
  private bar(): void {
    const said = this.element.querySelector<HTMLElement>("#c-barred");
    if (said) [said.textContent, said.hidden] = [barrier(this.element), false];
    this.element.querySelector<HTMLElement>(".fix:not([hidden]) button:not([hidden]), .one:not([hidden]) input:invalid")?.focus();
  }

  private tellDraft(name: string): void {
    this.element.dispatchEvent(new CustomEvent(name));
  }

  private hold(part: Element): void {
    document.querySelector("#held")?.replaceChildren(part);
    document.dispatchEvent(new CustomEvent("part:placed", { detail: { part } }));
  }

  private queued(what: Waiting): void {
    this.tellDraft("draft:go");
    const bubble = this.find(String(what.body.get("client_id")));
    const state = bubble?.querySelector<HTMLElement>(".ticks span");
    if (state) state.textContent = this.element.dataset["waits"] ?? "";
  }

  private refused(what: Waiting, content: DocumentFragment, target: HTMLElement): void {
    this.find(String(what.body.get("client_id")))?.remove();
    this.tellDraft("draft:go");
    target.replaceChildren(content);
    document.dispatchEvent(new CustomEvent("live:catchup", { detail: { wait: 0 } }));
    target.querySelector<HTMLElement>("button.primary")?.focus();
  }

  private bubble(mode: string, client: string, text: string): void {
    const template = this.pendingTargets.find((one) => one.dataset["mode"] === mode);
    const article = template?.content.querySelector("article")?.cloneNode(true) as HTMLElement | undefined;
    if (!article || this.find(client)) return;
    article.dataset["client"] = client;
    article.querySelector(".words")!.textContent = text;
    document.dispatchEvent(new CustomEvent("timeline:pending", { detail: { article } }));
  }

  private find(client: string): HTMLElement | null {
    return document.querySelector(`article[data-client="${CSS.escape(client)}"]`);
  }

  private url(mode: string): string {
    return this.element.dataset[mode === "note" ? "notes" : "replies"] ?? "";
  }

  private field(mode: string): HTMLTextAreaElement | null {
    return field(this.element, mode);
  }

  private hasFiles(): boolean {
    return Boolean(this.element.querySelector<HTMLInputElement>("input[type=file]")?.files?.length);
  }
}
