import { Controller } from "@hotwired/stimulus";
import { append, fieldsIn, lengthOf, put, titleOf, titlesIn } from "../buttons";
import { fill } from "../fragment";
import { bar, isTemplate, leaving, routeOf, type Route } from "../route";

/** Answers that the customer can press, below the text. What a way does not show stays here and behind, and says so. */
export default class extends Controller<HTMLElement> {
  static override targets = ["box", "list", "more", "opener", "says", "listing", "offering"];
  declare readonly boxTarget: HTMLFieldSetElement;
  declare readonly listTarget: HTMLElement;
  declare readonly moreTarget: HTMLButtonElement;
  declare readonly openerTarget: HTMLButtonElement;
  declare readonly saysTarget: HTMLElement;
  declare readonly listingTarget: HTMLButtonElement;
  declare readonly offeringTarget: HTMLInputElement;
  declare readonly hasBoxTarget: boolean;

  override connect(): void {
    this.check();
  }

  /** From the tools, the palette, or below the others: the one that is still empty, else one more. */
  add(): void {
    const empty = fieldsIn(this.element).find((field) => !titleOf(field));
    const field = empty ?? append(this.element, this.listTarget);
    this.check();
    field.focus();
  }

  /** Enter goes on to the next one; the backspace in an empty one takes it away. */
  key(event: KeyboardEvent): void {
    const field = event.target;
    if (!(field instanceof HTMLInputElement) || event.isComposing || event.ctrlKey || event.metaKey) return;
    if (event.key === "Enter") {
      event.preventDefault();
      this.next(field);
    } else if (event.key === "Backspace" && !field.value) {
      event.preventDefault();
      this.take(field.closest("li")!, -1);
    }
  }

  remove(event: Event): void {
    this.take((event.currentTarget as HTMLElement).closest("li")!, 1);
  }

  /** For a way that shows none: as lines of the text, which any channel carries. */
  writeOut(): void {
    const box = this.element.querySelector<HTMLTextAreaElement>("textarea[name=text]");
    if (!box) return;
    box.value = [box.value.trimEnd(), titlesIn(this.element).map((title) => `- ${title}`).join("\n")].filter(Boolean).join("\n\n");
    put(this.element, []);
    box.dispatchEvent(new Event("input", { bubbles: true }));
    box.focus();
  }

  /** What was written since an answer left is the next one, and is kept as such. */
  sent(): void {
    this.check();
    if (titlesIn(this.element).length) this.changed();
  }

  /** Counts them anew, and says what does not fit this way. */
  check(): void {
    const route = this.hasBoxTarget ? routeOf(this.element) : null;
    if (!route) return;
    const fields = fieldsIn(this.element), behind = this.behind(route);
    fields.forEach((field, at) => this.draw(field, at, behind ? 0 : route.rules.title));
    this.openerTarget.hidden = Boolean(behind);
    this.moreTarget.hidden = Boolean(behind) || fields.length >= route.rules.buttons;
    this.boxTarget.hidden = !fields.length;
    this.boxTarget.classList.toggle("behind", Boolean(behind));
    this.offeringTarget.value = behind ? "" : "1";
    const titles = titlesIn(this.element), wrong = behind || isTemplate(this.element) ? "" : this.wrong(titles, route);
    const words = titles.length ? behind || wrong : "";
    if (this.saysTarget.textContent !== words) this.saysTarget.textContent = words;
    this.saysTarget.classList.toggle("bad", Boolean(wrong) && wrong !== this.boxTarget.dataset["empty"]);
    this.listingTarget.hidden = !behind || !titles.length;
    bar(this.element, "buttons", wrong);
  }

  /** Why none goes this way; "" where they do. */
  private behind({ rules, name, way }: Route): string {
    const { none = "", comment = "" } = this.boxTarget.dataset;
    if (!rules.buttons) return fill(none, { channel: name });
    const isPublic = this.element.querySelector<HTMLInputElement>("input[name=is_public][value='1']")?.checked;
    return way["comment"] && isPublic ? comment : "";
  }

  private wrong(titles: string[], { rules, name }: Route): string {
    if (!titles.length) return "";
    const { many, long, same, empty = "", above } = this.boxTarget.dataset;
    const tooLong = titles.find((title) => lengthOf(title) > rules.title);
    const twice = titles.find((title, at) => titles.indexOf(title) < at);
    const text = leaving(this.element).trim();
    if (titles.length > rules.buttons) return fill(many, { channel: name, n: rules.buttons });
    if (tooLong) return fill(long, { title: tooLong, channel: name, n: rules.title });
    if (twice) return fill(same, { title: twice });
    if (!text) return empty;
    return rules.above && lengthOf(text) > rules.above ? fill(above, { channel: name, n: rules.above }) : "";
  }

  /** limit: of its characters; 0: there is none to speak of. */
  private draw(field: HTMLInputElement, at: number, limit: number): void {
    const item = field.closest("li")!, used = lengthOf(titleOf(field)), { name, remove, characters } = this.boxTarget.dataset;
    const isOver = Boolean(limit) && used > limit;
    item.querySelector("[data-used]")!.textContent = limit && used ? `${used}/${limit}` : "";
    item.classList.toggle("bad", isOver);
    field.readOnly = !limit;
    field.setAttribute("aria-label", fill(name, { n: at + 1 }));
    field.setAttribute("aria-description", limit ? fill(characters, { used, limit }) : "");
    field.setAttribute("aria-invalid", String(isOver));
    item.querySelector("button")!.setAttribute("aria-label", `${fill(remove, { n: at + 1 })} ${titleOf(field)}`.trim());
  }

  private next(field: HTMLInputElement): void {
    if (!titleOf(field) || field.readOnly) return;
    const after = field.closest("li")!.nextElementSibling?.querySelector("input");
    if (after) return after.focus();
    if (!this.moreTarget.hidden) this.add();
  }

  /** step: where the focus goes first, to the one before or after it. */
  private take(item: Element, step: 1 | -1): void {
    const fields = fieldsIn(this.element), at = fields.findIndex((field) => field.closest("li") === item);
    item.remove();
    const next = fields[at + step] ?? fields[at - step] ?? this.element.querySelector<HTMLTextAreaElement>("textarea[name=text]");
    this.changed();
    next?.focus();
  }

  private changed(): void {
    this.boxTarget.dispatchEvent(new Event("input", { bubbles: true }));
  }
}
