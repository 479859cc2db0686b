import { Controller } from "@hotwired/stimulus";
import { fill, post } from "../fragment";
import { drop, isOld, keep, kept as read, type Shadow } from "../shadow";
import { begin, field, isClosed, isSame, KEPT, MODES, nameOf, put, typed, wordsOf, written, type Mode } from "../writing";

const AFTER_LAST_KEY = 500;

/** Nothing typed is ever lost: saved on the server half a second after the last key, and on this device meanwhile. */
export default class extends Controller<HTMLFormElement> {
  static override targets = ["status"];
  static override values = { url: String, key: String, conversation: Number };
  declare readonly statusTargets: HTMLElement[];
  declare readonly urlValue: string;
  declare readonly keyValue: string;
  declare readonly conversationValue: number;
  private timer = 0;
  private busy = false;
  private readonly dirty = new Set<Mode>();

  override connect(): void {
    for (const mode of MODES) this.restore(mode);
  }

  override disconnect(): void {
    this.flush();
  }

  typed(event: Event): void {
    const changed = event.target as HTMLElement;
    const mode: Mode = changed.matches("[name=note]") ? "note" : "reply";
    typed(this.element, mode);
    if (!changed.matches(KEPT)) return;
    this.dirty.add(mode);
    this.shadow(mode);
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.save(), AFTER_LAST_KEY);
  }

  /** The page goes away or the field is left: save what is there now. */
  flush(): void {
    clearTimeout(this.timer);
    if (this.dirty.size) void this.save(true);
  }

  /** It is being sent: no save may overtake that. */
  hold(): void {
    clearTimeout(this.timer);
  }

  /** It was not sent after all. */
  go(): void {
    if (this.dirty.size) void this.save();
  }

  /** What was written has been sent: forget it here; the server has, and refuses what still comes of it. */
  forget(event: CustomEvent<{ mode: Mode }>): void {
    clearTimeout(this.timer);
    this.dirty.delete(event.detail.mode);
    drop(this.place(event.detail.mode));
    begin(this.element, event.detail.mode);
    this.say("");
  }

  /** A colleague took a text of mine over: the answer to its next save says which. */
  nudged(event: CustomEvent<{ what: string; id: number }>): void {
    if (event.detail.what !== "draft_taken" || event.detail.id !== this.conversationValue) return;
    for (const mode of MODES) if (field(this.element, mode)?.value.trim()) this.dirty.add(mode);
    void this.save();
  }

  /** A colleague's text becomes mine; what stands in the field goes along and comes back below it. */
  async take(event: CustomEvent<{ url: string; mode: Mode }>): Promise<void> {
    const { url, mode } = event.detail;
    const box = field(this.element, mode);
    this.hold();
    this.dirty.delete(mode);
    // Its answer is drawn in place of this field: nothing may be typed that it cannot know.
    box?.toggleAttribute("readonly", true);
    const piece = await post(url, wordsOf(this.element, mode));
    box?.toggleAttribute("readonly", false);
    if (piece?.status === 200) drop(this.place(mode));
    else if (box?.value.trim()) this.dirty.add(mode);
    this.go();
    this.element.dispatchEvent(new CustomEvent("draft:taken", { detail: { mode, piece }, bubbles: true }));
  }

  private async save(keepalive = false): Promise<void> {
    if (this.busy && !keepalive) return;
    this.busy = true;
    for (const mode of [...this.dirty]) {
      this.dirty.delete(mode);
      const body = wordsOf(this.element, mode);
      const answer = await post(`${this.urlValue}${mode}/`, body, keepalive);
      // Its text was sent meanwhile: what is said of it now concerns nobody.
      if (body.get("writing") !== nameOf(this.element, mode)) continue;
      if (answer?.status === 409) this.lost(mode, answer.content.textContent?.trim() ?? "");
      else if (answer?.status === 200) this.saved(mode, answer.content.textContent?.trim() ?? "");
      else this.failed(mode);
    }
    this.busy = false;
    if (this.dirty.size && this.element.isConnected) this.timer = window.setTimeout(() => void this.save(), AFTER_LAST_KEY);
  }

  private saved(mode: Mode, words: string): void {
    if (!this.dirty.has(mode)) this.shadow(mode, true);
    this.say(words);
  }

  /** words: who took the text over; none when it was sent. What stands in the field is shown beside it from now on. */
  private lost(mode: Mode, words: string): void {
    const box = field(this.element, mode);
    if (!words || !box) return;
    this.element.dispatchEvent(new CustomEvent("draft:lost", { detail: { mode, words, ...written(this.element, mode) }, bubbles: true }));
    put(this.element, mode, { text: "" });
    this.forget(new CustomEvent("draft:forget", { detail: { mode } }));
  }

  private failed(mode: Mode): void {
    this.shadow(mode);
    this.say(this.element.dataset["savedHere"] ?? "");
    document.addEventListener("live:state", () => { this.dirty.add(mode); void this.save(); }, { once: true });
  }

  /** A saved text is kept a moment longer: a page that is loading now may have been drawn before the save. */
  private shadow(mode: Mode, saved = false): void {
    keep(this.place(mode), { ...written(this.element, mode), at: Date.now(), saved, writing: nameOf(this.element, mode) });
  }

  private restore(mode: Mode): void {
    const kept = read<Shadow>(this.place(mode));
    const box = field(this.element, mode);
    if (!kept || !box || isSame(kept, written(this.element, mode))) return;
    const wasSent = isClosed(this.element, mode, kept.writing ?? "");
    if (isOld(kept) || wasSent || kept.at < Number(box.dataset["savedAt"] ?? 0)) return drop(this.place(mode));
    put(this.element, mode, kept);
    begin(this.element, mode, kept.writing);
    this.dirty.add(mode);
    void this.save();
  }

  private place(mode: Mode): string {
    return `draft:${this.keyValue}:${mode}`;
  }

  private say(words: string): void {
    for (const status of this.statusTargets) status.textContent = fill(words, {});
  }
}
