import { Controller } from "@hotwired/stimulus";
import { get } from "../fragment";
import type { Hint } from "../live";

// What changes through what, or until when, one may write to somebody.
const KINDS = new Set(["message", "identity", "consent", "merge", "profile"]);
const PAUSE = 400;

/** Keeps the ways of the composer true while it is open: a message opens the window again, a STOP closes a way. */
export default class extends Controller<HTMLElement> {
  static override values = { url: String, customer: Number };
  declare readonly urlValue: string;
  declare readonly customerValue: number;
  private timer = 0;

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
    for (const name of ["channel", "way"]) {
      const now = piece.content.querySelector<HTMLSelectElement>(`select[name=${name}]`);
      const mine = this.element.querySelector<HTMLSelectElement>(`select[name=${name}]`);
      if (!now || !mine) continue;
      const { value } = mine;
      mine.replaceChildren(...now.children);
      const same = [...mine.options].find((option) => option.value === value);
      if (same) same.selected = true;
      isRenewed = true;
    }
    if (isRenewed) this.element.dispatchEvent(new CustomEvent("composer:ways"));
  }
}
