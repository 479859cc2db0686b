"""Somebody visits the demonstration's shop with a slow processor: what the widget costs its page, and how it answers.

The shop stands on another site than the desk, as shops do: Chromium is handed its pages by us and asks the desk for the
widget alone. Page and frame share one process, as on a small phone, so that the slowness is that of both.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx

from helpdesk.bench.e2e_sums import percentile
from helpdesk.bench.harness import Row

if TYPE_CHECKING:
    from playwright.sync_api import Browser, FrameLocator, Page, Route

SHOP = "http://localhost:8001"
SLOWDOWN = 4
MAIN_THREAD_LIMIT_MS, INP_LIMIT_MS, FRAME_SHIFT_LIMIT = 35.0, 100.0, 0.02
# After the page has loaded: until the idle moment in which the loader draws its button has long passed.
REST_MS = 1_500
KEY_MS = 60
QUESTION = "Do you ship to Cluj?"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-site-isolation-trials",
    # Both are this machine; a page of the one may ask the other.
    "--disable-features=IsolateOrigins,site-per-process,LocalNetworkAccessChecks",
)
WATCH = """
(() => {
  const seen = (window.benchSeen = { long: 0, shifts: 0, laterShifts: 0, events: {}, pressed: 0, ready: 0 });
  const on = (type, act, more = {}) =>
    new PerformanceObserver((list) => list.getEntries().forEach(act)).observe({ type, buffered: true, ...more });
  on("longtask", () => (seen.long += 1));
  on("layout-shift", (one) => {
    seen.shifts += one.value;
    if (!one.hadRecentInput) seen.laterShifts += one.value;
  });
  on("event", (one) => {
    const id = one.interactionId;
    if (id) seen.events[id] = Math.max(seen.events[id] ?? 0, one.duration);
  }, { durationThreshold: 16 });
  addEventListener("message", (event) => {
    if (event.data?.say === "ready") seen.ready ||= performance.now();
  });
  addEventListener("click", (event) => (seen.pressed ||= event.timeStamp), true);
})();
"""
# In place of the shop's line: nothing, for a page without the widget.
Changing = Callable[[str], str]


@dataclass
class Look:
    """What a page cost until nothing was open yet."""

    task_ms: float
    long: int
    shifts: float
    asked: list[str]
    cookies: int


@dataclass
class Talk:
    """What it was like to open the widget, write, close it and open it again."""

    ready_ms: float
    interactions: list[float] = field(default_factory=list)
    frame_shifts: float = 0.0
    host_shifts: float = 0.0
    long: int = 0
    asked: list[str] = field(default_factory=list)

    @property
    def worst(self) -> float:
        """The slowest interaction: what INP is of a visit with fewer than fifty."""
        return max(self.interactions, default=0.0)


class Shop:
    """A browser, the desk, and the shop's page by its path on the desk."""

    def __init__(self, browser: "Browser", desk: str, path: str) -> None:
        self.browser, self.desk = browser, desk
        self.page = self.fetch(path).decode()

    def fetch(self, path: str) -> bytes:
        """Ask the desk, as a browser without compression would."""
        return httpx.get(self.desk + path, headers={"accept-encoding": "identity"}).raise_for_status().content

    def look(self, change: Changing) -> Look:
        """Visit the page once, with an empty cache, and open nothing."""
        with self.browser.new_context(base_url=SHOP, viewport={"width": 1280, "height": 800}) as context:
            asked, page, line = self._enter(context, change)
            page.goto("/", wait_until="load")
            page.wait_for_timeout(REST_MS)
            told = {one["name"]: one["value"] for one in line.send("Performance.getMetrics")["metrics"]}
            seen = page.evaluate("benchSeen")
            cookies = len(context.cookies())
        return Look(1_000 * told["TaskDuration"], seen["long"], seen["shifts"], asked, cookies)

    def talk(self) -> Talk:
        """Visit the page once and talk."""
        with self.browser.new_context(base_url=SHOP, viewport={"width": 1280, "height": 800}) as context:
            asked, page, _line = self._enter(context, lambda html: html)
            page.goto("/", wait_until="load")
            page.wait_for_timeout(REST_MS)
            before = page.evaluate("benchSeen.long")
            chat = page.frame_locator("iframe[title=Chat]")
            page.get_by_role("button", name="Chat with us").click()
            self._write(page, chat)
            page.keyboard.press("Escape")
            page.get_by_role("button", name="Chat with us").click()
            page.wait_for_timeout(REST_MS)
            host = page.evaluate("benchSeen")
            frame = next(one for one in page.frames if "/widget/" in one.url).evaluate("benchSeen")
        slow = [*host["events"].values(), *frame["events"].values()]
        return Talk(
            host["ready"] - host["pressed"], slow, frame["laterShifts"], host["shifts"], host["long"] - before, asked
        )

    def _write(self, page: "Page", chat: "FrameLocator") -> None:
        box = chat.get_by_role("textbox", name="Message")
        box.wait_for()
        box.press_sequentially(QUESTION, delay=KEY_MS)
        page.keyboard.press("Enter")
        chat.get_by_role("article", name="You").first.wait_for()
        page.wait_for_timeout(REST_MS)
        box.press_sequentially("And to Bari?", delay=KEY_MS)
        chat.get_by_role("button", name="Send message").click()
        page.wait_for_timeout(REST_MS)

    def _enter(self, context: Any, change: Changing) -> tuple[list[str], "Page", Any]:
        """Open a page that watches itself; return what it asks for, the page, and the line to its processor."""
        asked: list[str] = []
        html = change(self.page)
        context.add_init_script(WATCH)
        context.route(f"{SHOP}/**", lambda route: self._serve(route, html))
        page: Page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        line = context.new_cdp_session(page)
        line.send("Performance.enable")
        line.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
        return asked, page, line

    def _serve(self, route: "Route", html: str) -> None:
        path = route.request.url.removeprefix(SHOP)
        if path == "/":
            route.fulfill(status=200, content_type="text/html; charset=utf-8", body=html)
            return
        answer = httpx.get(self.desk + path)
        kind = answer.headers.get("content-type", "")
        route.fulfill(status=answer.status_code, content_type=kind, body=answer.content)


