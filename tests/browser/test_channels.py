"""The composer knows the channel, in a browser: journey 1 (without the call) and journey 11, on sandbox channels."""

import base64
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from channels_app.sandbox import samples
from tests.browser.conftest import SECONDS
from tests.desk import RunningDesk

pytestmark = pytest.mark.browser

ROMANIAN = (
    "Bună ziua, coletul dumneavoastră cu comanda 9981 ajunge mâine între orele 10 și 14. Răspundeți DA dacă sunteți"
    " acasă sau NU pentru altă zi."
)
ITALIAN = (
    "Buongiorno, il suo ordine 10432 arriverà martedì 24 novembre tra le 10 e le 14. Risponda SÌ se sarà a casa oppure"
    " NO per un altro giorno."
)
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


@pytest.mark.slow
def test_journey_1_from_instagram_to_mail_without_asking_again(
    sign_in: Callable[..., Page], wrote: Callable[..., Somebody]
) -> None:
    giulia = wrote("instagram", "Ciao, ordine 10432, non ho ricevuto la conferma di spedizione", ago=61 * 60)
    page = open_channel(sign_in(), giulia.name, "Instagram")
    via = page.get_by_role("combobox", name="Reply via")
    expect(via.locator("option:checked")).to_have_text("Instagram")
    expect(via).to_have_accessible_description("because they wrote on Instagram")
    expect(page.get_by_text("Window closes in 22 h 59")).to_be_visible()
    expect(page.get_by_role("list", name="Already known")).to_contain_text("Order 10432", timeout=SECONDS)
    text = page.get_by_role("textbox", name="Message")
    text.fill("Ecco il tracking JD01.")
    via.select_option(label="Email")
    expect(page.get_by_role("combobox", name="To").locator("option:checked")).to_contain_text("@example.test")
    expect(page.get_by_role("textbox", name="Subject")).to_have_value("Il tuo messaggio Instagram")
    expect(text).to_have_value("Ecco il tracking JD01.")
    expect(page.get_by_text("In seguito al tuo messaggio Instagram (")).to_be_visible()
    page.get_by_role("button", name="Send by email").click()
    expect(page.get_by_role("button", name="Undo").first).to_be_visible()
    article = page.get_by_role("article", name="Email, You")
    expect(article).to_contain_text("In seguito al tuo messaggio Instagram")
    expect(article).to_contain_text("JD01")
    expect(article).to_contain_text("Sent", timeout=30_000)


@pytest.mark.slow
def test_journey_11_windows_limits_and_switching(
    sign_in: Callable[..., Page], wrote: Callable[..., Somebody], tmp_path: Path
) -> None:
    giulia = wrote("whatsapp", "Il mio ordine 10432 quando arriva?", ago=24 * 3600 - 60)
    page = sign_in()
    page.clock.install()
    open_channel(page, giulia.name, "WhatsApp")
    text = page.get_by_role("textbox", name="Message")
    expect(page.get_by_text("Window closes in 1 min")).to_be_visible()
    text.fill(ROMANIAN)
    film = tmp_path / "unpacking.mp4"
    with film.open("wb") as file:
        file.truncate(22_000_000)
    page.locator("input[type=file]").set_input_files(film)
    expect(page.get_by_text("unpacking.mp4 is 22 MB; WhatsApp shows at most 16.8 MB")).to_be_visible()
    page.get_by_role("button", name="Remove unpacking.mp4").click()
    page.clock.fast_forward("02:00")
    expect(page.get_by_role("group", name="Template").get_by_text("Choose a template")).to_be_visible()
    expect(text).to_be_hidden()
    expect(page.get_by_text("Your text of 139 characters is kept.")).to_be_visible()
    page.get_by_role("radio", name="Parcel on its way Italian").check()
    expect(page.get_by_role("textbox", name="Order number")).to_have_value("10432")
    expect(page.get_by_text(f"Ciao {giulia.name.split()[0]}, il tuo ordine 10432 è partito.")).to_be_visible()
    send = page.get_by_role("button", name="Send template")
    expect(send).to_have_accessible_description("Fill in every value of the template.")
    page.get_by_role("textbox", name="Tracking number").fill("JD01")
    expect(send).to_be_enabled()
    page.get_by_role("button", name="Send by SMS instead").click()
    expect(text).to_have_value(ROMANIAN)
    limit = page.get_by_role("status", name="Limit")
    expect(limit).to_contain_text("3 SMS")
    page.get_by_role("button", name="Remove accents (1 SMS)").click()
    expect(limit).to_contain_text("1 SMS, 21 characters left")
    text.fill(ITALIAN)
    expect(page.get_by_text("3 SMS because of Ì", exact=True).first).to_be_visible()


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
