import { Controller } from "@hotwired/stimulus";
import { bar, isTemplate, lostBy, routeOf, type Route } from "../route";

/**
 * Reply via: the channel chosen decides which addresses stand in "To" and what the button says. The text stays;
 * what does not come along is said.
 */
export default class extends Controller<HTMLElement> {
  static override targets = ["via", "to", "send", "only", "copies", "glyph", "line", "note", "reason", "lost", "bridge", "bridgeWords", "bridgeButton", "bridged", "after", "comment", "public", "private", "privateWords", "privateWhy"];
  declare readonly viaTarget: HTMLSelectElement;
  declare readonly toTarget: HTMLSelectElement;
  declare readonly sendTargets: HTMLElement[];
  declare readonly onlyTargets: HTMLElement[];
  declare readonly copiesTargets: HTMLElement[];
  declare readonly glyphTarget: HTMLElement;
  declare readonly lineTarget: HTMLElement;
  declare readonly noteTarget: HTMLElement;
  declare readonly afterTarget: HTMLElement;
  declare readonly reasonTarget: HTMLElement;
  declare readonly lostTarget: HTMLElement;
  declare readonly bridgeTarget: HTMLElement;
  declare readonly bridgeWordsTarget: HTMLElement;
  declare readonly bridgeButtonTarget: HTMLElement;
  declare readonly commentTarget: HTMLFieldSetElement;
  declare readonly publicTarget: HTMLInputElement;
  declare readonly privateTarget: HTMLInputElement;
  declare readonly privateWordsTarget: HTMLElement;
  declare readonly privateWhyTarget: HTMLElement;
  declare readonly bridgedTarget: HTMLInputElement;
  declare readonly hasViaTarget: boolean;
  private readonly wanted = new Map<string, boolean>();

  override connect(): void {
    if (this.hasViaTarget) this.changed();
  }

  /** The ways were read anew: the choice stays where it was. */
  renewed(): void {
    this.changed();
  }

