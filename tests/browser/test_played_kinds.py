"""Journeys 1 (without the call) and 11 on WhatsApp, Instagram and SMS as their adapters have them, in sandbox mode.

An administrator connects the channels in the settings, customers write by signed webhooks, the desk's own clock moves.
"""

import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SECONDS
from tests.browser.test_channels import open_channel
from tests.desk import RunningDesk

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ROMANIAN = (
    "Bună ziua, coletul dumneavoastră cu comanda 9981 ajunge mâine între orele 10 și 14. Răspundeți DA dacă sunteți"
    " acasă sau NU pentru altă zi."
)
ITALIAN = (
    "Buongiorno, il suo ordine 10432 arriverà martedì 24 novembre tra le 10 e le 14. Risponda SÌ se sarà a casa oppure"
    " NO per un altro giorno."
)
ACCOUNTS = {
    "whatsapp": {"Phone number": "+39 02 555 0100", "Id of the phone number": "10655501", "App secret": "s3cret-word",
                 "Id of the WhatsApp Business account": "10255501", "Access token": "EAAG-word"},
    "instagram": {"User name": "@passolungo", "Id of the account": "17845550", "Access token": "IGAA-word",
                  "Instagram app secret": "s3cret-word"},
    "twilio_sms": {"Account SID": "AC" + "5" * 32, "Auth token": "s3cret-word", "Number": "+39025550100"},
}  # fmt: skip
REACHED_BY = """
from customers.models import Customer, Identity
from helpdesk.lib import clock
customer = Customer.objects.get(name="{name}")
Customer.objects.filter(pk=customer.pk).update(language="it")
for kind, value in {more}:
    Identity.objects.create(customer=customer, kind=kind, value=value, verified_at=clock.now())
"""


@dataclass
class Provider:
    """Ada's window: she connects channels, plays customers and moves the clock. made: the channels' pages, by kind."""

    page: Page
    made: dict[str, str] = field(default_factory=dict)

    def connect(self, kind: str) -> None:
        """Add a channel of a kind as a sandbox."""
        self.page.goto(f"/settings/channels/new/{kind}/")
        self.page.get_by_role("textbox", name="Name", exact=True).fill(f"{kind} {uuid.uuid4().hex[:6]}")
        self.page.get_by_role("checkbox", name="Sandbox").check()
        for label, value in ACCOUNTS[kind].items():
            self.page.get_by_label(label, exact=True).fill(value)
        self.page.get_by_role("button", name="Add").click()
        expect(self.page.get_by_text("Added.")).to_be_visible()
        self.made[kind] = self.page.url

    def receive(self, kind: str, sender: str, name: str, text: str) -> None:
        """Let a customer write."""
        self.page.goto(f"{self.made[kind]}test/")
        for label, value in (("From", sender), ("Name", name), ("Text", text)):
            self.page.get_by_role("textbox", name=label, exact=True).fill(value)
        self.page.get_by_role("button", name="Receive").click()
        expect(self.page.get_by_text("Received.")).to_be_visible()

    def advance(self, count: int, unit: str) -> None:
        """Let time pass on the whole desk."""
        self.page.goto("/settings/system/clock/")
        self.page.get_by_label("How much").fill(str(count))
        self.page.get_by_label("Of what").select_option(label=unit)
        self.page.get_by_role("button", name="Advance", exact=True).click()
        expect(self.page.get_by_text("The clock was moved.")).to_be_visible()


@pytest.fixture
def provider(sign_in: Callable[..., Page]) -> Iterator[Provider]:
    """Ada's window; the clock is the real one again afterwards, whatever happened."""
    page = sign_in("ada")
    yield Provider(page)
    page.goto("/settings/system/clock/")
    back = page.get_by_role("button", name="Back to the real time")
    if back.is_visible():
        back.click()
        expect(page.get_by_text("The clock shows the real time.")).to_be_visible()


@pytest.fixture
def reached_by(desk: RunningDesk) -> Callable[..., None]:
    """Give a customer further addresses, proven ones."""

    def reached_by(name: str, *more: tuple[str, str]) -> None:
        desk.do(REACHED_BY.format(name=name, more=list(more)))

    return reached_by


@pytest.fixture
def giulia() -> str:
    """The name of a customer who has never written before."""
    return f"Giulia{uuid.uuid4().hex[:8]} Tedesco"


def test_journey_1_from_instagram_to_mail_without_asking_again(
    sign_in: Callable[..., Page], provider: Provider, reached_by: Callable[..., None], giulia: str
) -> None:
    provider.connect("instagram")
    text = "Ciao, ordine 10432, non ho ricevuto la conferma di spedizione"
    provider.receive("instagram", str(uuid.uuid4().int)[:15], giulia, text)
    page = sign_in()
    wait_for(page, giulia)
    reached_by(giulia, ("email", f"{giulia.split()[0].lower()}@example.test"))
    provider.advance(61, "minutes")
    open_channel(page, giulia, "Instagram")
    via = page.get_by_role("combobox", name="Reply via")
    expect(via.locator("option:checked")).to_have_text("Instagram (sandbox)")
    expect(via).to_have_accessible_description(re.compile("because they wrote on Instagram"))
    expect(page.get_by_text("Window closes in 22 h 5")).to_be_visible()
    expect(page.get_by_role("list", name="Already known")).to_contain_text("Order 10432")
    box = page.get_by_role("textbox", name="Message")
    box.fill("Ecco il tracking JD01.")
    via.select_option(label="Email")
    expect(page.get_by_role("combobox", name="To").locator("option:checked")).to_contain_text("@example.test")
    expect(page.get_by_role("textbox", name="Subject")).to_have_value("Il tuo messaggio Instagram")
    expect(box).to_have_value("Ecco il tracking JD01.")
    expect(page.get_by_text("In seguito al tuo messaggio Instagram (")).to_be_visible()
    page.get_by_role("button", name="Send by email").click()
    expect(page.get_by_role("button", name="Undo").first).to_be_visible()
    article = page.get_by_role("article", name="Email, You")
    expect(article).to_contain_text("In seguito al tuo messaggio Instagram")
    expect(article).to_contain_text("JD01")
    expect(article).to_contain_text("Sent", timeout=30_000)


