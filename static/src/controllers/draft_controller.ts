import { Controller } from "@hotwired/stimulus";
import { fill, post } from "../fragment";
import { begin, field, isClosed, nameOf, typed, type Mode } from "../writing";

const AFTER_LAST_KEY = 500;
const SAVED_STAYS = 15_000;
// Browsers refuse a request that outlives its page when it is longer (64 KiB with its headers).
const OUTLIVES_BYTES = 60_000;
const PAGE = crypto.randomUUID();
let version = 0;
type Shadow = { text: string; at: number; saved: boolean; writing?: string };

/** Nothing typed is ever lost: saved on the server half a second after the last key, and on this device meanwhile. */
export default class extends Controller<HTMLFormElement> {
  static override targets = ["status"];
  static override values = { url: String, key: String };
  declare readonly statusTargets: HTMLElement[];
  declare readonly urlValue: string;
  declare readonly keyValue: string;
  private timer = 0;
  private busy = false;
  private readonly dirty = new Set<Mode>();

  override connect(): void {
    for (const mode of ["reply", "note"] as const) this.restore(mode);
  }

  override disconnect(): void {
    this.flush();
  }

  typed(event: Event): void {
    const changed = event.target as HTMLElement;
    const mode: Mode = changed.matches("[name=note]") ? "note" : "reply";
    typed(this.element, mode);
    if (!changed.matches("textarea, input[name=subject], input[name=cc], input[name=bcc], select")) return;
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
    localStorage.removeItem(this.place(event.detail.mode));
    begin(this.element, event.detail.mode);
    this.say("");
  }

  private async save(keepalive = false): Promise<void> {
    if (this.busy && !keepalive) return;
    this.busy = true;
    for (const mode of [...this.dirty]) {
      this.dirty.delete(mode);
      const body = this.body(mode);
      const answer = await post(`${this.urlValue}${mode}/`, body, keepalive && body.toString().length < OUTLIVES_BYTES);
      // Its text was sent meanwhile: what is said of it now concerns nobody.
      if (body.get("writing") !== nameOf(this.element, mode) || answer?.status === 409) continue;
      if (answer?.status === 200) this.saved(mode, answer.content.textContent?.trim() ?? "");
      else this.failed(mode);
    }
    this.busy = false;
    if (this.dirty.size && this.element.isConnected) this.timer = window.setTimeout(() => void this.save(), AFTER_LAST_KEY);
  }

  private saved(mode: Mode, words: string): void {
    if (!this.dirty.has(mode)) this.shadow(mode, true);
    this.say(words);
  }

  private failed(mode: Mode): void {
    this.shadow(mode);
    this.say(this.element.dataset["savedHere"] ?? "");
    document.addEventListener("live:state", () => { this.dirty.add(mode); void this.save(); }, { once: true });
  }

  private body(mode: Mode): URLSearchParams {
    const all = new FormData(this.element);
    const body = new URLSearchParams({ text: String(all.get(mode === "note" ? "note" : "text") ?? "") });
    const said = { writing: nameOf(this.element, mode), page: PAGE, version: String(++version) };
    for (const [name, value] of Object.entries(said)) body.set(name, value);
    if (mode === "reply") for (const name of ["way", "subject", "cc", "bcc"]) body.set(name, String(all.get(name) ?? ""));
    return body;
  }

  /** A saved text is kept a moment longer: a page that is loading now may have been drawn before the save. */
  private shadow(mode: Mode, saved = false): void {
    const text = field(this.element, mode)?.value ?? "";
    const kept: Shadow = { text, at: Date.now(), saved, writing: nameOf(this.element, mode) };
    try {
      localStorage.setItem(this.place(mode), JSON.stringify(kept));
    } catch {
      // This device keeps no more; the server still does.
    }
  }

  private restore(mode: Mode): void {
    const kept = JSON.parse(localStorage.getItem(this.place(mode)) ?? "null") as Shadow | null;
    const box = field(this.element, mode);
    if (!kept || !box || kept.text === box.value) return;
    const isOld = kept.saved && Date.now() - kept.at > SAVED_STAYS;
    const wasSent = isClosed(this.element, mode, kept.writing ?? "");
    if (isOld || wasSent || kept.at < Number(box.dataset["savedAt"] ?? 0)) return localStorage.removeItem(this.place(mode));
    box.value = kept.text;
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
