import { Controller } from "@hotwired/stimulus";

const SHOW_AFTER = 150;
const GIVE_UP_AFTER = 10_000;

type Context = { sourceElement?: Element; response?: { status: number } };
type Asked = CustomEvent<{ ctx?: Context }>;

/** While a customer is being opened: nothing at first, then the shape of what comes; if it does not come, a way out. */
export default class extends Controller<HTMLElement> {
  private link: HTMLElement | null = null;
  private ctx: Context | null = null;
  private wasAtList = false;
  private timers: number[] = [];

  override disconnect(): void {
    this.stop();
  }

  asked(event: Asked): void {
    const source = event.detail.ctx?.sourceElement;
    if (!(source instanceof HTMLElement) || source.getAttribute("hx-target") !== "#sheet") return;
    this.stop();
    this.link = source;
    this.ctx = event.detail.ctx ?? null;
    this.wasAtList ||= this.element.classList.contains("at-list");
    this.timers = [
      window.setTimeout(() => this.cover("#opening"), SHOW_AFTER),
      window.setTimeout(() => this.cover("#not-opened"), GIVE_UP_AFTER),
    ];
  }

  /** Nothing covers what is about to be put in: it would lose the focus that it gets there. */
  answered(event: Asked): void {
    if (this.ctx && event.detail.ctx === this.ctx) this.stop();
  }

  /** The answer came, whatever it says. */
  came(event: Asked): void {
    if (!this.ctx || event.detail.ctx !== this.ctx) return;
    this.stop();
    const isHere = (this.ctx.response?.status ?? 500) < 400;
    this.ctx = null;
    if (!isHere) return this.cover("#not-opened");
    this.wasAtList = false;
    this.uncover();
  }

  again(): void {
    this.row?.click();
  }

  /** Back to what stood there before. */
  leave(): void {
    this.uncover();
    if (this.wasAtList) this.element.classList.replace("at-sheet", "at-list");
    this.wasAtList = false;
    this.row?.focus();
  }

  /** What was pressed; its row may have been drawn anew meanwhile. */
  private get row(): HTMLElement | null {
    if (this.link?.isConnected) return this.link;
    return document.getElementById(this.link?.closest("li")?.id ?? "")?.querySelector<HTMLElement>("a.row") ?? null;
  }

  private cover(template: string): void {
    const sheet = document.querySelector<HTMLElement>("#sheet");
    const layer = document.querySelector<HTMLTemplateElement>(template)?.content.firstElementChild?.cloneNode(true) as HTMLElement | undefined;
    if (!sheet || !layer) return;
    this.uncover();
    // What stands below belongs to somebody else: nothing may be written into it meanwhile.
    for (const below of sheet.children) below.toggleAttribute("inert", true);
    sheet.append(layer);
    sheet.ariaBusy = String(template === "#opening");
    this.element.classList.replace("at-list", "at-sheet");
    layer.querySelector<HTMLElement>("button")?.focus();
  }

  private uncover(): void {
    const sheet = document.querySelector<HTMLElement>("#sheet");
    sheet?.querySelector(":scope > .opening")?.remove();
    sheet?.removeAttribute("aria-busy");
    for (const below of sheet?.children ?? []) below.removeAttribute("inert");
  }

  private stop(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers = [];
  }
}
