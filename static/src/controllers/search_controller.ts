import { Controller } from "@hotwired/stimulus";
import { typedAhead } from "../ahead";
import { get } from "../fragment";

const OFFER_MS = 120;

/** The box of the search: offers what may follow, and leads by keys into what was found. htmx fetches the rows. */
export default class extends Controller<HTMLElement> {
  static override targets = ["box", "offers", "found"];
  static override values = { url: String };
  declare readonly boxTarget: HTMLInputElement;
  declare readonly offersTarget: HTMLElement;
  declare readonly foundTarget: HTMLElement;
  declare readonly urlValue: string;
  private timer = 0;
  private turn = 0;

  override connect(): void {
    // The page was put in place of another: nothing has the focus, and what was typed meanwhile belongs here.
    this.boxTarget.focus();
    const ahead = typedAhead();
    if (ahead) {
      this.boxTarget.value = ahead + this.boxTarget.value;
      this.boxTarget.dispatchEvent(new Event("input", { bubbles: true }));
    }
    this.boxTarget.setSelectionRange(this.boxTarget.value.length, this.boxTarget.value.length);
  }

  override disconnect(): void {
    clearTimeout(this.timer);
  }

  typed(): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.offer(), OFFER_MS);
  }

  steer(event: KeyboardEvent): void {
    if (event.isComposing) return;
    const offers = this.options;
    const at = offers.findIndex((one) => one.getAttribute("aria-selected") === "true");
    if (this.offersTarget.hidden) {
      if (event.key !== "ArrowDown") return;
      this.hits[0]?.focus();
    } else if (event.key === "ArrowDown") this.mark(offers[at + 1] ?? offers[0]);
    else if (event.key === "ArrowUp") this.mark(offers.at(at < 0 ? -1 : at - 1));
    else if ((event.key === "Enter" || event.key === "Tab") && at >= 0) this.write(offers[at]);
    else if (event.key === "Escape") this.hide();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Enter goes to what was found; the rows are there already, or on their way. */
  enter(event: Event): void {
    this.hide();
    if (this.foundTarget.ariaBusy === "true" || !this.hits.length) return;
    event.preventDefault();
    this.hits[0]?.focus();
  }

  /** The focus must stay in the box. */
  press(event: Event): void {
    event.preventDefault();
    this.write((event.target as HTMLElement).closest<HTMLElement>("[role=option]") ?? undefined);
  }

  hide(): void {
    clearTimeout(this.timer);
    this.turn += 1;
    this.show([]);
  }

  walk(event: KeyboardEvent): void {
    const hits = this.hits;
    const at = hits.indexOf(document.activeElement as HTMLAnchorElement);
    const step = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 }[event.key];
    if (at < 0 || !step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    if (at + step < 0) this.boxTarget.focus();
    else hits[at + step]?.focus();
  }

  waiting(): void {
    this.foundTarget.ariaBusy = "true";
  }

  answered(): void {
    this.foundTarget.ariaBusy = null;
  }

  private async offer(): Promise<void> {
    const box = this.boxTarget;
    const turn = ++this.turn;
    const typed = box.value.slice(0, box.selectionStart ?? box.value.length);
    const piece = typed ? await get(`${this.urlValue}?q=${encodeURIComponent(typed)}`) : null;
    // Only the newest answer counts, and only while somebody is still here.
    if (turn !== this.turn || document.activeElement !== box) return;
    this.show(piece?.status === 200 ? [...piece.content.querySelectorAll<HTMLElement>("[role=option]")] : []);
  }

  private show(offers: HTMLElement[]): void {
    this.offersTarget.replaceChildren(...offers);
    this.offersTarget.hidden = offers.length === 0;
    this.boxTarget.setAttribute("aria-expanded", String(offers.length > 0));
    this.boxTarget.removeAttribute("aria-activedescendant");
  }

  private mark(option: HTMLElement | undefined): void {
    for (const one of this.options) one.setAttribute("aria-selected", String(one === option));
    this.boxTarget.setAttribute("aria-activedescendant", option?.id ?? "");
    option?.scrollIntoView({ block: "nearest" });
  }

  private write(option: HTMLElement | undefined): void {
    if (!option) return;
    const box = this.boxTarget;
    const end = box.selectionStart ?? box.value.length;
    box.setRangeText(option.dataset["text"] ?? "", end - Number(option.dataset["replaces"]), end, "end");
    this.hide();
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }

  private get options(): HTMLElement[] {
    return [...this.offersTarget.querySelectorAll<HTMLElement>("[role=option]")];
  }

  private get hits(): HTMLAnchorElement[] {
    return [...this.foundTarget.querySelectorAll<HTMLAnchorElement>("a.hit")];
  }
}
