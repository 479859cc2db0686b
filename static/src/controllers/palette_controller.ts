import { Controller } from "@hotwired/stimulus";
import { plain } from "../plain";
import { reach, use } from "../reaching";

/** The command palette: what can be done here, found by typing. The server wrote the commands down. */
export default class extends Controller<HTMLDialogElement> {
  static override targets = ["ask", "list", "option", "none"];
  declare readonly askTarget: HTMLInputElement;
  declare readonly listTarget: HTMLElement;
  declare readonly optionTargets: HTMLElement[];
  declare readonly noneTarget: HTMLElement;
  private possible: HTMLElement[] = [];

  summon(event: KeyboardEvent): void {
    const isOurs = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
    if (!isOurs || event.isComposing) return;
    event.preventDefault();
    if (this.element.open) this.element.close();
    else if (!document.querySelector("dialog[open]")) this.element.showModal();
  }

  /** About to open: only what can be done on this page now. */
  prepare(event: ToggleEvent): void {
    if (event.newState !== "open") return;
    this.possible = this.optionTargets.filter((one) => one.dataset["url"] || reach(one.dataset["runs"] ?? "none"));
    this.askTarget.value = "";
    this.narrow();
  }

  narrow(): void {
    const words = plain(this.askTarget.value).trim().split(/\s+/);
    const shown = this.possible.filter((one) => words.every((word) => plain(one.textContent ?? "").includes(word)));
    for (const one of this.optionTargets) one.hidden = !shown.includes(one);
    this.listTarget.hidden = shown.length === 0;
    this.noneTarget.hidden = shown.length > 0;
    this.askTarget.setAttribute("aria-expanded", String(shown.length > 0));
    this.mark(shown[0]);
  }

  steer(event: KeyboardEvent): void {
    if (event.isComposing) return;
    if (event.key === "Enter") this.run(this.marked);
    else if (event.key === "ArrowDown") this.move(1);
    else if (event.key === "ArrowUp") this.move(-1);
    else return;
    event.preventDefault();
  }

  choose(event: Event): void {
    this.run((event.target as HTMLElement).closest<HTMLElement>("[role=option]") ?? undefined);
  }

  private get marked(): HTMLElement | undefined {
    return this.optionTargets.find((one) => one.getAttribute("aria-selected") === "true");
  }

  private move(step: number): void {
    const shown = this.optionTargets.filter((one) => !one.hidden);
    const from = shown.findIndex((one) => one === this.marked);
    this.mark(shown.at((from + step) % shown.length));
  }

  private mark(option: HTMLElement | undefined): void {
    for (const one of this.optionTargets) one.setAttribute("aria-selected", String(one === option));
    this.askTarget.setAttribute("aria-activedescendant", option?.id ?? "");
    option?.scrollIntoView({ block: "nearest" });
  }

  private run(option: HTMLElement | undefined): void {
    if (!option) return;
    this.element.close();
    const url = option.dataset["url"];
    if (url) return location.assign(url);
    const target = reach(option.dataset["runs"] ?? "none");
    if (target) use(target);
  }
}
