import { Controller } from "@hotwired/stimulus";
import { post } from "../fragment";

/** Tells the server up to where this agent has read the open conversation. */
export default class extends Controller<HTMLElement> {
  static override values = { url: String, conversation: Number };
  declare readonly urlValue: string;
  declare readonly conversationValue: number;
  private told = 0;
  private timer = 0;

  override disconnect(): void {
    clearTimeout(this.timer);
  }

  shown(): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.tell(), 400);
  }

  private async tell(): Promise<void> {
    const seq = Number(this.element.querySelector<HTMLElement>(".feed")?.dataset["seen"] ?? 0);
    if (document.visibilityState === "hidden" || seq <= this.told || !this.urlValue) return;
    const answer = await post(this.urlValue, new URLSearchParams({ seq: String(seq) }));
    if (!answer || answer.status >= 400) return;
    this.told = seq;
    document.dispatchEvent(new CustomEvent("conversation:seen", { detail: { conversation: this.conversationValue } }));
  }
}
