import { Controller } from "@hotwired/stimulus";
import { plural } from "../fragment";

const LONG_PX = 800;
const MANY = 3;

/** Folds what is long or dull: runs of events, days of the same name, long texts, quoted parts. */
export default class extends Controller<HTMLElement> {
  static override targets = ["words", "quoted", "all"];
  private readonly open = new Set<string>();

  override connect(): void {
    this.arrange();
  }

  /** After every change of the feed: day lines, runs of events, long texts. */
  arrange(): void {
    const articles = [...this.element.querySelectorAll<HTMLElement>("article")];
    articles.forEach((article, at) => {
      article.toggleAttribute("data-opens-day", article.dataset["day"] !== articles[at - 1]?.dataset["day"]);
    });
    openEpisodes(articles);
    for (const run of runs(articles)) this.foldRun(run);
    for (const words of this.element.querySelectorAll<HTMLElement>(".words:not(.open)")) this.foldLong(words);
  }

  toggle(event: Event): void {
    const button = event.currentTarget as HTMLButtonElement;
    const body = button.closest("article")?.querySelector<HTMLElement>(`[data-fold-target="${button.dataset["opens"]}"]`);
    if (!body) return;
    const open = button.getAttribute("aria-expanded") !== "true";
    button.setAttribute("aria-expanded", String(open));
    body.classList.toggle("open", open);
    if (button.dataset["opens"] === "quoted") body.hidden = !open;
  }

  toggleRun(event: Event): void {
    const first = (event.currentTarget as HTMLElement).closest("article")?.id ?? "";
    if (this.open.has(first)) this.open.delete(first);
    else this.open.add(first);
    this.arrange();
  }

  /** Page Up and Page Down walk from article to article, as readers of feeds expect it. */
  walk(event: KeyboardEvent): void {
    const step = { PageDown: 1, PageUp: -1 }[event.key];
    const here = (event.target as HTMLElement).closest("article");
    if (!step || !here || event.ctrlKey || event.altKey || event.metaKey) return;
    const shown = [...this.element.querySelectorAll<HTMLElement>("article")].filter((article) => article.checkVisibility());
    const next = shown[shown.indexOf(here) + step];
    if (next) event.preventDefault();
    next?.focus();
  }

  /** Somebody looks for something in an article: nothing of it stays folded. */
  openAll(event: Event): void {
    const article = (event.target as HTMLElement).closest<HTMLElement>("article");
    if (!article) return;
    const run = runs([...this.element.querySelectorAll<HTMLElement>("article")]).find((one) => one.includes(article));
    if (run?.[0]) this.open.add(run[0].id);
    for (const button of article.querySelectorAll<HTMLElement>('[data-opens][aria-expanded="false"]:not([hidden])')) button.click();
    this.arrange();
  }

  private foldRun(run: HTMLElement[]): void {
    const [first] = run;
    if (!first) return;
    const folds = run.length >= MANY && !run.some((article) => article.id === location.hash.slice(1));
    const open = !folds || this.open.has(first.id);
    for (const article of run) {
      const button = article.querySelector<HTMLElement>("button.fold.run");
      const leads = article === first && folds;
      if (button) button.hidden = !leads;
      article.hidden = !open && article !== first;
      const line = article.querySelector<HTMLElement>(".happen");
      if (line) line.hidden = !open;
      if (!leads || !button) continue;
      button.setAttribute("aria-expanded", String(open));
      button.querySelector("span")!.textContent = plural(this.element.dataset["events"], run.length);
    }
  }

  private foldLong(words: HTMLElement): void {
    if (words.classList.contains("long") || words.scrollHeight <= LONG_PX) return;
    words.classList.add("long");
    const button = words.closest("article")?.querySelector<HTMLElement>('[data-opens="words"]');
    if (button) button.hidden = false;
  }
}

/** Where another conversation begins, its head stands: with the channels it has used, as they follow on the page. */
function openEpisodes(articles: HTMLElement[]): void {
  let last = "";
  for (const article of articles) {
    const conversation = article.dataset["conversation"] ?? last;
    const opens = conversation !== last && conversation !== "";
    article.toggleAttribute("data-opens-episode", opens);
    last = conversation;
    if (opens) weave(article, articles.filter((one) => one.dataset["conversation"] === conversation && one.dataset["ch"]));
  }
}

function weave(article: HTMLElement, messages: HTMLElement[]): void {
  const channels = new Map(messages.map((one) => [one.dataset["ch"] ?? "", one.querySelector(".by .ch + .ch")?.textContent ?? ""]));
  const pieces = [...channels.keys()].map((channel) => {
    const piece = document.createElement("span");
    piece.className = "cloth";
    piece.dataset["ch"] = channel;
    return piece;
  });
  article.querySelector(".episode .swatch")?.replaceChildren(...pieces);
  const ways = article.querySelector(".episode .ways");
  if (ways) ways.textContent = [...channels.values()].join(", ");
}

/** Events that stand together on one day. */
function runs(articles: HTMLElement[]): HTMLElement[][] {
  const found: HTMLElement[][] = [];
  let run: HTMLElement[] = [];
  for (const article of articles) {
    const follows = article.dataset["kind"] === "event" && run[0]?.dataset["day"] === article.dataset["day"] && !article.hasAttribute("data-opens-episode");
    if (!follows) run = [];
    if (article.dataset["kind"] !== "event") continue;
    run.push(article);
    if (run.length === 1) found.push(run);
  }
  return found;
}
