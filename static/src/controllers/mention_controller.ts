import { Controller } from "@hotwired/stimulus";
import { plain } from "../plain";

// What stands before the caret: "@", then the beginning of a name of one or two words; "#", then one of a known thing.
const BEGUN: Record<string, RegExp> = {
  "@": /(?:^|\s)@([\p{L}\p{M}'’.-]*(?: [\p{L}\p{M}'’.-]*)?)$/u,
  "#": /(?:^|\s)#([\p{L}\p{M}\d+'’.-]*)$/u,
};

/** "@" in a note offers the colleagues: the one chosen is written out and will be told. "#" offers what is known. */
export default class extends Controller<HTMLElement> {
  static override targets = ["list", "option"];
  static override values = { mark: String, field: String };
  declare readonly markValue: string;
  declare readonly fieldValue: string;
  declare readonly listTarget: HTMLElement;
  declare readonly optionTargets: HTMLElement[];

  /** The list was drawn anew while somebody chooses from it. */
  listTargetConnected(): void {
    const field = this.field;
    if (field && field === document.activeElement) this.offer(field);
  }

  typed(event: Event): void {
    const field = event.target as HTMLTextAreaElement;
    if (field.matches(this.fieldValue)) this.offer(field);
  }

  steer(event: KeyboardEvent): void {
    const shown = this.shown;
    if (this.listTarget.hidden || shown.length === 0 || event.isComposing) return;
    const at = shown.findIndex((one) => one.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown") this.mark(shown[(at + 1) % shown.length]);
    else if (event.key === "ArrowUp") this.mark(shown.at(at - 1));
    else if ((event.key === "Enter" && !event.ctrlKey && !event.metaKey) || event.key === "Tab") this.write(shown[at]);
    else if (event.key === "Escape") this.hide();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** The focus must stay in the text. */
  press(event: Event): void {
    event.preventDefault();
    this.write((event.target as HTMLElement).closest<HTMLElement>("[role=option]") ?? undefined);
  }

  hide(): void {
    this.listTarget.hidden = true;
    this.field?.removeAttribute("aria-activedescendant");
  }

  private offer(field: HTMLTextAreaElement): void {
    const begun = this.begun(field);
    const words = plain(begun?.[1] ?? "");
    for (const one of this.optionTargets) one.hidden = !begun || !` ${plain(one.dataset["name"] ?? "")}`.includes(` ${words}`);
    this.show(field);
  }

  private show(field: HTMLTextAreaElement): void {
    const shown = this.shown;
    this.listTarget.hidden = shown.length === 0;
    field.setAttribute("aria-controls", this.listTarget.id);
    if (shown.length) this.mark(shown[0]);
    else this.hide();
  }

  private mark(option: HTMLElement | undefined): void {
    for (const one of this.optionTargets) one.setAttribute("aria-selected", String(one === option));
    this.field?.setAttribute("aria-activedescendant", option?.id ?? "");
    option?.scrollIntoView({ block: "nearest" });
  }

  private write(option: HTMLElement | undefined): void {
    const field = this.field;
    const begun = field && this.begun(field);
    if (!field || !begun || !option) return;
    const start = field.selectionStart - (begun[1] ?? "").length - (this.markValue === "#" ? 1 : 0);
    field.setRangeText(`${option.dataset["name"] ?? ""} `, start, field.selectionStart, "end");
    this.hide();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  private get shown(): HTMLElement[] {
    return this.optionTargets.filter((one) => !one.hidden);
  }

  private get field(): HTMLTextAreaElement | null {
    return this.element.querySelector(this.fieldValue);
  }

  private begun(field: HTMLTextAreaElement): RegExpExecArray | null {
    return BEGUN[this.markValue]?.exec(field.value.slice(0, field.selectionStart)) ?? null;
  }
}
