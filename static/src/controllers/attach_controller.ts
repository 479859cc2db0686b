import { Controller } from "@hotwired/stimulus";
import { brokenLimit, bytes, messages } from "../files";
import { fill, plural } from "../fragment";
import { bar, leaving, routeOf } from "../route";

/** The tray of files that will go with the reply; what the channel does not take is said before it is sent. */
export default class extends Controller<HTMLElement> {
  static override targets = ["input", "tray", "item", "says"];
  declare readonly saysTarget: HTMLElement;
  declare readonly inputTarget: HTMLInputElement;
  declare readonly trayTarget: HTMLElement;
  declare readonly itemTarget: HTMLTemplateElement;
  declare readonly hasInputTarget: boolean;

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
    let first = "";
    this.files.forEach((file, at) => {
      const limit = brokenLimit(file, route.rules);
      const { large = "", none = "" } = this.saysTarget.dataset;
      const words = limit === null ? "" : fill(limit ? large : none, { name: file.name, size: bytes(file.size), most: bytes(limit), channel: route.name });
      const place = this.trayTarget.children[at]?.querySelector<HTMLElement>(".why");
      if (place) place.textContent = words;
      first ||= words;
    });
    bar(this.element, "files", first);
    const count = route.rules.pieces && this.files.length ? messages(this.files, leaving(this.element), 1, route.rules) : 1;
    this.saysTarget.textContent = count > 1 ? plural(this.saysTarget.dataset["goes"], count) : "";
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
    const button = item.querySelector<HTMLElement>("button")!;
    button.dataset["at"] = String(at);
    button.setAttribute("aria-label", `${button.getAttribute("aria-label") ?? ""} ${file.name}`);
    return item;
  }

  private get files(): File[] {
    return [...(this.inputTarget.files ?? [])];
  }
}
