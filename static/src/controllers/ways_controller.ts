import { Controller } from "@hotwired/stimulus";
import { get } from "../fragment";
import type { Hint } from "../live";

// What changes through what, or until when, one may write to somebody.
const KINDS = new Set(["message", "delivery", "identity", "consent", "merge", "profile"]);
const PAUSE = 400;

/** Keeps the ways of the composer true while it is open: a message opens the window again, a STOP closes a way. */
export default class extends Controller<HTMLElement> {
  static override values = { url: String, customer: Number };
  declare readonly urlValue: string;
  declare readonly customerValue: number;
  private timer = 0;
  private led = "";

  override disconnect(): void {
    clearTimeout(this.timer);
  }

  hint({ detail }: CustomEvent<Hint>): void {
    if (detail.customer === this.customerValue && KINDS.has(detail.kind)) this.soon();
  }

  /** Also when it is another address by now that an answer would follow its reader to. */
  soon(): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.renew(), PAUSE);
  }

  private async renew(): Promise<void> {
    const piece = await get(this.urlValue);
    if (piece?.status !== 200) return;
    let isRenewed = false;
    const over = this.cameOver(piece.content);
    for (const name of ["channel", "way"]) {
      const now = piece.content.querySelector<HTMLSelectElement>(`select[name=${name}]`);
      const mine = this.element.querySelector<HTMLSelectElement>(`select[name=${name}]`);
      if (!now || !mine) continue;
      const { value } = mine;
      mine.replaceChildren(...now.children);
      const same = [...mine.options].find((option) => option.value === value);
      if (same && !over) same.selected = true;
      isRenewed = true;
    }
    if (isRenewed) this.element.dispatchEvent(new CustomEvent("composer:ways"));
  }

  /**
   * Whom we asked over is there now: what they are answered goes there, once, unless something is being written.
   * Whoever then chooses another way means it.
   */
  private cameOver(content: DocumentFragment): boolean {
    const first = content.querySelector<HTMLOptionElement>("select[name=way] option[selected]");
    const text = this.element.querySelector<HTMLTextAreaElement>("textarea[name=text]")?.value ?? "";
    if (!first?.dataset["over"] || first.value === this.led || text.trim()) return false;
    this.led = first.value;
    return true;
  }
}
