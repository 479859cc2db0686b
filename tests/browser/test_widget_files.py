"""A visitor's files: chosen, pasted, dropped, brought or not, and what comes back; emoji and answers to press."""

import io
import uuid
from collections.abc import Callable, Iterator

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Frame, FrameLocator, Locator, Page, expect

from tests.browser.conftest import SECONDS
from tests.browser.test_accessibility import violations
from tests.desk import RunningDesk

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# As a browser makes the event when somebody pastes or drops a file.
PUT = """([kind, name, bytes]) => {
  const data = new DataTransfer();
  data.items.add(new File([Uint8Array.from(bytes)], name, { type: "image/png" }));
  const more = { bubbles: true, cancelable: true };
  const event = kind === "paste" ? new ClipboardEvent(kind, { clipboardData: data, ...more })
    : new DragEvent(kind, { dataTransfer: data, ...more });
  document.querySelector("textarea").dispatchEvent(event);
}"""
OFFER = """
from agents.models import Agent
from channels_app import delivery
from conversations.models import Delivery, Message
from helpdesk.lib.outbound import QuickReply, Route
said = Message.objects.filter(text={text!r}).latest("pk")
row, thread = said.entry.conversation, said.thread
entry = row.reply(by=Agent.objects.get(email="luca@example.test"), text="When may it come?",
    to=Route(thread.channel_id, thread.identity_id), quick_replies=(QuickReply("Saturday", "day:6"),
    QuickReply("Monday", "day:1")))
delivery.deliver(Delivery.objects.get(message=entry.pk).pk)
"""


def png(side: int = 300, colour: str = "#a3542b") -> bytes:
    """Make a picture."""
    out = io.BytesIO()
    Image.new("RGB", (side, side), colour).save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def page(browser: Browser, desk: RunningDesk, complaints: list[str]) -> Iterator[Page]:
    """The shop, in the browser of somebody who works nowhere."""
    context: BrowserContext = browser.new_context(base_url=desk.facts["url"], reduced_motion="reduce", bypass_csp=True)
    context.set_default_timeout(SECONDS)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    page = context.new_page()
    page.goto("/demo/shop/alpe-2/")
    page.get_by_role("button", name="Chat with us").click()
    yield page
    context.close()


@pytest.fixture
def chat(page: Page) -> FrameLocator:
    """The open chat."""
    chat = page.frame_locator("iframe[title=Chat]")
    expect(chat.get_by_role("textbox", name="Message")).to_be_focused()
    return chat


def inside(page: Page) -> Frame:
    """Return the frame itself."""
    return next(one for one in page.frames if "/widget/" in one.url)


def send(chat: FrameLocator, text: str = "") -> None:
    """Say it, with what is in the tray."""
    chat.get_by_role("textbox", name="Message").fill(text)
    chat.get_by_role("button", name="Send message").click()


def pictures(chat: FrameLocator) -> Locator:
    """Return the pictures as the desk draws them."""
    return chat.get_by_role("log").locator("a.pic img")


def test_files_go_both_ways(page: Page, chat: FrameLocator, sign_in: Callable[..., Page]) -> None:
    frame, word = inside(page), f"It came off {uuid.uuid4().hex[:6]}"
    expect(chat.get_by_role("button", name="Attach files")).to_have_accessible_description(
        "Pictures, sound, video, documents: 10 × 20 MB"
    )
    chat.locator(".picker").set_input_files([
        {"name": "sole.png", "mimeType": "image/png", "buffer": png()},
        {"name": "setup.exe", "mimeType": "application/x-msdownload", "buffer": b"MZ"},
    ])  # fmt: skip
    expect(chat.get_by_role("alert").filter(has_text="setup.exe is of a kind that is not taken")).to_be_visible()
    frame.evaluate(PUT, ["paste", "image.png", list(png(80))])
    frame.evaluate(PUT, ["drop", "dropped.png", list(png(120))])
    tray = chat.get_by_role("list", name="Files to send").get_by_role("listitem")
    expect(tray).to_have_count(3)
    chat.get_by_role("button", name="Remove image.png").click()
    expect(tray).to_have_count(2)
    found = [f"tray: {fault}" for fault in violations(frame)]
    send(chat, word)
    expect(pictures(chat)).to_have_count(2)
    expect(pictures(chat).first).to_have_attribute("alt", "Photo: sole.png")
    expect(chat.get_by_role("article", name="You").first).to_contain_text(word)
    assert pictures(chat).first.evaluate("(one) => one.decode().then(() => one.naturalWidth)") == 300

    agent = sign_in()
    agent.goto("/inbox/unassigned/?sort=newest")
    agent.get_by_role("link", name="Chat,").filter(has_text="sole.png").first.click()
    theirs = agent.get_by_role("article", name="Chat,")
    expect(theirs.get_by_role("img", name="Photo: dropped.png")).to_be_visible()
    agent.locator("input[name=uploads]").set_input_files(
        {"name": "stitched.png", "mimeType": "image/png", "buffer": png(200, "#1f4d3a")}
    )
    agent.get_by_role("textbox", name="Message").fill("We stitch it like this")
    agent.keyboard.press("Control+Enter")

    link = chat.get_by_role("link", name="Photo: stitched.png")
    link.click()
    large = chat.get_by_role("dialog", name="Picture")
    expect(large.get_by_role("link", name="Download")).to_be_visible()
    assert large.get_by_role("img").evaluate("(one) => one.decode().then(() => one.naturalWidth)") == 200
    found += [f"large picture: {fault}" for fault in violations(frame)]
    page.keyboard.press("Escape")
    expect(large).to_be_hidden()
    expect(link).to_be_focused()
    found += [f"files: {fault}" for fault in violations(frame)]
    assert found == []


