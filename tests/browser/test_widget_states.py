"""What the widget shows when something is missing, cut off or far too long; each provoked for real."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Route, WebSocket, expect

from tests.browser.test_accessibility import violations
from tests.browser.test_widget import ask, devices

__all__ = ["devices"]
pytestmark = pytest.mark.browser
FRAME = "**/widget/*/?lang=*"
SHIFTS = """
window.jumped = [];
new PerformanceObserver((list) => list.getEntries().forEach((one) => {
  if (!one.hadRecentInput) jumped.push(`${one.value}: ${one.sources.map((source) => source.node?.className)}`);
})).observe({ type: "layout-shift", buffered: true });
"""


@pytest.mark.slow
def test_a_desk_that_does_not_answer_offers_the_other_ways(devices: Callable[..., BrowserContext]) -> None:
    page = devices(viewport={"width": 390, "height": 844}).new_page()
    dead: list[Route] = []
    page.route(FRAME, lambda route: route.continue_() if dead else dead.append(route) or route.abort())
    page.goto("/demo/shop/")
    page.get_by_role("button", name="Chat with us").click()
    told = page.get_by_role("alertdialog", name="The chat does not answer just now.")
    expect(told.get_by_role("button", name="Try again")).to_be_focused()
    expect(told.get_by_role("link", name="Mail help@example.test")).to_have_attribute(
        "href", "mailto:help@example.test"
    )
    assert [fault for fault in violations(page) if "alertdialog" in str(fault)] == []
    told.get_by_role("button", name="Try again").click()
    chat = page.frame_locator("iframe[title=Chat]")
    expect(chat.get_by_role("textbox", name="Message")).to_be_focused()
    expect(told).to_have_count(0)


@pytest.mark.slow
def test_the_other_ways_close_as_the_chat_does(devices: Callable[..., BrowserContext]) -> None:
    page = devices(viewport={"width": 390, "height": 844}).new_page()
    page.route(FRAME, lambda route: route.abort())
    page.goto("/demo/shop/")
    button = page.get_by_role("button", name="Chat with us")
    for close in (lambda: page.keyboard.press("Escape"), lambda: page.go_back()):
        button.click()
        expect(page.get_by_role("alertdialog")).to_be_visible()
        close()
        expect(page.get_by_role("alertdialog")).to_have_count(0)
        expect(button).to_be_focused()
    assert page.url.endswith("/demo/shop/")


def test_without_a_line_messages_are_kept_and_leave_later(devices: Callable[..., BrowserContext]) -> None:
    context = devices(viewport={"width": 390, "height": 844})
    page = context.new_page()
    chat = ask(page, "Do you repair boots?")
    context.set_offline(True)
    expect(chat.get_by_text("No connection")).to_be_visible()
    chat.get_by_role("textbox", name="Message").fill("The sole came off.")
    chat.get_by_role("button", name="Send message").click()
    expect(chat.get_by_role("article", name="You").last).to_contain_text("Being sent")
    context.set_offline(False)
    expect(chat.get_by_text("No connection")).to_be_hidden()
    expect(chat.get_by_role("article", name="You").last).to_contain_text("Sent")
    expect(chat.get_by_role("article", name="You")).to_have_count(2)


def test_long_words_wrap_and_nothing_runs_out_of_the_frame(devices: Callable[..., BrowserContext]) -> None:
    page = devices(viewport={"width": 320, "height": 700}).new_page()
    chat = ask(page, "https://example.test/" + "a" * 300)
    wide = "document.documentElement.scrollWidth <= innerWidth"
    frame = next(frame for frame in page.frames if frame.parent_frame)
    assert frame.evaluate(wide) and page.evaluate(wide)
    expect(chat.get_by_role("article", name="You").get_by_role("link")).to_have_attribute(
        "rel", "noopener noreferrer nofollow"
    )


def test_it_is_mirrored_where_the_page_is(devices: Callable[..., BrowserContext]) -> None:
    page = devices(viewport={"width": 1280, "height": 800}).new_page()
    page.goto("/demo/shop/")
    page.evaluate("document.documentElement.dir = 'rtl'")
    button = page.get_by_role("button", name="Chat with us")
    expect(button).to_be_visible()
    box = button.bounding_box()
    assert box is not None and box["height"] >= 48
    assert box["x"] < 100


def test_a_shop_of_one_page_tells_where_the_visitor_goes(devices: Callable[..., BrowserContext]) -> None:
    page = devices(viewport={"width": 1280, "height": 800}).new_page()
    sockets: list[WebSocket] = []
    page.on("websocket", lambda socket: sockets.append(socket))
    ask(page, "Where do I send them?")
    with sockets[-1].expect_event("framesent", lambda text: '"title":"Step two"' in text and "step=2" in text):
        page.evaluate("history.pushState({}, '', '/demo/shop/returns/?step=2'); document.title = 'Step two'")


def test_what_is_typed_before_the_page_above_has_spoken_stays(devices: Callable[..., BrowserContext]) -> None:
    page = devices(viewport={"width": 1280, "height": 800}).new_page()
    page.goto("/demo/shop/")
    key = page.evaluate("document.querySelector('script[data-key]').dataset.key")
    # Nothing stands above it, so nobody says hello.
    page.goto(f"/widget/{key}/")
    box = page.get_by_role("textbox", name="Message")
    box.press_sequentially("Good")
    expect(box).to_have_value("Good")


def test_nothing_in_the_frame_jumps(devices: Callable[..., BrowserContext]) -> None:
    context = devices()
    context.add_init_script(SHIFTS)
    page = context.new_page()
    # Half of it comes a moment after the other half, as over a slow line.
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 4})
    chat = ask(page, "Do you ship to Cluj?")
    expect(chat.get_by_role("button", name="Show what was said before")).to_be_visible()
    frame = next(one for one in page.frames if "/widget/" in one.url)
    assert frame.evaluate("jumped") == []
