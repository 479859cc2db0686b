"""Who wants no more messages is told by nobody twice, written to by nobody, and may want them again."""

import itertools
import random
from functools import partial
from typing import Any

import pytest
from django.test import Client

from agents.models import Agent
from channels_app import delivery, tasks
from channels_app.models import Channel
from conversations import people
from conversations.events.stop_words import wish_of
from conversations.models import Conversation, Delivery, Entry, Message
from conversations.reading.event_words import event_words
from conversations.replying import NoWay, retry
from customers.models import Consent, Customer, Identity
from helpdesk.lib import clock
from helpdesk.lib.outbound import SendError
from tests import chatter as chatting
from tests.chatter import GIULIA, bring, hear, make_chatter, said, when
from tests.factories import make_agent, make_channel, route_to
from tests.paper import Post
from tests.program import Program
from tests.waiting import together

pytestmark = pytest.mark.django_db


@pytest.fixture
def chatter(db: None, monkeypatch: pytest.MonkeyPatch) -> Channel:
    monkeypatch.setattr(chatting.adapter, "post", Post())
    return make_chatter()


def is_out() -> bool:
    return Identity.objects.get(value=GIULIA).opted_out_at is not None


def event(kind: str, at: int, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "sender_id": GIULIA, **when(at), **more}


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("STOP", "stop"), (" Stop. ", "stop"), ("stop all", "stop"), ("Oprește!", "stop"), ("dezabonează", "stop"),
        ("ARRÊT", "stop"), ("Disiscrivi", "stop"), ("unstop", "start"), ("Sì", "yes"), ("Da", "yes"), ("HELP", ""),
        ("Please stop the parcel", ""), ("Basta", ""), ("", ""), ("x" * 100_000, ""),
    ],
)  # fmt: skip
def test_only_a_whole_message_is_a_wish(text: str, wish: str) -> None:
    assert wish_of(text) == wish


def test_a_stop_is_kept_with_word_and_channel_and_is_on_the_timeline_itself(chatter: Channel) -> None:
    for key in ("a", "b"):
        hear(chatter, said("Stop.", at=1), key=key)
    message, consent = Entry.objects.order_by("pk")
    assert (message.message.text, is_out(), consent.actor) == ("Stop.", True, "customer")
    assert (consent.data["keyword"], consent.data["channel"]) == ("Stop.", "Chatter")
    assert Identity.objects.get().opted_out_reason == "“Stop.” · Chatter"
    assert event_words(consent, {}) == f"wants no more messages at {GIULIA} (“Stop.” on Chatter)"


def test_a_stop_is_a_word_like_others_where_the_channel_has_none() -> None:
    paper = make_channel()
    assert paper.adapter.capabilities_of(paper).has_stop_words is False


def test_a_yes_takes_a_stop_back_and_is_else_only_a_yes(chatter: Channel) -> None:
    hear(chatter, said("Yes", at=0))
    assert Entry.objects.count() == 1
    hear(chatter, said("STOP", message_id="m-2", at=1), said("yes!", message_id="m-3", at=2))
    assert (is_out(), Entry.objects.filter(kind="consent").count()) == (False, 2)


def test_an_older_stop_that_comes_late_does_not_beat_a_yes(chatter: Channel) -> None:
    hear(chatter, said("yes", message_id="m-3", at=2))
    hear(chatter, said("STOP", message_id="m-2", at=1))
    assert not is_out()


WISHES = [event("opt_out", 1), event("opt_in", 2), event("unfollow", 3), event("follow", 4), event("opt_out", 5)]


@pytest.mark.parametrize("count", [4, 5])
def test_wishes_in_any_order_end_with_the_last(chatter: Channel, count: int) -> None:
    hear(chatter, said(at=0))
    chance = random.Random(count)
    for round_ in range(5):
        shuffled = chance.sample(WISHES[:count], count) + chance.choices(WISHES[:count], k=2)
        for number, wish in enumerate(shuffled):
            hear(chatter, wish, key=f"{round_}-{number}")
        assert is_out() == (count == 5), shuffled
        Entry.objects.filter(kind="consent").delete()
        Identity.objects.update(opted_out_at=None)


