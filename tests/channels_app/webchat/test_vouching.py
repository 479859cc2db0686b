"""The shop's word for who is signed in: believed when it is signed, and for no more than it says."""

from typing import Any

import pytest

from agents.models import Agent
from channels_app import intake
from channels_app.adapters.webchat import vouching
from channels_app.models import Channel, RawEvent
from channels_app.models import Visitor as Row
from conversations.models import Entry, MergeRecord
from customers.models import Customer, Identity
from helpdesk.lib import clock
from tests.channels_app.webchat.talking import Visitor, make_widget
from tests.factories import make_customer

pytestmark = pytest.mark.django_db
SECRET = "s" * 32


@pytest.fixture
def widget(team: Any) -> Channel:
    return make_widget(team=team)


@pytest.fixture
def visitor(widget: Channel) -> Visitor:
    visitor = Visitor(widget.public_key)
    visitor.arrive()
    return visitor


def signed(user_id: str = "c-17", *, secret: str = SECRET, seconds: int = 600, **more: str) -> dict[str, str]:
    """What a shop's page hands to the widget."""
    expires = str(int(clock.real().timestamp()) + seconds)
    said = {"user_id": user_id, "email": "", "name": "Giulia Rossi", "expires": expires, **more}
    return {**said, "hash": vouching.sign(said, secret)}


def _file() -> Entry:
    for event in RawEvent.objects.filter(state=RawEvent.State.NEW).order_by("pk"):
        intake.process(event.pk)
    return Entry.objects.filter(kind=Entry.Kind.MESSAGE).latest("pk")


def test_who_is_signed_in_is_known(visitor: Visitor) -> None:
    assert visitor.post("identity/", signed()).status_code == 204
    shop = Identity.objects.get(kind="shop")
    assert (shop.value, shop.is_verified, shop.customer.name) == ("c-17", True, "Giulia Rossi")
    assert Row.objects.get().proved == shop


def test_what_was_said_before_signing_in_is_theirs_and_can_be_undone(visitor: Visitor, agent: Agent) -> None:
    visitor.say("Do you ship to Cluj?")
    anonymous = _file().customer
    visitor.post("identity/", signed())
    shop = Identity.objects.get(kind="shop")
    assert Entry.objects.filter(kind="message").get().customer == shop.customer
    record = MergeRecord.objects.get()
    assert (record.kept, record.other, record.by) == (shop.customer, anonymous, None)


def test_another_device_of_theirs_shows_the_same(visitor: Visitor, widget: Channel) -> None:
    visitor.say("From the desk")
    _file()
    visitor.post("identity/", signed())
    phone = Visitor(widget.public_key)
    phone.arrive()
    assert "From the desk" not in phone.get("entries/").content.decode()
    phone.post("identity/", signed())
    assert "From the desk" in phone.get("entries/").content.decode()


@pytest.mark.parametrize(
    "given",
    [
        {}, {"user_id": "c-17"}, signed(secret="x" * 32), {**signed(), "user_id": "c-18"}, {**signed(), "email": "a@x"},
        {**signed(), "expires": "99999999999"}, signed(seconds=-1), signed(seconds=90_000), signed(user_id=" "),
        {**signed(), "hash": ""}, {**signed(), "hash": None}, {**signed(), "hash": 7}, {**signed(), "user_id": 17},
        {**signed(), "user_id": ["c-17"]}, signed(user_id="x" * 201), {**signed(), "expires": "١٢"},
        signed("c-17 "), signed("\u2003c-17"),
        signed("c-17\u200b"), signed("\u200b"), signed("c-17\0"), signed("c-\ud800"),
        signed("\u006e\u0303"), signed(name="\0"), signed(name="Giulia\nRossi"), signed(email="a@example.test\n"),
        {"token": "eyJhbGciOiJub25lIn0.eyJzdWIiOiJjLTE3In0."},
    ],
)  # fmt: skip
def test_what_the_shop_did_not_sign_opens_nothing(visitor: Visitor, given: dict[str, Any]) -> None:
    assert visitor.post("identity/", given).status_code == 403
    assert Row.objects.get().proved is None
    assert not Customer.objects.exists()


def test_what_somebody_calls_themselves_is_never_signed_as_their_address(visitor: Visitor, widget: Channel) -> None:
    """One text over which both are signed: a name of two lines, and an address with a name."""
    widget.config = {**widget.config, "checks_addresses": True}
    widget.save()
    maria = make_customer(name="Maria", address="maria@example.test")
    mine = signed(email="", name="maria@example.test\nGiulia")
    moved = {**mine, "user_id": "c-17\n", "email": "maria@example.test", "name": "Giulia"}
    assert vouching.sign(moved, SECRET) == mine["hash"]
    assert [visitor.post("identity/", one).status_code for one in (mine, moved)] == [403, 403]
    assert list(Customer.objects.all()) == [maria]


def test_both_secrets_count_while_one_is_changed(visitor: Visitor, widget: Channel) -> None:
    widget.config = {**widget.config, "secret_next": "n" * 32}
    widget.save()
    assert visitor.post("identity/", signed(secret="n" * 32)).status_code == 204


def test_a_signature_of_another_widget_is_none(visitor: Visitor, widget: Channel) -> None:
    other = make_widget(config={"secret": "o" * 32})
    stranger = Visitor(other.public_key)
    stranger.arrive()
    assert stranger.post("identity/", signed()).status_code == 403


def test_a_browser_that_is_somebodys_does_not_become_somebody_elses(visitor: Visitor) -> None:
    visitor.post("identity/", signed())
    assert visitor.post("identity/", signed("c-18")).status_code == 409
    assert Row.objects.get().proved == Identity.objects.get(kind="shop", value="c-17")


def test_an_address_that_the_shop_has_not_checked_proves_nothing(visitor: Visitor) -> None:
    make_customer(name="Maria", address="maria@example.test")
    visitor.post("identity/", signed(email="maria@example.test"))
    assert Identity.objects.get(kind="shop").customer != Identity.objects.get(kind="email").customer
    assert not Identity.objects.get(kind="email").is_verified


def test_an_address_that_the_shop_has_checked_is_the_same_person(visitor: Visitor, widget: Channel) -> None:
    maria = make_customer(name="Maria", address="maria@example.test")
    widget.config = {**widget.config, "checks_addresses": True}
    widget.save()
    visitor.post("identity/", signed(email="Maria@example.test"))
    assert Identity.objects.get(kind="shop").customer == maria
    assert Identity.objects.get(kind="email").is_verified


def test_a_person_of_whom_more_is_known_is_not_merged_by_a_log_in(visitor: Visitor, agent: Agent) -> None:
    visitor.say("Hello")
    own = _file().customer
    Identity.objects.create(customer=own, kind="phone", value="+40740555012", verified_at=clock.now())
    visitor.post("identity/", signed())
    assert not MergeRecord.objects.exists()
    assert Identity.objects.get(kind="shop").customer != own
