import { Controller } from "@hotwired/stimulus";

/** The tray of files that will go with the reply. */
export default class extends Controller<HTMLElement> {
  static override targets = ["input", "tray", "item"];
  declare readonly inputTarget: HTMLInputElement;
  declare readonly trayTarget: HTMLElement;
  declare readonly itemTarget: HTMLTemplateElement;

  pick(): void {
    this.inputTarget.click();
  }

  chosen(): void {
    this.trayTarget.replaceChildren(...[...(this.inputTarget.files ?? [])].map((file, at) => this.item(file, at)));
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
    this.become([...(this.inputTarget.files ?? [])].filter((_, at) => at !== gone));
  }

  clear(): void {
    this.become([]);
  }

  private add(files: FileList): void {
    this.become([...(this.inputTarget.files ?? []), ...files]);
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
    item.querySelector(".sz")!.textContent = size(file.size);
    const button = item.querySelector<HTMLElement>("button")!;
    button.dataset["at"] = String(at);
    button.setAttribute("aria-label", `${button.getAttribute("aria-label") ?? ""} ${file.name}`);
    return item;
  }
}

function size(bytes: number): string {
  const [value, unit] = bytes < 1_000_000 ? [bytes / 1_000, "kilobyte"] : [bytes / 1_000_000, "megabyte"];
  return new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit, maximumFractionDigits: 1 }).format(value);
}