def test_who_unfollowed_is_not_written_to_until_they_follow_again(chatter: Channel) -> None:
    hear(chatter, said(at=0), event("unfollow", 1))
    hear(chatter, said("I am still here", message_id="m-2", at=2))
    assert (is_out(), Identity.objects.get().opted_out_reason) == (True, "Unfollowed or blocked us")
    hear(chatter, event("follow", 3))
    assert not is_out()


def test_an_opt_out_of_a_stranger_stands_when_they_write(chatter: Channel) -> None:
    hear(chatter, event("opt_out", 1, status="stop"), said(at=2))
    assert (is_out(), Customer.objects.count()) == (True, 1)


def test_who_leaves_and_was_never_here_is_nobody(chatter: Channel) -> None:
    hear(chatter, event("unfollow", 1))
    assert Customer.objects.count() == 0


def test_a_stop_that_the_provider_tells_too_is_one(chatter: Channel) -> None:
    stop = {"message_id": "m-1", "text": "STOP"}
    hear(chatter, said("STOP", at=1), event("opt_out", 1, **stop))
    assert (Message.objects.count(), Entry.objects.filter(kind="consent").count()) == (1, 1)


def test_no_way_of_sending_reaches_who_said_stop(chatter: Channel, agent: Agent) -> None:
    hear(chatter, said(at=0))
    conversation = Conversation.objects.get()
    to = route_to(conversation)
    held = conversation.reply(by=agent, text="Held", to=to, hold_seconds=10)
    failed = conversation.reply(by=agent, text="Failed", to=to)
    Delivery.objects.filter(message=failed.message).update(state="failed")
    hear(chatter, said("STOP", message_id="m-2", at=1))
    for by in (agent, None):
        with pytest.raises(NoWay):
            conversation.reply(by=by, text="Once more", to=to)
    assert retry(failed)
    # Undo is over, the time has come: nothing leaves all the same.
    Delivery.objects.update(hold_until=None, next_try_at=clock.real())
    for found in Delivery.objects.exclude(state="failed").order_by("pk"):
        assert delivery.deliver(found.pk) == "failed"
    assert set(Delivery.objects.filter(message=held.message).values_list("error_code", flat=True)) == {"opted_out"}
    assert chatting.adapter.post.accepted == []


NO_OFFERS = {"status": "stop", "details": {"purpose": "offers"}}
OFFERS = {"status": "resume", "details": {"purpose": "offers"}}


def answers() -> dict[str, str]:
    """What Giulia's answer to each purpose is now."""
    rows = Consent.objects.filter(identity__value=GIULIA).order_by("at", "pk")
    return dict(rows.values_list("purpose", "state"))


def test_who_stops_offers_is_answered_by_people_and_by_nothing_else(chatter: Channel, agent: Agent) -> None:
    hear(chatter, said("Where is my parcel?", at=0))
    conversation = Conversation.objects.get()
    to = route_to(conversation)
    waiting = conversation.reply(by=None, text="An agent will answer soon.", to=to)
    hear(chatter, event("opt_out", 1, **NO_OFFERS))
    consent = Entry.objects.get(kind="consent")
    assert (is_out(), answers()) == (False, {"marketing": "refused", "automatic": "refused"})
    words = f"wants no more offers and automatic messages at {GIULIA} (“stop” on Chatter)"
    assert (consent.actor, event_words(consent, {})) == ("customer", words)
    with pytest.raises(NoWay):
        conversation.reply(by=None, text="Rate us!", to=to)
    answered = conversation.reply(by=agent, text="On its way.", to=to)
    states = [delivery.deliver(entry.message.deliveries.get().pk) for entry in (waiting, answered)]
    assert states == ["failed", "sent"]
    assert waiting.message.deliveries.get().error_code == "no_offers"


