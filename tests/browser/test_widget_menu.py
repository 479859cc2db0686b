"""The chat's menu, its end, its sound and its place on a phone, in a browser."""

import re
import uuid
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Frame, FrameLocator, Page, expect

from tests.browser.test_accessibility import LOOKS, violations
from tests.browser.test_widget import address, ask, devices, mailed
from tests.desk import RunningDesk
from tests.waiting import until

__all__ = ["address", "devices"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]
ANSWER = """
from agents.models import Agent
from conversations.models import Message
from helpdesk.lib.outbound import Route
said = Message.objects.get(text={question!r})
conversation = said.entry.conversation
agent = Agent.objects.get(email="{who}@example.test")
conversation.reply(by=agent, text={text!r}, to=Route(said.thread.channel_id, said.thread.identity_id))
"""
# Counts what would be heard, two tones to a sound.
COUNTED = """
window.tones = 0;
const part = () => ({connect: (next) => next, start() { window.tones += 1; }, stop() {}, frequency: {},
  gain: {setValueAtTime() {}, linearRampToValueAtTime() {}, exponentialRampToValueAtTime() {}}});
window.AudioContext = class { state = "running"; currentTime = 0; createOscillator() { return part(); }
  createGain() { return part(); } };
"""
HIDDEN = """(isHidden) => {
  Object.defineProperty(document, "hidden", {get: () => isHidden, configurable: true});
  Object.defineProperty(document, "visibilityState", {get: () => isHidden ? "hidden" : "visible", configurable: true});
  document.dispatchEvent(new Event("visibilitychange"));
}"""


def question() -> str:
    return f"Is it waterproof? {uuid.uuid4().hex[:6]}"


def answer(desk: RunningDesk, asked: str, text: str, who: str = "luca") -> None:
    """Answer as an agent does; it leaves by the desk's own senders."""
    desk.do(ANSWER.format(question=asked, text=text, who=who))


def answered(page: Page, desk: RunningDesk, text: str = "Yes, it is.") -> tuple[FrameLocator, str]:
    """Ask, and be answered."""
    asked = question()
    chat = ask(page, asked)
    answer(desk, asked, text)
    expect(chat.get_by_role("article").filter(has_text=text)).to_be_visible()
    return chat, asked


def choose(chat: FrameLocator, name: str) -> None:
    """Take something of the menu."""
    chat.get_by_role("button", name="More").click()
    chat.get_by_role("button", name=name).click()


def inner(page: Page) -> Frame:
    return next(one for one in page.frames if "/widget/" in one.url)


