import { Controller } from "@hotwired/stimulus";
import { put, titlesIn } from "../buttons";
import type { Piece } from "../fragment";
import { drop, keep, kept as read } from "../shadow";
import { field, type Mode } from "../writing";

type Kept = { mode: Mode; words: string; text: string; buttons?: string[] };

/** A draft changes hands: whoever takes it gets the composer anew, whoever loses it keeps every word in sight. */
export default class extends Controller<HTMLElement> {
  static override targets = ["kept", "form"];
  static override values = { key: String };
  declare readonly keptTarget: HTMLElement;
  declare readonly formTarget: HTMLTemplateElement;
  declare readonly keyValue: string;

  override connect(): void {
    const kept = read<Kept>(this.place);
    if (kept) this.show(kept);
  }

  /** "Take over" beside a colleague's draft. */
  take(event: Event): void {
    const { url, mode } = (event.currentTarget as HTMLElement).dataset;
    this.composer?.dispatchEvent(new CustomEvent("draft:take", { detail: { url, mode } }));
  }

  taken(event: CustomEvent<{ mode: Mode; piece: Piece | null }>): void {
    const { mode, piece } = event.detail;
    if (!piece) return;
    const wrong = this.composer?.querySelector<HTMLElement>("[data-send-target=wrong]");
    if (piece.status !== 200) return wrong?.replaceChildren(piece.content);
    const files = this.files;
    const fresh = piece.content.querySelector<HTMLElement>("#composer-box");
    if (!fresh) return;
    this.element.querySelector("#composer-box")?.replaceWith(fresh);
    document.dispatchEvent(new CustomEvent("part:placed", { detail: { part: fresh } }));
    this.element.querySelector(".their-draft:not(.kept-text)")?.remove();
    this.giveBack(files);
    document.dispatchEvent(new CustomEvent("workspace:changed"));
    if (this.composer) field(this.composer, mode)?.focus();
  }

  lost(event: CustomEvent<Kept>): void {
    const before = read<Kept>(this.place);
    // Another tab may have kept the same words already.
    const text = [before?.text === event.detail.text ? "" : before?.text, event.detail.text].filter(Boolean).join("\n\n");
    const buttons = [...new Set([...(before?.buttons ?? []), ...(event.detail.buttons ?? [])])];
    const kept = { ...event.detail, text, buttons };
    keep(this.place, kept);
    this.show(kept);
  }

  /** Their copy is theirs, this one is mine: it is another text from here on. */
  goOn(): void {
    const kept = this.keptTarget.querySelector<HTMLElement>(".kept-text");
    const mode = kept?.dataset["mode"] ?? "reply";
    const box = this.composer && field(this.composer, mode);
    if (!kept || !box) return;
    const text = kept.querySelector(".words")?.textContent ?? "";
    box.value = box.value.trim() ? `${box.value}\n\n${text}` : text;
    const titles = [...kept.querySelectorAll(".pressable li")].map((one) => one.textContent ?? "");
    if (titles.length) put(this.composer!, [...new Set([...titlesIn(this.composer!), ...titles])]);
    box.dispatchEvent(new Event("input", { bubbles: true }));
    this.close();
    this.composer?.querySelector<HTMLElement>(`#tab-${mode}`)?.click();
    box.focus();
  }

  async copy(event: Event): Promise<void> {
    const button = event.currentTarget as HTMLElement;
    const words = this.keptTarget.querySelector(".words");
    if (words) getSelection()?.selectAllChildren(words);
    try {
      await navigator.clipboard.writeText(words?.textContent ?? "");
      button.textContent = button.dataset["done"] ?? "";
    } catch {
      // Not allowed to: it is selected, for the keys to copy it.
    }
  }

  close(): void {
    drop(this.place);
    this.keptTarget.replaceChildren();
  }

  private show({ mode, words, text, buttons = [] }: Kept): void {
    const piece = this.formTarget.content.firstElementChild!.cloneNode(true) as HTMLElement;
    piece.dataset["mode"] = mode;
    piece.querySelector(".words")!.textContent = text;
    const list = piece.querySelector<HTMLElement>(".pressable")!;
    list.hidden = !buttons.length;
    list.replaceChildren(...buttons.map((title) => Object.assign(document.createElement("li"), { className: "chip", dir: "auto", textContent: title })));
    this.keptTarget.replaceChildren(piece);
    piece.querySelector(".who")!.textContent = words;
  }

  /** Files chosen for my own answer stay chosen, though the composer is another. */
  private giveBack(files: FileList | null): void {
    const input = this.composer?.querySelector<HTMLInputElement>("input[name=uploads]");
    if (!input || !files?.length) return;
    input.files = files;
    requestAnimationFrame(() => input.dispatchEvent(new Event("change", { bubbles: true })));
  }

  private get files(): FileList | null {
    return this.composer?.querySelector<HTMLInputElement>("input[name=uploads]")?.files ?? null;
  }

  private get composer(): HTMLElement | null {
    return this.element.querySelector("#composer");
  }

  private get place(): string {
    return `taken:${this.keyValue}`;
  }
}