@pytest.mark.parametrize("count", [2, 3])
def test_wishes_about_offers_in_any_order_end_with_the_last(chatter: Channel, count: int) -> None:
    hear(chatter, said(at=0))
    wishes = [event("opt_out", 1, **NO_OFFERS), event("opt_in", 2, **OFFERS), event("opt_out", 3, **NO_OFFERS)]
    for round_, order in enumerate(itertools.permutations(wishes[:count])):
        for number, wish in enumerate((*order, *order)):
            hear(chatter, wish, key=f"{round_}-{number}")
        refused = {purpose for purpose, state in answers().items() if state != "given"}
        assert refused == (set() if count == 2 else {"marketing", "automatic"}), order
        Consent.objects.all().delete()


def test_who_wants_offers_again_wants_to_be_written_to(chatter: Channel) -> None:
    hear(chatter, said("STOP", at=1))
    hear(chatter, event("opt_in", 2, **OFFERS))
    assert not is_out()


@pytest.mark.parametrize("is_told_later", [False, True])
def test_a_provider_that_knows_of_no_offers_is_heeded(chatter: Channel, agent: Agent, is_told_later: bool) -> None:
    hear(chatter, said(at=0))
    conversation = Conversation.objects.get()
    refusal = SendError("no_offers", "This person wants no offers from us.")
    chatting.adapter.post.fail = None if is_told_later else refusal
    queued = conversation.reply(by=agent, text="A discount!", to=route_to(conversation)).message.deliveries.get()
    assert delivery.deliver(queued.pk) == ("sent" if is_told_later else "failed")
    if is_told_later:
        name = queued.parts.get().external_id
        hear(chatter, chatting.ours("status", target_id=name, status="failed", details={"code": "no_offers"}))
    assert (is_out(), answers()) == (False, {"marketing": "refused", "automatic": "refused"})
    assert event_words(Entry.objects.get(kind="consent"), {}).startswith("noted: no more offers")


@pytest.mark.django_db(transaction=True)
def test_two_refusals_of_offers_at_once_are_one(chatter: Channel) -> None:
    hear(chatter, said(at=0))
    row = Identity.objects.get()
    heard = together(*2 * [lambda: people.wish_offers(row, wanted=False, source="By phone")])
    assert (sorted(heard), Consent.objects.count()) == ([False, True], 2)
    assert Entry.objects.filter(kind="consent").count() == 1


def test_a_program_cannot_write_to_who_said_stop(chatter: Channel) -> None:
    hear(chatter, said("STOP", at=1))
    path = f"conversations/{Conversation.objects.get().number}/messages/"
    answer = Program(make_agent(role="admin")).post(path, {"text": "Come back"})
    assert (answer.status_code, answer.json()["code"]) == (409, "no_way")
    assert Delivery.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_two_workers_that_hear_one_stop_tell_it_once() -> None:
    chatter = make_chatter()
    hear(chatter, said(at=0))
    stops = [bring(chatter, event("opt_out", 1), key=key) for key in ("a", "b", "c")]
    together(*(partial(tasks.process_event, raw.pk) for raw in stops))
    assert (is_out(), Entry.objects.filter(kind="consent").count()) == (True, 1)


def test_the_page_of_a_customer_tells_all_of_it(chatter: Channel, supervisor: Agent) -> None:
    hear(chatter, said("STOP", at=1), event("referral", 2, ref="spring"))
    hear(chatter, {"kind": "echo", "direction": "out", "recipient_id": GIULIA, "message_id": "e-1", "text": "Done."})
    browser = Client()
    browser.force_login(supervisor)
    page = browser.get(f"/customers/{Customer.objects.get().pk}/").content.decode()
    for words in ("wants no more messages at", "came by the link “spring” on Chatter", "Done.", "Your team"):
        assert words in page, words
