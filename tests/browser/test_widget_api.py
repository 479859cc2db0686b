"""What the line on a shop's page promises to the page, tried on shops of other hosts; and who is not heard."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, FrameLocator, Page, expect

from tests.browser.conftest import SECONDS
from tests.channels_app.webchat.test_jwts import token as signed
from tests.desk import RunningDesk

pytestmark = [pytest.mark.browser, pytest.mark.slow]
HTTPS, PLAIN, EVIL = "https://shop.example.test", "http://plain.example.test", "https://evil.example.test"
SECRET = "s" * 32
KEYS = ("a" * 32, "b" * 32)
SET_UP = f"""
from agents.models import Brand
from channels_app.models import Channel
for key, name in (({KEYS[0]!r}, "Passo One"), ({KEYS[1]!r}, "Passo Two")):
    brand, _new = Brand.objects.get_or_create(name=name)
    row = Channel.objects.filter(public_key=key).first() or Channel(public_key=key, kind="webchat", name=name)
    row.brand, row.config = brand, {{"sites": "{HTTPS} {PLAIN}", "secret": {SECRET!r}, "accent": "#1f4d3a"}}
    row.save()
"""
# Nothing but what the guide says; a policy of Trusted Types without any type lets no text become code.
STRICT = (
    "default-src 'none'; script-src {site} {desk}; frame-src {desk}; base-uri 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
WATCH = (
    "window.refused = []; addEventListener('securitypolicyviolation', (event) => refused.push(event.violatedDirective))"
)


@dataclass
class Shop:
    """A host with pages that hold the line, made up within the browser."""

    context: BrowserContext
    desk: RunningDesk
    complaints: list[str]

    @property
    def place(self) -> str:
        """Where the desk is."""
        return str(self.desk.facts["url"])

    def lay(
        self,
        site: str = HTTPS,
        *,
        data: str = "",
        body: str = "",
        script: str = "",
        key: str = KEYS[0],
        policy: str = "",
        path: str = "**",
    ) -> None:
        """Let all pages of a host, or one path of it, be this one. script: the shop's own, before the line."""
        line = f'<script async src="{self.place}/widget/v1/loader.js" data-key="{key}" {data}></script>' if key else ""
        head = '<!doctype html><html lang="en"><title>Boots</title><body><script src="/own.js"></script>'
        page = f"{head}{line}<h1>Boots</h1>{body}"
        headers = {"content-security-policy": policy.format(site=site, desk=self.place)} if policy else {}
        self.context.route(
            f"{site}/{path}", lambda route: route.fulfill(body=page, content_type="text/html", headers=headers)
        )
        self.context.route(
            f"{site}/own.js", lambda route: route.fulfill(body=script or WATCH, content_type="text/javascript")
        )

    def open(self, url: str = f"{HTTPS}/") -> Page:
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(url)
        return page


@pytest.fixture
def shop(browser: Browser, desk: RunningDesk, complaints: list[str]) -> Iterator[Shop]:
    desk.do(SET_UP)
    context = browser.new_context(reduced_motion="reduce")
    context.set_default_timeout(SECONDS)
    yield Shop(context, desk, complaints)
    context.close()


def chat_of(page: Page) -> FrameLocator:
    return page.frame_locator("iframe[title=Chat]")


def box_of(page: Page) -> Any:
    return chat_of(page).get_by_role("textbox", name="Message")


def write(page: Page, words: str) -> None:
    # Before the frame has heard who shows it, nothing leaves.
    expect(box_of(page)).to_be_focused()
    box_of(page).fill(words)
    box_of(page).press("Enter")
    expect(chat_of(page).get_by_role("article").filter(has_text=words)).to_contain_text("Sent")


def believed(desk: RunningDesk, user_id: str, words: str) -> None:
    """Whoever said this is the shop's customer of this id."""
    desk.do(
        "from conversations.models import Message; from customers.models import Identity; import time\n"
        f"shop, until = Identity.objects.filter(kind='shop', value={user_id!r}), time.monotonic() + 20\n"
        f"while not Message.objects.filter(text={words!r}, customer__in=shop.values('customer')).exists():\n"
        "    assert time.monotonic() < until; time.sleep(0.2)"
    )