def rows_of(plain: list[Look], dressed: list[Look], talks: list[Talk], desk: str) -> list[Row]:
    """The lines of the result. plain and dressed: without and with the widget, round by round in turns."""
    more = [one.task_ms - other.task_ms for one, other in zip(dressed, plain, strict=True)]
    own = [[url for url in one.asked if url.startswith(desk)] for one in dressed]
    all_asked = [one.asked for one in dressed] + [one.asked for one in talks]
    ours = {urlsplit(SHOP).netloc, urlsplit(desk).netloc, ""}
    strangers = {urlsplit(url).netloc for asked in all_asked for url in asked} - ours
    late = sum(one.long for one in dressed) - sum(one.long for one in plain)
    return [
        _within(f"main thread more than without it, processor {SLOWDOWN} times slower", median(more), "ms",
                MAIN_THREAD_LIMIT_MS),
        Row("main thread of the page without it", round(median(one.task_ms for one in plain), 1), "ms"),
        _within("long tasks of the page more than without it, all rounds", max(0, late), "", 0),
        Row("long tasks of the page without it, all rounds", sum(one.long for one in plain), ""),
        _within("layout shift of the page before it is opened", max(one.shifts for one in dressed), "", 0),
        _within("layout shift of the page with it open", max(one.host_shifts for one in talks), "", 0),
        _within("requests before it is opened", max(map(len, own)), "", 1),
        _within("hosts of others", len(strangers), "", 0),
        _within("cookies before it is opened", max(one.cookies for one in dressed), "", 0),
        Row("requests of the frame", median(sum(url.startswith(desk) for url in one.asked) - 1 for one in talks), ""),
        Row("pressed to frame ready", round(median(one.ready_ms for one in talks), 1), "ms"),
        _within(f"slowest interaction of a visit (INP), p75, processor {SLOWDOWN} times slower",
                percentile([one.worst for one in talks], 75), "ms", INP_LIMIT_MS),
        Row("interactions slower than 16 ms in a visit", median(len(one.interactions) for one in talks), ""),
        _within("layout shift in the frame", max(one.frame_shifts for one in talks), "", FRAME_SHIFT_LIMIT),
        Row("long tasks while talking, a visit", median(one.long for one in talks), ""),
    ]  # fmt: skip


def without_widget(html: str) -> str:
    """Take the line that installs the widget out of a page. Raises ValueError where it is not."""
    before, mark, rest = html.partition("<script async")
    _line, end, after = rest.partition("</script>")
    if not mark or not end:
        raise ValueError("the page has no line that installs the widget")
    return before + after


def browser_of(playwright: Any, path: str) -> "AbstractContextManager[Browser]":
    """Start a Chromium that is closed with the block."""
    found: AbstractContextManager[Browser] = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
    return found


def _within(what: str, value: float, unit: str, limit: float) -> Row:
    return Row(what, round(value, 3), unit, limit=limit, ok=value <= limit)
