"""The composer knows the channel, in a browser. Journeys 1 and 11 are in test_played_kinds.py."""

import base64
import uuid
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from channels_app.sandbox import samples
from tests.browser.conftest import SECONDS
from tests.desk import RunningDesk

pytestmark = pytest.mark.browser

WRITES = """
from datetime import timedelta
from channels_app.models import Channel
from conversations import filing
from conversations.models import Thread
from customers.models import Customer, Identity
from django.db import transaction
from helpdesk.lib import clock
from helpdesk.lib.inbound import InboundMessage, Party
channel = Channel.objects.get(kind="sandbox", look="{look}")
said = InboundMessage(sender=Party(kind=channel.identity_kind, value="{value}", name="{name}"), external_id="{value}-1",
                      text="{text}", language="{language}")
with transaction.atomic():
    entry = filing.file_message(filing.Arrival(channel, said, clock.now() - timedelta(seconds={ago}), None))[0]
customer = entry.customer
Customer.objects.filter(pk=customer.pk).update(language="{language}")
for kind, value in {more}:
    Identity.objects.create(customer=customer, kind=kind, value=value, verified_at=clock.now())
Thread.objects.filter(identity__customer=customer).update(last_in_at=clock.now() - timedelta(seconds={ago}))
from conversations.known import facts
facts.after_entry(entry)
"""


@dataclass
class Somebody:
    """A customer who just wrote."""

    name: str
    number: str


@pytest.fixture
def wrote(desk: RunningDesk) -> Callable[..., Somebody]:
    """Let somebody new write on a sandbox channel so many seconds ago; they also have a phone and a mail address."""

    def wrote(look: str, text: str, *, ago: int, language: str = "it") -> Somebody:
        unique = uuid.uuid4().hex[:8]
        number = f"+39055{int(unique, 16) % 10**7:07}"
        somebody = Somebody(f"Giulia{unique} T.", number)
        value = number if look == "whatsapp" else f"giulia.{unique}"
        more = [("email", f"g{unique}@example.test"), ("phone", number)]
        code = WRITES.format(
            look=look, text=text, ago=ago, language=language, value=value, name=somebody.name, more=more
        )
        desk.do(code)
        return somebody

    return wrote


def open_channel(page: Page, name: str, channel: str) -> Page:
    page.goto("/inbox/unassigned/?sort=newest")
    page.get_by_role("link", name=f"{name}, {channel}").click(timeout=SECONDS)
    expect(page.get_by_role("heading", name=name, level=1)).to_be_focused()
    return page


def test_what_is_too_long_is_split_or_shortened_and_never_cut(
    sign_in: Callable[..., Page], wrote: Callable[..., Somebody]
) -> None:
    giulia = wrote("instagram", "Ciao", ago=60)
    page = open_channel(sign_in(), giulia.name, "Instagram")
    text, send = page.get_by_role("textbox", name="Message"), page.get_by_role("button", name="Send on Instagram")
    text.fill("a" * 1000)
    expect(page.get_by_role("status", name="Limit")).to_contain_text("1,000 of 1,000 bytes")
    expect(send).to_be_enabled()
    text.press_sequentially("a")
    expect(send).to_be_disabled()
    expect(send).to_have_accessible_description("1 bytes too many for Instagram.")
    page.get_by_role("button", name="Shorten").click()
    page.keyboard.press("Delete")
    expect(text).to_have_value("a" * 1000)
    text.fill("parola " * 200)
    page.get_by_role("button", name="Split in 2").click()
    expect(page.get_by_role("list", name="Goes as 2 messages").get_by_role("listitem")).to_have_count(2)
    expect(send).to_be_enabled()
    send.click()
    expect(page.get_by_role("article", name="Instagram, You")).to_contain_text("parola")


def test_the_film_of_sandboxes_plays(browser: Browser) -> None:
    film = samples.by_name(samples.NAMES["video"])
    assert film is not None
    page = browser.new_page()
    page.set_content("<video muted></video>")
    seen = page.locator("video").evaluate(
        """(video, film) => new Promise((done, fail) => {
            video.onerror = () => fail(new Error(video.error.message));
            video.onloadeddata = () => { video.currentTime = 1.6; };
            video.onseeked = () => done([video.duration, video.videoWidth, video.currentTime]);
            video.src = "data:video/mp4;base64," + film;
        })""",
        base64.b64encode(film.content).decode(),
    )
    page.close()
    assert seen == [2, 96, 1.6]
