"""Journey 4: a visitor asks on the shop's page and leaves; the answer follows by mail; they come back elsewhere."""

import email
import email.policy
import re
import smtplib
import uuid
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from email.utils import make_msgid

import pytest
from playwright.sync_api import Browser, BrowserContext, FrameLocator, Page, expect

from tests.browser.conftest import SECONDS, Post
from tests.browser.test_accessibility import LOOKS, violations
from tests.browser.test_played_kinds import Provider
from tests.desk import RunningDesk
from tests.waiting import until

pytestmark = pytest.mark.browser


@pytest.fixture
def address() -> str:
    """Where somebody is reached who has never written before."""
    return f"v{uuid.uuid4().hex[:8]}@example.test"


@pytest.fixture
def devices(browser: Browser, desk: RunningDesk, complaints: list[str]) -> Iterator[Callable[..., BrowserContext]]:
    """Browsers of somebody who works nowhere; what they complain of is noted."""
    opened = []

    def device(**more: object) -> BrowserContext:
        context = browser.new_context(base_url=desk.facts["url"], reduced_motion="reduce", **more)
        context.set_default_timeout(SECONDS)
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        opened.append(context)
        return context

    yield device
    for context in opened:
        context.close()


@pytest.fixture
def ada(sign_in: Callable[..., Page]) -> Iterator[Provider]:
    """Who moves the desk's clock; it is the real one again afterwards."""
    page = sign_in("ada")
    yield Provider(page)
    page.goto("/settings/system/clock/")
    back = page.get_by_role("button", name="Back to the real time")
    if back.is_visible():
        back.click()
        expect(page.get_by_text("The clock shows the real time.")).to_be_visible()


def ask(page: Page, question: str) -> FrameLocator:
    """Open the chat on a shop's page and ask."""
    page.goto("/demo/shop/alpe-2/")
    page.get_by_role("button", name="Chat with us").click()
    chat = page.frame_locator("iframe[title=Chat]")
    chat.get_by_role("textbox", name="Message").fill(question)
    chat.get_by_role("button", name="Send message").click()
    expect(chat.get_by_role("article", name="You")).to_contain_text("Sent")
    return chat


def mailed(desk: RunningDesk, to: str) -> list[EmailMessage]:
    """Read what left for an address, oldest first."""
    found = []
    for path in sorted((desk.folder / ".dev" / "outbox").glob("*.eml")):
        mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        assert isinstance(mail, EmailMessage)
        if to in str(mail["To"]):
            found.append(mail)
    return found


def test_journey_4_the_answer_follows_who_has_left(
    sign_in: Callable[..., Page], devices: Callable[..., BrowserContext], desk: RunningDesk, post: Post,
    ada: Provider, address: str,
) -> None:  # fmt: skip
    visitor = devices().new_page()
    question = f"Do you ship to Cluj? {uuid.uuid4().hex[:6]}"
    chat = ask(visitor, question)
    chat.get_by_label("Where does the answer reach you").fill(address)
    chat.get_by_role("button", name="Save").click()
    expect(chat.get_by_text(f"the answer comes to {address}")).to_be_visible()
    agent = sign_in()
    agent.goto("/inbox/unassigned/?sort=newest")
    agent.get_by_role("link", name="Chat,").filter(has_text=question).click()
    expect(agent.get_by_role("article", name="Chat,").last).to_contain_text("Asked about")
    visitor.close()
    agent.get_by_role("textbox", name="Message").fill("Yes, in two days.")
    agent.keyboard.press("Control+Enter")
    expect(agent.get_by_role("article", name="Chat, You")).to_contain_text("Sent")
    assert mailed(desk, address) == []
    ada.advance(5, "minutes")
    mail = until(lambda: mailed(desk, address), seconds=60)[0]
    body = mail.get_body(("plain",))
    assert body is not None
    words = body.get_content()
    assert "Yes, in two days." in words

    answer = EmailMessage()
    answer["From"], answer["To"], answer["Message-ID"] = address, mail["Reply-To"] or mail["From"], make_msgid()
    answer["Subject"], answer["In-Reply-To"] = f"Re: {mail['Subject']}", mail["Message-ID"]
    answer.set_content("Then I take two.")
    with smtplib.SMTP(*post.address) as server:
        server.send_message(answer, from_addr=address)
    expect(agent.get_by_role("article", name="Email,").filter(has_text="Then I take two.")).to_be_visible()

    phone = devices(viewport={"width": 390, "height": 844}, color_scheme="dark").new_page()
    phone.goto(re.search(r"http\S+/back/\S+", words)[0])  # type: ignore[index]
    for said in (question, "Yes, in two days.", "Then I take two."):
        expect(phone.get_by_role("log").get_by_role("article").filter(has_text=said)).to_have_count(1)
    phone.get_by_role("textbox", name="Message").fill("I am on the train now")
    phone.get_by_role("button", name="Send message").click()
    expect(agent.get_by_role("article", name="Chat,").filter(has_text="I am on the train now")).to_be_visible()
    ada.advance(10, "minutes")
    desk.do("from channels_app import following; assert following.sweep() == 0")
    assert len(mailed(desk, address)) == 1