  changed(event?: Event): void {
    const chosen = this.viaTarget.selectedOptions[0];
    if (!chosen) return;
    let first: HTMLOptionElement | null = null;
    for (const option of this.toTarget.options) {
      const fits = option.dataset["channel"] === chosen.value;
      option.hidden = !fits;
      option.disabled = !fits || Boolean(option.dataset["why"]);
      if (!option.disabled) first ??= option;
    }
    const isFitting = this.toTarget.selectedOptions[0]?.dataset["channel"] === chosen.value;
    if (!isFitting || this.toTarget.selectedOptions[0]?.disabled) (first ?? this.theirs(chosen.value))!.selected = true;
    this.glyphTarget.dataset["ch"] = chosen.dataset["ch"] ?? "";
    const use = this.glyphTarget.querySelector("use");
    use?.setAttribute("href", (use.getAttribute("href") ?? "").replace(/#.*/, `#g-${chosen.dataset["ch"] ?? "email"}`));
    this.addressed(event);
  }

  /** Another address of the same channel, or the same: say who gets it, and what the channel cannot take. */
  addressed(event?: Event): void {
    const route = routeOf(this.element);
    if (!route) return;
    const { line = "", note = "", why = "", reason = "", after = "" } = route.way;
    this.lineTarget.textContent = why || line;
    this.lineTarget.classList.toggle("bad", Boolean(why));
    const { placeholder = "" } = this.viaTarget.dataset;
    const text = this.element.querySelector<HTMLTextAreaElement>("textarea[name=text]");
    if (text) text.placeholder = placeholder.replace("{channel}", this.viaTarget.selectedOptions[0]?.label ?? "");
    this.noteTarget.textContent = note;
    this.noteTarget.hidden = !note;
    this.afterTarget.textContent = why ? "" : after;
    this.viaTarget.title = this.reasonTarget.textContent = event ? "" : reason;
    for (const part of this.onlyTargets) part.hidden = !route.rules.subject;
    for (const part of this.copiesTargets) part.hidden = !route.rules.copies;
    this.commentTarget.hidden = this.commentTarget.disabled = !route.way["comment"];
    this.limitPrivate(route.way);
    this.name();
    this.lose(route, Boolean(event));
    this.bind(route);
    this.element.dispatchEvent(new CustomEvent("composer:route", { bubbles: true }));
  }

  /** What the button says: the channel, and under a comment whether everybody will read it, or that a template goes. */
  name(): void {
    const { verb = "" } = this.viaTarget.selectedOptions[0]?.dataset ?? {};
    const isPublic = !this.commentTarget.disabled && this.publicTarget.checked;
    const { template = verb, open = verb, closed = verb } = this.commentTarget.dataset;
    const words = isTemplate(this.element) ? template : this.commentTarget.disabled ? verb : isPublic ? open : closed;
    for (const button of this.sendTargets) button.textContent = words;
    this.commentTarget.classList.toggle("public", isPublic);
    // Never turned into a public one by itself: whoever chose the private message has to choose anew.
    bar(this.element, "comment", this.privateTarget.disabled && this.privateTarget.checked ? (this.privateWhyTarget.textContent ?? "") : "");
  }

  /** A comment is answered in private once; afterwards in the conversation that they have with us, if there is one. */
  private limitPrivate({ comment, privateWhy = "", privateChat }: DOMStringMap): void {
    const { once = "", chat = "" } = this.privateWordsTarget.dataset;
    this.privateWordsTarget.textContent = privateChat ? chat : once;
    this.privateTarget.disabled = Boolean(comment && privateWhy);
    this.privateWhyTarget.textContent = privateWhy;
    this.privateWhyTarget.hidden = !privateWhy;
  }

  /** The other way that the page offers: by that channel, the text as it stands. */
  instead(event: Event): void {
    this.viaTarget.value = (event.currentTarget as HTMLElement).dataset["channel"] ?? "";
    this.viaTarget.dispatchEvent(new Event("change", { bubbles: true }));
    this.element.querySelector<HTMLElement>("textarea[name=text]")?.focus();
  }

  /** One key or one press: the line goes away, or comes where it costs and is only offered. */
  unbridge(event?: Event): void {
    event?.preventDefault();
    const route = routeOf(this.element);
    if (!route) return;
    this.wanted.set(route.channel, !this.bridgedTarget.value);
    this.bind(route);
    this.element.querySelector<HTMLElement>("textarea[name=text]")?.focus();
    this.element.dispatchEvent(new CustomEvent("composer:route", { bubbles: true }));
  }

  /** The backspace at the very beginning of the text takes the line above it away. */
  erase(event: KeyboardEvent): void {
    const box = event.target;
    if (event.key !== "Backspace" || !(box instanceof HTMLTextAreaElement) || box.name !== "text") return;
    if (box.selectionStart === 0 && box.selectionEnd === 0 && this.bridgedTarget.value) this.unbridge(event);
  }

  private bind(route: Route): void {
    const text = this.element.querySelector<HTMLTextAreaElement>("textarea[name=text]")?.value ?? "";
    const isOffered = Boolean(route.bridge) && !text.startsWith(route.bridge);
    const isOn = isOffered && (this.wanted.get(route.channel) ?? route.rules.unit !== "segments");
    this.bridgeTarget.hidden = !isOffered;
    this.bridgeTarget.classList.toggle("off", !isOn);
    this.bridgedTarget.value = isOn ? "1" : "";
    this.bridgeWordsTarget.textContent = route.bridge;
    this.bridgeButtonTarget.textContent = this.bridgeTarget.dataset[isOn ? "off" : "on"] ?? "";
  }

  private lose(route: Route, isSaid: boolean): void {
    this.lostTarget.textContent = isSaid ? lostBy(this.element, route, this.lostTarget.dataset) : "";
    this.lostTarget.hidden = !this.lostTarget.textContent;
  }

  private theirs(channel: string): HTMLOptionElement | undefined {
    return [...this.toTarget.options].find((option) => option.dataset["channel"] === channel);
  }
}