def test_the_calls_do_what_the_guide_says_under_the_strictest_policy(shop: Shop, desk: RunningDesk) -> None:
    queue = (
        f"{WATCH}; window.before = Object.getOwnPropertyNames(window); window.Telaio = window.Telaio || [];"
        "Telaio.push(['setTheme', 'dark'], ['prefill', 'About my order']);"
    )
    shop.lay(script=queue, policy=STRICT)
    page = shop.open()
    expect(box_of(page)).to_have_value("About my order")
    frame = chat_of(page).locator("html")
    expect(frame).to_have_attribute("data-theme", "dark")
    new = set(page.evaluate("Object.getOwnPropertyNames(window).filter((name) => !before.includes(name))"))
    assert new - {"before"} == {"Telaio"}
    page.evaluate("Telaio.onUnread((count) => (window.unread = count))")
    button, iframe = page.get_by_role("button", name="Chat with us"), page.locator("iframe[title=Chat]")
    for call, is_open in (("close()", False), ("open()", True), ("close()", False), ("show('returns')", True)):
        page.evaluate(f"Telaio.{call}")
        expect(iframe).to_be_visible(visible=is_open)
        expect(button).to_be_visible(visible=not is_open)
    page.evaluate("Telaio.push(['setTheme', 'light'])")
    expect(frame).to_have_attribute("data-theme", "light")
    assert page.evaluate("unread") == 0
    user, words = f"c-{uuid.uuid4().hex[:8]}", f"Is it in the shop? {uuid.uuid4().hex[:6]}"
    write(page, words)
    # After the first message, twice, and then with another person: this browser begins anew.
    for who in (user, user):
        page.evaluate("(jwt) => Telaio.identify({ jwt })", signed(sub=who))
    believed(desk, user, words)
    expect(chat_of(page).get_by_role("article")).to_have_count(1)
    page.evaluate("(jwt) => Telaio.identify({ jwt })", signed(sub=f"{user}-other"))
    expect(chat_of(page).get_by_role("article")).to_have_count(0)
    page.evaluate("Telaio.setLanguage('it')")
    expect(frame).to_have_attribute("lang", "it")
    page.evaluate("Telaio.shutdown()")
    gone(page, shop)
    # It can be begun again, as by somebody new; before the first message one may sign in, too.
    page.evaluate(
        "(jwt) => (Telaio.identify({ jwt }), Telaio.boot(), Telaio.setLanguage('en'), Telaio.open())", signed(sub=user)
    )
    expect(chat_of(page).get_by_role("article").filter(has_text=words)).to_have_count(1)
    assert page.evaluate("refused") == []


def gone(page: Page, shop: Shop) -> None:
    """Nothing of the widget is left but its name: no node, no socket, no listener that throws."""
    assert page.locator("telaio-chat").count() == 0
    page.wait_for_function("document.querySelectorAll('iframe').length === 0")
    shop.desk.do(
        "from channels_app.models import Visitor; import time; until = time.monotonic() + 20\n"
        "while Visitor.objects.latest('pk').left_at is None: assert time.monotonic() < until; time.sleep(0.2)"
    )
    page.evaluate(
        "dispatchEvent(new MessageEvent('message', {data: {telaio: 1, say: 'ready'}, origin: 'null'}));"
        "dispatchEvent(new StorageEvent('storage', {key: 'telaio:x'})); dispatchEvent(new PopStateEvent('popstate'));"
        "document.body.click(); Telaio.close()"
    )


def test_two_brands_on_two_pages_of_one_host_know_nothing_of_each_other(shop: Shop) -> None:
    shop.lay(path="one")
    shop.lay(path="two", key=KEYS[1])
    page = shop.open(f"{HTTPS}/one")
    said = {"one": "To the first", "two": "To the second"}
    for place, brand in (("one", "Passo One"), ("two", "Passo Two"), ("one", "Passo One"), ("two", "Passo Two")):
        page.goto(f"{HTTPS}/{place}")
        page.get_by_role("button", name="Chat with us").click()
        expect(chat_of(page).get_by_role("heading", level=1)).to_have_text(brand)
        expect(box_of(page)).to_be_visible()
        if words := said.pop(place, ""):
            expect(chat_of(page).get_by_role("article")).to_have_count(0)
            write(page, words)
        expect(chat_of(page).get_by_role("article")).to_have_count(1)
        expect(chat_of(page).get_by_role("article")).to_contain_text("first" if place == "one" else "second")


