"""Several identities of one person lead to one customer, and two people are never joined by them."""

from typing import Any

import pytest

from agents.models import Agent
from channels_app.models import Channel
from conversations.merging import suggesting
from conversations.models import Entry, Suggestion
from conversations.reading.event_words import event_words
from customers.models import Customer, Identity
from customers.normalise import normalise
from tests.chatter import GIULIA, hear, make_chatter, said, when
from tests.factories import make_customer

pytestmark = pytest.mark.django_db
SECOND: dict[str, Any] = {"kind": "other", "value": "IT.13491208655302741918", "realm": "biz-1"}


@pytest.fixture
def chatter(db: None) -> Channel:
    return make_chatter()


@pytest.mark.parametrize("value", ["US.13491208655302741918", "IT.a1B2"])
def test_an_id_within_a_business_is_kept_as_it_is(value: str) -> None:
    assert normalise("whatsapp", f" {value}\u200b ") == value


@pytest.mark.parametrize("value", ["US.", "USA.1", "us.1", "US.1-2", "US.1.2", "hello"])
def test_what_only_looks_like_one_is_no_address(value: str) -> None:
    with pytest.raises(ValueError):
        normalise("whatsapp", value)


def test_what_came_along_leads_to_the_same_customer(chatter: Channel) -> None:
    hear(chatter, said(aliases=[SECOND]))
    assert set(Identity.objects.values_list("value", "realm")) == {(GIULIA, ""), (SECOND["value"], "biz-1")}
    hear(chatter, said("Me again", sender_id="u-new", message_id="m-2", aliases=[SECOND]))
    assert (Customer.objects.count(), Identity.objects.count()) == (1, 3)
    # Who came into being with their addresses is told of none; the one that was added later is.
    assert [entry.data["value"] for entry in Entry.objects.filter(kind="identity")] == ["u-new"]


def test_an_address_of_somebody_else_is_a_suggestion(chatter: Channel, agent: Agent) -> None:
    hear(chatter, said(sender_name="Giulia"))
    hear(chatter, said("Hi", sender_id="u-bruno", sender_name="Bruno", message_id="m-2"))
    third = {"kind": "other", "value": "u-bruno"}
    for key in ("a", "b"):
        hear(chatter, said("Me", message_id="m-3", aliases=[third]), key=key)
    suggestion = Suggestion.objects.get()
    assert (Customer.objects.filter(merged_into=None).count(), suggestion.state) == (2, "open")
    assert suggestion.reasons[0] == ["linked", "u-bruno", False]
    for customer in Customer.objects.all():
        suggesting.look(customer.pk)
    assert Suggestion.objects.get().reasons[0] == ["linked", "u-bruno", False]
    offers = suggesting.open_for(Customer.objects.get(name="Giulia"), agent)
    assert [offer.other.name for offer in offers] == ["Bruno"]


def test_a_mail_address_that_somebody_names_opens_nobody_elses_timeline(chatter: Channel) -> None:
    theirs = make_customer(name="Victim", address="victim@example.test")
    hear(chatter, said("It is me", aliases=[{"kind": "email", "value": "victim@example.test"}]))
    assert Entry.objects.get().customer != theirs
    assert Suggestion.objects.get().reasons[0][0] == "linked"


def test_what_was_kept_apart_is_not_suggested_again(chatter: Channel, agent: Agent) -> None:
    hear(chatter, said(), said("Hi", sender_id="u-bruno", message_id="m-2"))
    one, two = Customer.objects.order_by("pk")
    suggesting.reject(one, two, by=agent)
    hear(chatter, said("Me", message_id="m-3", aliases=[{"kind": "other", "value": "u-bruno"}]))
    assert Suggestion.objects.get().state == "rejected"


def test_an_impossible_address_does_not_cost_the_message(chatter: Channel) -> None:
    hear(chatter, said(aliases=[{"kind": "phone", "value": "not a number"}]))
    assert (Entry.objects.get().kind, Identity.objects.count()) == ("message", 1)


def test_a_new_number_is_added_and_told(chatter: Channel) -> None:
    hear(chatter, said())
    change = {"kind": "system", "sender_id": GIULIA, "details": {"new_value": "u-moved"}, **when(5)}
    for key in ("a", "b"):
        hear(chatter, change, key=key)
    entry = Entry.objects.get(kind="identity")
    assert event_words(entry, {}) == "has a new number: u-moved"
    hear(chatter, said("From my new one", sender_id="u-moved", message_id="m-2", at=6))
    assert Customer.objects.count() == 1


@pytest.mark.parametrize(
    ("event", "words"),
    [
        ({"kind": "referral", "ref": "spring"}, "came by the link “spring” on Chatter"),
        ({"kind": "referral", "ad_id": "7"}, "came by the advertisement “7” on Chatter"),
        (
            {"kind": "referral", "ad_id": "7", "details": {"headline": "New in"}},
            "came by the advertisement “New in” on Chatter",
        ),
        ({"kind": "leave"}, "left on Chatter"),
        ({"kind": "handover", "text": "to the bot"}, "the conversation on Chatter was handed over: to the bot"),
        ({"kind": "system", "text": "The security code changed"}, "Chatter says: The security code changed"),
    ],
)  # fmt: skip
def test_quiet_things_are_told_once(chatter: Channel, event: dict[str, Any], words: str) -> None:
    hear(chatter, said())
    for key in ("a", "b"):
        hear(chatter, {"sender_id": GIULIA, **when(3), **event}, key=key)
    entry = Entry.objects.get(kind="custom")
    assert (event_words(entry, {}), entry.visibility) == (words, "internal")


def test_a_call_is_told_once_and_only_theirs(chatter: Channel) -> None:
    hear(chatter, said())
    call = {"kind": "call", "sender_id": GIULIA, "message_id": "call-1"}
    hear(chatter, {**call, "status": "connect", **when(1)}, {**call, "status": "terminate", **when(4)})
    hear(chatter, {**call, "direction": "out", "recipient_id": GIULIA, "message_id": "call-2", **when(5)})
    assert event_words(Entry.objects.get(kind="custom"), {}) == "called on Chatter"


def test_only_a_referral_makes_a_stranger_a_customer(chatter: Channel) -> None:
    for kind in ("join", "leave", "handover", "conversation_started", "message_request", "system"):
        hear(chatter, {"kind": kind, "sender_id": GIULIA, **when(3)})
    assert Customer.objects.count() == 0
    hear(chatter, {"kind": "referral", "sender_id": GIULIA, "ref": "spring", **when(3)})
    assert Customer.objects.count() == 1
