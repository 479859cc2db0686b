import { Controller } from "@hotwired/stimulus";
import { get } from "../fragment";
import { Pace } from "../pace";

/** Shows while a segment is being built what its rows need and whom it finds; the server draws both. */
export default class extends Controller<HTMLFormElement> {
  private readonly preview = new Pace(() => this.draw(["segment-preview"]), 400);
  private readonly live = new Pace(() => this.draw(["segment-preview"]), 10_000, 300);

  override disconnect(): void {
    this.preview.stop();
    this.live.stop();
  }

  typed(event: Event): void {
    if ((event.target as HTMLElement).matches("input:not(#segment-name)")) this.preview.ask(300);
  }

  /** Another field or comparison asks for another kind of value. */
  changed(event: Event): void {
    if ((event.target as HTMLElement).matches("[data-shape]")) void this.draw(["segment-rows", "segment-preview"]);
    else this.preview.ask();
  }

  heard(): void {
    this.live.ask();
  }

  /** A row more or less; to save is left to the browser. */
  pressed(event: SubmitEvent): void {
    const button = event.submitter as HTMLButtonElement | null;
    if (button?.formMethod === "post") return;
    event.preventDefault();
    void this.draw(["segment-rows", "segment-preview"], button);
  }

  private async draw(ids: string[], button: HTMLButtonElement | null = null): Promise<void> {
    const said = new URLSearchParams(new FormData(this.element) as unknown as Record<string, string>);
    if (button?.name) said.set(button.name, button.value);
    const piece = await get(`${location.pathname}?${said}`);
    if (piece?.status !== 200 || !this.element.isConnected) return;
    const focused = button ? null : document.activeElement?.id;
    for (const id of ids) {
      const fresh = piece.content.querySelector(`#${id}`);
      if (fresh) document.getElementById(id)?.replaceWith(fresh);
    }
    if (focused) document.getElementById(focused)?.focus();
    else if (button) this.element.querySelector<HTMLElement>(".condition:last-of-type select, #segment-add")?.focus();
  }
}
