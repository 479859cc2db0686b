import { Controller } from "@hotwired/stimulus";
import { post } from "../fragment";

/** Switches between light and dark at once and keeps the choice: with the agent, else in a cookie. */
export default class extends Controller<HTMLElement> {
  static override values = { url: String };
  declare readonly urlValue: string;

  switch(): void {
    const root = document.documentElement;
    const dark = root.dataset["theme"] ? root.dataset["theme"] === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    const theme = dark ? "light" : "dark";
    root.dataset["theme"] = theme;
    document.cookie = `theme=${theme}; path=/; max-age=31536000; samesite=lax`;
    if (this.urlValue) void post(this.urlValue, new URLSearchParams({ theme }));
  }
}