def test_the_button_is_where_the_page_wants_it(shop: Shop) -> None:
    hide = 'data-hide="/checkout /legal"'
    twice = f'<script async src="{shop.place}/widget/v1/loader.js" data-key="{KEYS[0]}" {hide}></script>'
    shop.lay(data=hide, body=twice)
    page = shop.open()
    expect(page.get_by_role("button", name="Chat with us")).to_have_count(1)
    page.goto(f"{HTTPS}/checkout/pay")
    page.wait_for_function("document.querySelector('telaio-chat')")
    expect(page.get_by_role("button", name="Chat with us")).to_have_count(0)
    page.evaluate("Telaio.open()")
    expect(box_of(page)).to_be_visible()
    shop.lay(data='data-boot="manual"')
    page.goto(f"{HTTPS}/")
    page.wait_for_function("window.Telaio && !Array.isArray(Telaio)")
    assert page.locator("telaio-chat").count() == 0
    page.evaluate("Telaio.boot()")
    expect(page.get_by_role("button", name="Chat with us")).to_be_visible()


@pytest.mark.parametrize("site", [HTTPS, PLAIN])
def test_a_product_travels_along_also_from_a_shop_without_https(shop: Shop, desk: RunningDesk, site: str) -> None:
    name = f"Alpe {uuid.uuid4().hex[:6]}"
    link = '<a href="/x" data-telaio-open data-telaio-text="Which size?">Ask</a>'
    body = f'<p data-telaio-product="a-2" data-telaio-name="{name}" data-telaio-price="129,90">{link}</p>'
    shop.lay(site, body=body)
    page = shop.open(f"{site}/alpe")
    page.wait_for_function("document.querySelector('telaio-chat')")
    page.get_by_role("link", name="Ask").click()
    expect(box_of(page)).to_have_value("Which size?")
    write(page, "Which size?")
    desk.do(
        "from conversations.models import Entry; import time\nuntil = time.monotonic() + 20\n"
        f"while not Entry.objects.filter(data__details__product__name={name!r}).exists():\n"
        "    assert time.monotonic() < until; time.sleep(0.2)"
    )


SAY = {"telaio": 1, "do": "prefill", "text": "EVIL"}
TO_PARENT = [
    {"telaio": 1, "say": say, "kept": "EVIL", "count": 9} for say in ("ready", "keep", "unread", "known", "close")
]


def test_only_the_page_is_heard_by_the_frame_and_only_the_frame_by_the_page(shop: Shop) -> None:
    shop.lay(body=f'<iframe name="evil" src="{EVIL}/in"></iframe><iframe name="beside"></iframe>')
    shop.lay(EVIL, key="", body="")
    page = shop.open()
    page.get_by_role("button", name="Chat with us").click()
    expect(box_of(page)).to_be_focused()
    # A frame of another origin speaks to the page, as the widget's frame would.
    evil = page.frame(name="evil")
    assert evil is not None
    evil.evaluate("(said) => said.forEach((one) => parent.postMessage(one, '*'))", TO_PARENT)
    # Another frame of the page speaks to the widget's frame: the origin fits, but it is not the page above.
    beside = page.frame(name="beside")
    assert beside is not None
    hello = [{"telaio": 1, "do": "hello", "kept": "", "forget": True}, {"telaio": 1, "do": "open"}, SAY]
    beside.evaluate(
        "(said) => { const host = parent.document.querySelector('telaio-chat');"
        "said.forEach((one) => host.shadowRoot.querySelector('iframe').contentWindow.postMessage(one, '*')) }",
        hello,
    )
    page.evaluate("Telaio.setTheme('dark')")
    expect(chat_of(page).locator("html")).to_have_attribute("data-theme", "dark")
    expect(box_of(page)).to_have_value("")
    expect(page.locator("iframe[title=Chat]")).to_be_visible()
    assert page.evaluate("JSON.stringify(localStorage)").count("EVIL") == 0
    # Somebody else's page opens the frame as a window and speaks to it, and embeds it where it may not stand.
    stranger = shop.open(f"{EVIL}/")
    with shop.context.expect_page() as opened:
        stranger.evaluate("(place) => { window.it = open(place) }", f"{shop.place}/widget/{KEYS[0]}/")
    opened.value.wait_for_load_state()
    stranger.evaluate("(said) => said.forEach((one) => it.postMessage(one, '*'))", hello)
    expect(opened.value.get_by_role("textbox", name="Message")).to_have_value("")
    assert opened.value.evaluate("document.documentElement.dataset.theme ?? ''") == ""
    stranger.evaluate(
        "(place) => { const frame = document.createElement('iframe'); frame.src = place; document.body.append(frame);"
        " return new Promise((done) => frame.addEventListener('load', done)).then(() => 0) }",
        f"{shop.place}/widget/{KEYS[0]}/",
    )
    assert [one.url for one in stranger.frames if "/widget/" in one.url and one.url.startswith("http")] == []