def test_journey_11_the_window_closes_and_an_sms_goes_instead(
    sign_in: Callable[..., Page], provider: Provider, reached_by: Callable[..., None], giulia: str, tmp_path: Path
) -> None:
    for kind in ("whatsapp", "twilio_sms"):
        provider.connect(kind)
    number = f"+3905555{uuid.uuid4().int % 10**5:05}"
    provider.receive("whatsapp", number, giulia, "Il mio ordine 10432 quando arriva?")
    provider.page.goto(provider.made["whatsapp"])
    provider.page.get_by_role("button", name="Sync templates").click()
    expect(provider.page.get_by_text("5 templates were read.")).to_be_visible()
    page = sign_in()
    wait_for(page, giulia)
    reached_by(giulia, ("phone", number))
    provider.advance(23, "hours")
    provider.advance(58, "minutes")
    open_channel(page, giulia, "WhatsApp")
    text = page.get_by_role("textbox", name="Message")
    expect(page.get_by_text(re.compile(r"Window closes in [12] min"))).to_be_visible()
    text.fill(ROMANIAN)
    film = tmp_path / "unpacking.mp4"
    with film.open("wb") as file:
        file.truncate(22_000_000)
    page.locator("input[type=file]").set_input_files(film)
    # Where the desk has several channels of a kind, this one's name stands there, too.
    told = re.compile(r"unpacking\.mp4 is 22 MB; WhatsApp \(sandbox\)(: [\w ]+)? shows at most 16\.8 MB")
    expect(page.get_by_text(told)).to_be_visible()
    page.get_by_role("button", name="Remove unpacking.mp4").click()
    here = page.url
    provider.advance(3, "minutes")
    group = page.get_by_role("group", name="Template")
    expect(group.get_by_text("Choose a template")).to_be_visible()
    expect(text).to_be_hidden()
    expect(page.get_by_text("Your text of 139 characters is kept.")).to_be_visible()
    group.get_by_role("radio", name="Order ready Italian").check()
    expect(page.get_by_text(f"Ciao {giulia.split()[0]}, il tuo ordine 10432 è pronto per il ritiro.")).to_be_visible()
    order, send = group.get_by_role("textbox", name="Order number"), page.get_by_role("button", name="Send template")
    expect(order).to_have_value("10432")
    order.fill("")
    expect(send).to_have_accessible_description("Fill in every value of the template.")
    order.fill("10432")
    expect(send).to_be_enabled()
    page.get_by_role("button", name="Send by SMS instead").click()
    page.get_by_role("combobox", name="Reply via").select_option(label="SMS (sandbox)")
    expect(text).to_have_value(ROMANIAN)
    assert page.url == here
    limit = page.get_by_role("status", name="Limit")
    expect(limit).to_contain_text("3 SMS")
    text.fill(ITALIAN)
    expect(page.get_by_text("3 SMS because of Ì", exact=True).first).to_be_visible()
    text.fill(ROMANIAN)
    page.get_by_role("button", name="Remove accents (1 SMS)").click()
    expect(limit).to_contain_text("1 SMS, 21 characters left")
    page.get_by_role("button", name="Send by SMS").click()
    expect(page.get_by_role("article", name="SMS (sandbox), You")).to_contain_text("Sent", timeout=30_000)
    provider.page.goto(f"{provider.made['twilio_sms']}test/")
    expect(provider.page.get_by_role("list", name="Sent messages")).to_contain_text("Raspundeti DA daca sunteti acasa")


def test_journey_11_instagram_counts_bytes_and_splits(
    sign_in: Callable[..., Page], provider: Provider, giulia: str
) -> None:
    provider.connect("instagram")
    provider.receive("instagram", str(uuid.uuid4().int)[:15], giulia, "Ciao")
    page = sign_in()
    open_channel(page, giulia, "Instagram")
    text, send = page.get_by_role("textbox", name="Message"), page.get_by_role("button", name="Send on Instagram")
    text.fill("a" * 998 + "è")
    expect(page.get_by_role("status", name="Limit")).to_contain_text("1,000 of 1,000 bytes")
    expect(send).to_be_enabled()
    text.press_sequentially("a")
    expect(send).to_be_disabled()
    expect(send).to_have_accessible_description(re.compile(r"^1 bytes? too many for Instagram"))
    text.fill("parola " * 200)
    page.get_by_role("button", name="Split in 2").click()
    expect(page.get_by_role("list", name="Goes as 2 messages").get_by_role("listitem")).to_have_count(2)
    send.click()
    expect(page.get_by_role("article", name="Instagram (sandbox), You")).to_contain_text("Sent", timeout=30_000)
    provider.page.goto(f"{provider.made['instagram']}test/")
    expect(provider.page.get_by_role("list", name="Sent messages").get_by_role("listitem")).to_have_count(2)


def wait_for(page: Page, name: str) -> None:
    page.goto("/inbox/unassigned/?sort=newest")
    expect(page.get_by_role("link", name=name)).to_be_visible(timeout=SECONDS)