@pytest.mark.slow
def test_agents_see_where_a_visitor_is_and_what_becomes_of_an_answer(
    sign_in: Callable[..., Page], devices: Callable[..., BrowserContext], ada: Provider, address: str
) -> None:
    visitor = devices().new_page()
    question = f"Do the soles last? {uuid.uuid4().hex[:6]}"
    ask(visitor, question)
    agent = sign_in()
    agent.goto("/inbox/unassigned/?sort=newest")
    agent.get_by_role("link", name="Chat,").filter(has_text=question).click()
    where = agent.get_by_role("group", name="Where the customer is")
    expect(where.get_by_role("link", name="Alpe 2")).to_have_attribute("rel", "noopener noreferrer nofollow")
    expect(agent.get_by_text("no address is known, so ask for one.")).to_be_visible()
    agent.get_by_text("Pages seen: 1").click()
    visitor.goto("/demo/shop/returns/")
    expect(where.get_by_role("link", name="Returns")).to_be_visible()
    # What was unfolded stays so.
    pages = agent.get_by_role("region", name="Pages seen").get_by_role("listitem")
    expect(pages).to_have_text([re.compile("Returns"), re.compile("Alpe 2")])
    visitor.get_by_role("button", name="Chat with us").click()
    chat = visitor.frame_locator("iframe[title=Chat]")
    chat.get_by_label("Where does the answer reach you").fill(address)
    chat.get_by_role("button", name="Save").click()
    expect(agent.get_by_text(f"it goes by email to {address}.")).to_be_visible()
    visitor.close()
    agent.get_by_role("textbox", name="Message").fill("For years.")
    agent.keyboard.press("Control+Enter")
    expect(where).to_contain_text(f"Left just now Unread: goes by email to {address}", timeout=20_000)
    ada.advance(5, "minutes")
    expect(where).to_contain_text(re.compile(f"Mailed .* to {address}"), timeout=60_000)


@pytest.mark.parametrize(
    "look", [pytest.param(look, marks=pytest.mark.slow) if look != "narrow and dark" else look for look in LOOKS]
)
def test_the_chat_and_the_shop_are_accessible(devices: Callable[..., BrowserContext], look: str) -> None:
    how = {name: value for name, value in LOOKS[look].items() if name not in {"width", "language"}}
    page = devices(bypass_csp=True, viewport={"width": LOOKS[look].get("width", 1280), "height": 800}, **how).new_page()
    if look == "mirrored":
        # None of its languages is written so yet.
        page.add_init_script("addEventListener('DOMContentLoaded', () => (document.documentElement.dir = 'rtl'))")
    found = []
    for place in ("/demo/shop/", "/demo/shop/returns/", "/demo/shop/alpe-2/"):
        page.goto(place)
        found += [f"{place}: {fault}" for fault in violations(page)]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Chat with us").click()
    chat = page.frame_locator("iframe[title=Chat]")
    expect(chat.get_by_role("textbox", name="Message")).to_be_focused()
    frame = next(one for one in page.frames if "/widget/" in one.url)
    found += [f"empty chat: {fault}" for fault in violations(frame)]
    chat.get_by_role("textbox", name="Message").fill("x" * 200)
    chat.get_by_role("button", name="Send message").click()
    chat.get_by_label("Where does the answer reach you").fill("nowhere")
    chat.get_by_role("button", name="Save").click()
    expect(chat.locator(".reach").get_by_role("alert")).to_be_visible()
    found += [f"chat: {fault}" for fault in violations(frame)]
    chat.get_by_role("button", name="Show what was said before").click()
    expect(chat.locator("#prove-address")).to_be_focused()
    found += [f"asked for an address: {fault}" for fault in violations(frame)]
    assert frame.evaluate(
        "[document.documentElement, document.querySelector('.log')].map((one) => one.scrollWidth - one.clientWidth)"
    ) == [0, 0]
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Chat with us")).to_be_focused()
    page.goto(f"{frame.url.partition('?')[0]}back/gone/")
    found += [f"a link that is over: {fault}" for fault in violations(page)]
    assert found == []


def test_nothing_is_asked_before_somebody_wants_to_talk(devices: Callable[..., BrowserContext]) -> None:
    context = devices(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.add_init_script(
        "window.shifts = 0; new PerformanceObserver((list) => list.getEntries().forEach((one) => shifts += one.value))"
        ".observe({type: 'layout-shift', buffered: true});"
        "window.before = Object.getOwnPropertyNames(window)"
    )
    page.goto("/demo/shop/")
    expect(page.get_by_role("button", name="Chat with us")).to_be_visible()
    widget = [url for url in asked if "/widget/" in url]
    assert [url.rpartition("/")[2] for url in widget] == ["loader.js"]
    assert context.cookies() == []
    # Long tasks depend on what else the machine does: `bench widget` compares them with the page alone.
    assert page.evaluate("shifts") == 0
    new = set(page.evaluate("Object.getOwnPropertyNames(window).filter((name) => !before.includes(name))"))
    assert new - {"before"} == {"Telaio"}
    page.evaluate("Telaio.shutdown()")
    expect(page.get_by_role("button", name="Chat with us")).to_have_count(0)
    assert page.locator("telaio-chat").count() == 0
