"""A desk that runs for all of these tests, and one signed-in page per person."""

import smtplib
import uuid
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import make_msgid
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, expect, sync_playwright

from helpdesk.catalogues import compile_all
from tests import chromium
from tests.browser.pseudo import add_languages
from tests.desk import RunningDesk, running_desk

PASSWORD = "passolungo-demo"
# As long as a machine may take that has other things to do; what is there earlier is not waited for.
SECONDS = 20_000
expect.set_options(timeout=SECONDS)
# What the browser itself says when a test cuts the line or is refused on purpose.
EXPECTED = (
    "ERR_INTERNET_DISCONNECTED", "ERR_FAILED", "Failed to fetch", "WebSocket connection",
    "status of 404", "status of 409", "status of 422", "status of 500",
)  # fmt: skip

CONTEXTS = pytest.StashKey[list[BrowserContext]]()
FOCUSED = "document.activeElement?.outerHTML.slice(0, 200)"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add to a failure where each page stood and what had the focus there: what fails once a week says it then."""
    report = yield
    if report.when == "call" and report.failed:
        for context in item.stash.get(CONTEXTS, []):
            for page in context.pages:
                try:
                    report.sections.append((page.url, str(page.evaluate(FOCUSED))))
                except Error as error:
                    report.sections.append((page.url, str(error)))
    return report


@dataclass
class Post:
    """Writes mails to the desk as a customer would, by its SMTP listener."""

    address: tuple[str, int]
    mailbox: str
    names: list[str] = field(default_factory=list)

    def write(
        self, name: str, text: str, *, subject: str = "A question", html: str = "",
        copies: Sequence[str] = (), files: Sequence[str] = (),
    ) -> None:  # fmt: skip
        """Send one mail from the address that belongs to this name."""
        mail = EmailMessage()
        mail["From"] = f"{name} <{name.split()[0].lower()}@example.test>"
        mail["To"], mail["Subject"], mail["Message-ID"] = self.mailbox, subject, make_msgid(domain="example.test")
        mail.set_content(text)
        if html:
            mail.add_alternative(html, subtype="html")
        if copies:
            mail["Cc"] = ", ".join(copies)
        for file in files:
            mail.add_attachment("a file", filename=file)
        with smtplib.SMTP(*self.address) as server:
            server.send_message(mail, to_addrs=[self.mailbox])


def prepared(folder: Path) -> None:
    """Give the copy two languages more; their catalogues are compiled as the real ones are."""
    add_languages(folder)
    compile_all(folder)


@pytest.fixture(scope="package")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    with running_desk(tmp_path_factory.mktemp("browser") / "a desk", prepare=prepared) as desk:
        yield desk


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    # Closed with the package: while it lasts, an event loop runs in the thread of the tests.
    with sync_playwright() as playwright:
        # Shops that tests make up have public names, and the desk answers on this machine, which real ones do not.
        args = ["--no-sandbox", "--disable-features=LocalNetworkAccessChecks"]
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=args)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def post(desk: RunningDesk) -> Post:
    host, port = desk.facts["smtp"].rsplit(":", 1)
    return Post((host, int(port)), desk.facts["demo_mailbox"]["address"])


@pytest.fixture
def nina() -> str:
    """The name of a customer who has never written before."""
    return f"Nina{uuid.uuid4().hex[:8]} Bianchi"


@pytest.fixture
def complaints() -> Iterator[list[str]]:
    """What browsers complained of (a script's error, a refused policy); must stay empty."""
    found: list[str] = []
    yield found
    assert not found


@pytest.fixture(scope="package")
def cookies() -> dict[str, Any]:
    """Who has signed in already, by person: the form is filled in once, not once for each test."""
    return {}


@pytest.fixture
def sign_in(
    request: pytest.FixtureRequest, browser: Browser, desk: RunningDesk, complaints: list[str], cookies: dict[str, Any]
) -> Iterator[Callable[..., Page]]:
    """Open a browser of one's own and sign in; leads to the own list. afresh: with a session that nobody shares."""
    contexts = request.node.stash[CONTEXTS] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not any(known in message.text for known in EXPECTED):
            complaints.append(message.text)

    def sign_in(
        person: str = "luca", width: int = 1280, height: int = 800, *, afresh: bool = False, **more: object
    ) -> Page:
        context = browser.new_context(
            base_url=desk.facts["url"],
            viewport={"width": width, "height": height},
            reduced_motion="reduce",
            storage_state=None if afresh else cookies.get(person),
            **more,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(SECONDS)
        page.on("console", note)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto("/")
        if "/login/" in page.url:
            fill_in(page, person)
        expect(page.get_by_role("status", name="Live")).to_have_text("connected", timeout=SECONDS)
        if not afresh:
            cookies[person] = {"cookies": context.cookies(), "origins": []}
        return page

    yield sign_in
    for context in contexts:
        context.close()


@pytest.fixture
def opened(sign_in: Callable[..., Page], post: Post, nina: str) -> Page:
    """Luca has just opened what Nina wrote."""
    post.write(nina, "Where is my parcel?")
    return open_customer(sign_in(), nina)


def fill_in(page: Page, person: str) -> None:
    """Sign in by the form."""
    page.get_by_role("textbox", name="Email").fill(f"{person}@example.test")
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def open_customer(page: Page, name: str) -> Page:
    """Wait for a customer's row in Unassigned, the newest on top, and open it."""
    page.goto("/inbox/unassigned/?sort=newest")
    page.get_by_role("link", name=f"{name}, Email").click(timeout=SECONDS)
    expect(page.get_by_role("heading", name=name, level=1)).to_be_focused()
    return page
