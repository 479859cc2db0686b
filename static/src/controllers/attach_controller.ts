import { Controller } from "@hotwired/stimulus";
import { brokenLimit, bytes, messages } from "../files";
import { fill, plural } from "../fragment";
import { bar, leaving, routeOf, type Route } from "../route";

/** The tray of files that will go with the reply; what the channel does not take is said before it is sent. */
export default class extends Controller<HTMLElement> {
  static override targets = ["input", "tray", "item", "says", "linked"];
  declare readonly linkedTarget: HTMLInputElement;
  declare readonly saysTarget: HTMLElement;
  declare readonly inputTarget: HTMLInputElement;
  declare readonly trayTarget: HTMLElement;
  declare readonly itemTarget: HTMLTemplateElement;
  declare readonly hasInputTarget: boolean;
  private readonly links = new WeakSet<File>();

  pick(): void {
    this.inputTarget.click();
  }

  chosen(): void {
    this.trayTarget.replaceChildren(...this.files.map((file, at) => this.item(file, at)));
    this.check();
  }

  /** Another channel takes other files. */
  check(): void {
    const route = this.hasInputTarget ? routeOf(this.element) : null;
    if (!route) return;
    const files = this.files;
    const words = files.map((file, at) => this.judge(file, this.trayTarget.children[at] as HTMLElement | undefined, route));
    this.linkedTarget.value = files.flatMap((file, at) => (this.links.has(file) ? [at] : [])).join(",");
    bar(this.element, "files", words.find(Boolean) ?? "");
    const along = files.filter((file) => !this.links.has(file));
    const count = route.rules.pieces && along.length ? messages(along, leaving(this.element), 1, route.rules) : 1;
    this.saysTarget.textContent = count > 1 ? plural(this.saysTarget.dataset["goes"], count) : "";
  }

  /** The customer gets its address in the text instead: any channel carries that. */
  link(event: Event): void {
    const file = this.files[Number((event.currentTarget as HTMLElement).dataset["at"])];
    if (!file) return;
    this.links.add(file);
    this.check();
    this.element.querySelector<HTMLElement>("textarea[name=text]")?.focus();
  }

  /** Says what is wrong with one file, and returns it when it keeps the answer from going. */
  private judge(file: File, item: HTMLElement | undefined, { rules, name }: Route): string {
    const { large, none, plain, linked = "" } = this.saysTarget.dataset;
    const broken = this.links.has(file) ? null : brokenLimit(file, rules);
    const values = { name: file.name, size: bytes(file.size), most: bytes(broken?.most ?? 0), channel: name };
    const words = broken ? fill(broken.isPlain ? plain : broken.most ? large : none, values) : "";
    const place = item?.querySelector<HTMLElement>(".why");
    if (place) place.textContent = this.links.has(file) ? linked : words;
    place?.classList.toggle("bad", Boolean(words) && !broken?.isPlain);
    const button = item?.querySelector<HTMLElement>(".link-instead");
    if (button) button.hidden = !words;
    return broken?.isPlain ? "" : words;
  }

  paste(event: ClipboardEvent): void {
    if (event.clipboardData?.files.length) this.add(event.clipboardData.files);
  }

  drop(event: DragEvent): void {
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    this.add(event.dataTransfer.files);
  }

  over(event: DragEvent): void {
    if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
  }

  remove(event: Event): void {
    const gone = Number((event.currentTarget as HTMLElement).dataset["at"]);
    this.become(this.files.filter((_, at) => at !== gone));
  }

  clear(): void {
    this.become([]);
  }

  private add(files: FileList): void {
    this.become([...this.files, ...files]);
  }

  private become(files: File[]): void {
    const all = new DataTransfer();
    for (const file of files) all.items.add(file);
    this.inputTarget.files = all.files;
    this.chosen();
  }

  private item(file: File, at: number): HTMLElement {
    const item = this.itemTarget.content.firstElementChild!.cloneNode(true) as HTMLElement;
    item.querySelector(".nm")!.textContent = file.name;
    item.querySelector(".sz")!.textContent = bytes(file.size);
    const button = item.querySelector<HTMLElement>("button.icon")!;
    button.dataset["at"] = String(at);
    item.querySelector<HTMLElement>(".link-instead")!.dataset["at"] = String(at);
    button.setAttribute("aria-label", `${button.getAttribute("aria-label") ?? ""} ${file.name}`);
    return item;
  }

  private get files(): File[] {
    return [...(this.inputTarget.files ?? [])];
  }
}