def test_the_menu_goes_by_keyboard_and_a_language_keeps_the_draft(devices: Callable[..., BrowserContext]) -> None:
    page = devices().new_page()
    chat = ask(page, question())
    more = chat.get_by_role("button", name="More")
    more.focus()
    page.keyboard.press("ArrowDown")
    sound = chat.get_by_role("button", name="Sound")
    expect(sound).to_be_focused()
    page.keyboard.press("Enter")
    expect(sound).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("End")
    expect(chat.get_by_role("button", name="Delete my data")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(sound).to_be_focused()
    page.keyboard.press("Escape")
    expect(more).to_be_focused()
    expect(more).to_have_attribute("aria-expanded", "false")
    chat.get_by_role("textbox", name="Message").fill("Half a thought")
    more.click()
    chat.get_by_role("button", name="Italiano").click()
    expect(chat.get_by_role("textbox", name="Messaggio")).to_have_value("Half a thought")
    expect(chat.locator("html")).to_have_attribute("lang", "it")
    chat.get_by_role("button", name="Altro").click()
    expect(chat.get_by_role("button", name="Suono")).to_have_attribute("aria-pressed", "false")
    page.reload()
    page.get_by_role("button", name="Scrivici").click()
    expect(chat.get_by_role("textbox", name="Messaggio")).to_have_value("Half a thought")


def test_a_chat_ends_is_rated_and_goes_on(
    devices: Callable[..., BrowserContext], desk: RunningDesk, sign_in: Callable[..., Page]
) -> None:
    page = devices().new_page()
    chat, asked = answered(page, desk)
    choose(chat, "End chat")
    expect(chat.get_by_text("This chat has ended.")).to_be_visible()
    expect(chat.get_by_role("button", name="Write again")).to_be_focused()
    rate = chat.get_by_role("form", name="Rate our help")
    rate.get_by_role("button", name="Send rating").click()
    expect(rate.get_by_role("alert")).to_have_text("Choose one of the five.")
    expect(rate.get_by_role("radio", name="1 – Very bad")).to_be_focused()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(rate.get_by_role("radio", name="4 – Good")).to_be_checked()
    rate.get_by_role("textbox", name="Comment").fill("Quick <b>and</b> kind")
    rate.get_by_role("button", name="Send rating").click()
    expect(chat.get_by_text("You gave us 4 – Good.")).to_be_visible()
    chat.get_by_role("button", name="Change").click()
    rate.get_by_role("radio", name="5 – Very good").check()
    rate.get_by_role("button", name="Send rating").click()
    expect(chat.get_by_text("You gave us 5 – Very good.")).to_be_visible()
    agent = sign_in()
    agent.goto("/inbox/all/?sort=newest")
    agent.get_by_role("link", name="Chat,").filter(has_text=asked).click()
    expect(agent.get_by_text("changed the rating from 4 to 5 of 5: Very good")).to_be_visible()
    expect(agent.get_by_text("Quick <b>and</b> kind").last).to_be_visible()
    chat.get_by_role("button", name="Write again").click()
    page.keyboard.type("And warm?")
    page.keyboard.press("Enter")
    expect(chat.get_by_text("This chat has ended.")).to_be_hidden()
    answer(desk, "And warm?", "Very.", who="ada")
    expect(chat.get_by_text("Ada continues and has read everything")).to_be_visible()


def test_a_copy_arrives_by_mail_and_as_a_file(
    devices: Callable[..., BrowserContext], desk: RunningDesk, address: str
) -> None:
    page = devices(timezone_id="Asia/Tokyo").new_page()
    chat, asked = answered(page, desk)
    choose(chat, "Send me a copy")
    sheet = chat.get_by_role("dialog", name="Send me a copy")
    sheet.get_by_label("Your email address").fill("nowhere")
    sheet.get_by_role("button", name="Send", exact=True).click()
    expect(sheet.get_by_role("alert")).to_contain_text("Write an address")
    sheet.get_by_label("Your email address").fill(address)
    sheet.get_by_role("button", name="Send", exact=True).click()
    expect(sheet.get_by_text(f"on its way to {address}")).to_be_visible()
    with page.expect_download() as download:
        sheet.get_by_role("button", name="Save as file").click()
    text = download.value.path().read_text("utf-8-sig")
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    expect(chat.get_by_role("textbox", name="Message")).to_be_visible()
    mail = until(lambda: mailed(desk, address), seconds=60)[0]
    body = mail.get_body(("plain",))
    assert body is not None
    for words in (asked, "Yes, it is.", "Asia/Tokyo"):
        assert words in text
        assert words in body.get_content()


def test_two_tabs_make_one_sound_and_the_title_counts_while_nobody_looks(
    devices: Callable[..., BrowserContext], desk: RunningDesk
) -> None:
    context = devices()
    context.add_init_script(COUNTED)
    page = context.new_page()
    asked = question()
    chat = ask(page, asked)
    other = context.new_page()
    other.goto("/demo/shop/")
    title = other.title()
    other.get_by_role("button", name="Chat with us").click()
    second = other.frame_locator("iframe[title=Chat]")
    for one in (chat, second):
        expect(one.get_by_role("article", name="You")).to_be_visible()
        one.get_by_role("log").click()
        one.get_by_role("button", name="Close chat").click()
    for one in (page, other):
        one.evaluate(HIDDEN, True)
    answer(desk, asked, "Yes, it is.")
    expect(other).to_have_title(f"(1) {title}")
    until(lambda: "(1)" in page.title())
    assert sum(int(inner(one).evaluate("tones")) for one in (page, other)) == 2
    other.evaluate("document.title = 'Another page'")
    answer(desk, asked, "In all weathers.")
    expect(other).to_have_title("(2) Another page")
    other.evaluate(HIDDEN, False)
    expect(other).to_have_title("Another page")
    expect(other.get_by_role("button", name="Chat with us, new messages: 2")).to_be_visible()
    other.get_by_role("button", name="Chat with us").click()
    choose(second, "Sound")
    second.get_by_role("button", name="Close chat").click()
    answer(desk, asked, "Even snow.")
    expect(other.get_by_role("button", name="Chat with us, new messages: 1")).to_be_visible()
    until(lambda: "(3)" in page.title() or "(1)" in page.title())
    assert sum(int(inner(one).evaluate("tones")) for one in (page, other)) == 4


def test_who_wants_to_be_forgotten_is(devices: Callable[..., BrowserContext], desk: RunningDesk) -> None:
    page = devices().new_page()
    chat, asked = answered(page, desk)
    choose(chat, "Delete my data")
    sheet = chat.get_by_role("dialog", name="Delete my data?")
    sheet.get_by_role("button", name="Keep it").click()
    expect(chat.get_by_role("article").filter(has_text=asked)).to_be_visible()
    choose(chat, "Delete my data")
    sheet.get_by_role("button", name="Delete my data").click()
    told = chat.get_by_text(re.compile("Your reference: D-[0-9A-F]{8}"))
    expect(told).to_be_visible()
    kept = page.evaluate("Object.entries(localStorage).filter(([name, value]) => name.includes('telaio') && value)")
    assert kept == []
    chat.get_by_role("button", name="Begin anew").click()
    expect(chat.get_by_text("How can we help?")).to_be_visible()
    expect(chat.get_by_role("article")).to_have_count(0)


def test_on_a_phone_back_closes_the_chat_and_the_pages_own_router_hears_nothing(
    devices: Callable[..., BrowserContext],
) -> None:
    page = devices(viewport={"width": 390, "height": 844}).new_page()
    page.goto("/demo/shop/")
    page.goto("/demo/shop/alpe-2/")
    page.evaluate("history.replaceState({route: 'alpe', scroll: 12}, '')")
    page.evaluate("window.heard = 0; addEventListener('popstate', () => heard += 1)")
    launcher, frame = page.get_by_role("button", name="Chat with us"), page.locator("iframe[title=Chat]")
    chat = page.frame_locator("iframe[title=Chat]")
    launcher.click()
    expect(chat.get_by_role("button", name="Back to the page")).to_be_visible()
    expect(frame).to_have_css("height", "844px")
    assert page.evaluate("getComputedStyle(document.documentElement).overflow") == "hidden"
    page.go_back()
    expect(frame).to_be_hidden()
    assert page.url.endswith("/alpe-2/")
    assert page.evaluate("[heard, history.state, document.documentElement.style.overflow]") == [
        0, {"route": "alpe", "scroll": 12}, "",
    ]  # fmt: skip
    for name in ("Close chat", "Back to the page"):
        launcher.click()
        chat.get_by_role("button", name=name).click()
        expect(frame).to_be_hidden()
        until(lambda: page.evaluate("history.state.route") == "alpe" and not page.evaluate("history.state.telaio"))
    assert page.evaluate("heard") == 0
    # The page's own ways go as they went before.
    page.evaluate("history.pushState({route: 'size'}, '', '?size=42')")
    page.go_back()
    until(lambda: page.evaluate("heard") == 1)
    page.go_back()
    expect(page).to_have_url(re.compile("/demo/shop/$"))


def test_on_a_phone_the_keyboard_covers_nothing(devices: Callable[..., BrowserContext]) -> None:
    page = devices(viewport={"width": 390, "height": 844}).new_page()
    page.add_init_script(
        "const seen = new EventTarget(); Object.assign(seen, {height: 844, offsetTop: 0, scale: 1});"
        "if (top === window) Object.defineProperty(window, 'visualViewport', {get: () => seen})"
    )
    page.goto("/demo/shop/")
    page.get_by_role("button", name="Chat with us").click()
    frame = page.locator("iframe[title=Chat]")
    page.evaluate("Object.assign(visualViewport, {height: 500, offsetTop: 30}).dispatchEvent(new Event('resize'))")
    expect(frame).to_have_css("height", "500px")
    expect(frame).to_have_css("top", "30px")
    page.set_viewport_size({"width": 1024, "height": 700})
    expect(frame).to_have_css("width", "380px")
    assert page.evaluate("document.documentElement.style.overflow") == ""


@pytest.mark.parametrize("look", LOOKS)
def test_the_menu_and_the_end_are_accessible(
    devices: Callable[..., BrowserContext], desk: RunningDesk, look: str
) -> None:
    how = {name: value for name, value in LOOKS[look].items() if name not in {"width", "language"}}
    page = devices(bypass_csp=True, viewport={"width": LOOKS[look].get("width", 1280), "height": 800}, **how).new_page()
    chat, _asked = answered(page, desk)
    frame = inner(page)
    if look == "mirrored":
        frame.evaluate("document.documentElement.dir = 'rtl'")
    found = []

    def look_at(what: str) -> None:
        found.extend(f"{what}: {fault}" for fault in violations(frame))
        assert frame.evaluate("document.documentElement.scrollWidth <= innerWidth"), what
        assert frame.evaluate("(log => log.scrollWidth <= log.clientWidth)(document.querySelector('[role=log]'))"), what

    chat.get_by_role("button", name="More").click()
    look_at("menu")
    chat.get_by_role("button", name="Send me a copy").click()
    look_at("copy")
    page.keyboard.press("Escape")
    choose(chat, "End chat")
    expect(chat.get_by_role("form", name="Rate our help")).to_be_visible()
    look_at("end")
    choose(chat, "Delete my data")
    look_at("delete")
    chat.get_by_role("dialog").get_by_role("button", name="Delete my data").click()
    expect(chat.get_by_text("Your reference")).to_be_visible()
    look_at("forgotten")
    assert found == []