def test_a_file_that_does_not_go_keeps_nothing_back_and_goes_when_it_can(page: Page, chat: FrameLocator) -> None:
    page.route("**/widget/*/files/", lambda route: route.abort())
    chat.locator(".picker").set_input_files({"name": "sole.png", "mimeType": "image/png", "buffer": png()})
    send(chat, "It came off")
    again = chat.get_by_role("button", name="Not sent. Tap to try again.").filter(visible=True)
    expect(again).to_be_visible()
    expect(chat.get_by_role("article", name="You").filter(has_text="It came off")).to_contain_text("Sent")
    send(chat, "And the lace broke")
    expect(chat.get_by_role("article", name="You").filter(has_text="And the lace broke")).to_contain_text("Sent")
    assert violations(inside(page)) == []
    page.unroute("**/widget/*/files/")
    again.click()
    expect(pictures(chat)).to_have_count(1)
    page.context.set_offline(True)
    chat.locator(".picker").set_input_files({"name": "lace.png", "mimeType": "image/png", "buffer": png()})
    send(chat)
    expect(chat.get_by_text("Sent when you are back. Keep this page open.")).to_be_visible()
    page.context.set_offline(False)
    expect(pictures(chat)).to_have_count(2)


def test_an_emoji_is_put_where_one_writes(page: Page, chat: FrameLocator) -> None:
    box, smile = chat.get_by_role("textbox", name="Message"), chat.get_by_role("button", name="Emoji")
    box.fill("Thanks!")
    box.press("ArrowLeft")
    smile.click()
    expect(chat.get_by_role("button", name="grinning face")).to_be_focused()
    assert violations(inside(page)) == []
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    expect(chat.get_by_role("button", name="happy eyes")).to_be_focused()
    page.keyboard.press("Enter")
    expect(box).to_have_value("Thanks😄!")
    smile.click()
    page.keyboard.press("Escape")
    expect(smile).to_be_focused()
    expect(chat.get_by_role("dialog", name="Emoji")).to_be_hidden()


def test_an_answer_is_pressed_once(page: Page, chat: FrameLocator, desk: RunningDesk) -> None:
    word = f"When will it come? {uuid.uuid4().hex[:6]}"
    send(chat, word)
    expect(chat.get_by_role("article", name="You")).to_contain_text("Sent")
    expect(chat.locator("article[data-pk]")).to_have_count(1)
    desk.do(OFFER.format(text=word))
    saturday = chat.get_by_role("button", name="Saturday")
    expect(saturday).to_be_visible()
    assert violations(inside(page)) == []
    saturday.press("Enter")
    expect(chat.get_by_role("article", name="You").filter(has_text="Saturday")).to_contain_text("Sent")
    expect(chat.get_by_role("button", name="Saturday")).to_have_count(0)
    expect(chat.get_by_role("button", name="Monday")).to_have_count(0)


def test_an_agent_adds_buttons_and_the_visitor_presses_one(
    page: Page, chat: FrameLocator, sign_in: Callable[..., Page]
) -> None:
    word = f"When will it come? {uuid.uuid4().hex[:6]}"
    send(chat, word)
    expect(chat.get_by_role("article", name="You")).to_contain_text("Sent")
    agent = sign_in(bypass_csp=True)
    agent.goto("/inbox/unassigned/?sort=newest")
    agent.get_by_role("link", name="Chat,").filter(has_text=word).click()
    expect(agent.get_by_role("button", name="Add buttons")).to_be_visible()
    agent.keyboard.press("Control+k")
    agent.get_by_role("combobox", name="Type a command").fill("add buttons")
    agent.keyboard.press("Enter")
    first, second = (agent.get_by_role("textbox", name=f"Button {n}", exact=True) for n in (1, 2))
    expect(first).to_be_focused()
    agent.keyboard.type("Saturday")
    agent.keyboard.press("Enter")
    expect(second).to_be_focused()
    agent.keyboard.type("x")
    agent.keyboard.press("Backspace")
    agent.keyboard.press("Backspace")
    expect(first).to_be_focused()
    agent.get_by_role("button", name="Another button").click()
    second.fill("x" * 41)
    expect(agent.get_by_role("status").filter(has_text="is too long: at most 40 characters")).to_be_visible()
    second.fill("Monday")
    agent.get_by_role("textbox", name="Message").fill("Which day?")
    found = []
    for scheme, width in (("light", 1440), ("dark", 1440), ("light", 390), ("dark", 390)):
        agent.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        agent.set_viewport_size({"width": width, "height": 900})
        found += [f"{scheme} {width}: {fault}" for fault in violations(agent)]
    agent.set_viewport_size({"width": 1440, "height": 900})
    expect(agent.get_by_role("status", name="Draft")).to_contain_text("Draft saved")
    agent.reload()
    expect(second).to_have_value("Monday")
    agent.get_by_role("textbox", name="Message").press("Control+Enter")

    chat.get_by_role("button", name="Saturday").click()
    expect(chat.get_by_role("button", name="Monday")).to_have_count(0)
    offered = agent.get_by_role("list", name="Buttons that the customer can press")
    expect(offered.get_by_role("listitem")).to_have_text(["Saturday", "Monday"])
    pressed = agent.get_by_role("article", name="Chat,").filter(has_text="Pressed a button")
    expect(pressed).to_contain_text("Saturday")
    expect(first).to_have_count(0)
    assert found == []
