"""Whoever has left gets by mail what they missed, once, and comes back by its link."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agents.models import Agent
from channels_app import delivery as sender
from channels_app import following, intake, outbounds
from channels_app.adapters.webchat import presence
from channels_app.models import Channel, FollowUp, RawEvent, VisitorLink
from channels_app.models import Visitor as Row
from conversations.models import Conversation, Delivery, Entry, Participant
from customers.models import Identity
from helpdesk.lib.inbound import Proof
from helpdesk.lib.outbound import Route
from tests import paper
from tests.channels_app.webchat.talking import Visitor, make_widget
from tests.factories import make_channel, make_customer, make_inbound, receive

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def mailbox(team: Any, sent: paper.Post) -> Channel:
    """The desk's mailbox; what leaves through it is caught."""
    return make_channel(name="Help", team=team)


@pytest.fixture
def visitor(mailbox: Channel, team: Any, clock: time_machine.Traveller) -> Visitor:
    """Somebody who asked, gave an address and left."""
    visitor = Visitor(make_widget(team=team).public_key)
    visitor.arrive(language="it")
    visitor.say("Do you ship to Cluj?")
    _file()
    assert visitor.post("addresses/", {"address": "V@Example.test"}).json() == {"address": "v@example.test"}
    return visitor


def _file() -> Entry:
    for event in RawEvent.objects.filter(state=RawEvent.State.NEW).order_by("pk"):
        intake.process(event.pk)
    return Entry.objects.filter(kind=Entry.Kind.MESSAGE).latest("pk")


def _leave() -> None:
    row = Row.objects.latest("pk")
    presence.leave(row.key)
    Row.objects.filter(pk=row.pk).update(left_at=following.clock.now())


def _answer(agent: Agent, text: str = "In two days.") -> Entry:
    conversation = Conversation.objects.get()
    thread = conversation.threads.filter(channel__kind="webchat").get()
    entry = conversation.reply(by=agent, text=text, to=Route(thread.channel_id, thread.identity_id))
    assert sender.deliver(Delivery.objects.get(message=entry.pk).pk) == "sent"
    return entry


def _mails() -> list[Entry]:
    return list(Entry.objects.filter(data__has_key="follows").order_by("pk"))


def test_what_was_missed_goes_by_mail_once(visitor: Visitor, agent: Agent, clock: time_machine.Traveller) -> None:
    _leave()
    told = _answer(agent)
    clock.shift(MINUTE * 1.9)
    assert following.sweep() == 0
    clock.shift(MINUTE * 0.2)
    assert [following.sweep(), following.sweep()] == [1, 0]
    (mail,) = _mails()
    assert mail.data["follows"] == [told.pk]
    assert mail.conversation == told.conversation
    assert (mail.actor, mail.message.channel.kind) == ("system", "paper")
    assert mail.message.recipients.get().address == "v@example.test"
    assert "In two days." in mail.message.text
    assert mail.message.subject == f"{agent.first_name} ti ha risposto: Do you ship to Cluj?"
    assert FollowUp.objects.get().mail == mail.message


def test_several_answers_are_one_mail(visitor: Visitor, agent: Agent, clock: time_machine.Traveller) -> None:
    _leave()
    _answer(agent, "First.")
    _answer(agent, "Second.")
    clock.shift(MINUTE * 3)
    assert following.sweep() == 1
    assert re.search("First.*Second", _mails()[0].message.text, re.DOTALL)
    _answer(agent, "Third.")
    clock.shift(MINUTE * 3)
    assert following.sweep() == 1
    later = _mails()[1].message.text.partition("> ")[0]
    assert "Third." in later
    assert "Second." not in later


def test_who_is_here_or_has_read_gets_none(visitor: Visitor, agent: Agent, clock: time_machine.Traveller) -> None:
    told = _answer(agent)
    presence.stay(Row.objects.get().key)
    clock.shift(MINUTE * 3)
    assert following.sweep() == 0
    visitor.post("sightings/", {"upto": told.pk, "seen": True})
    _leave()
    clock.shift(MINUTE * 3)
    assert following.sweep() == 0


def test_who_gave_no_address_gets_none(
    mailbox: Channel, team: Any, agent: Agent, clock: time_machine.Traveller
) -> None:
    visitor = Visitor(make_widget(team=team).public_key)
    visitor.arrive()
    visitor.say("Hello")
    _file()
    _leave()
    _answer(agent)
    clock.shift(MINUTE * 3)
    assert following.sweep() == 0
    assert FollowUp.objects.get().mail is None
    # Decided once: what many miss who left no address must not be looked at for ever, before all others.
    assert following.due() == []


def test_who_comes_back_meanwhile_is_not_decided_about(
    visitor: Visitor, agent: Agent, clock: time_machine.Traveller
) -> None:
    _answer(agent)
    presence.stay(Row.objects.get().key)
    clock.shift(MINUTE * 3)
    assert following.sweep() == 0
    assert not FollowUp.objects.exists()
    _leave()
    clock.shift(MINUTE * 3)
    assert following.sweep() == 1


def test_a_person_is_asked_about_once_however_much_they_missed(
    visitor: Visitor, agent: Agent, clock: time_machine.Traveller, django_assert_num_queries: Any
) -> None:
    _leave()
    _answer(agent)
    clock.shift(MINUTE * 3)
    with CaptureQueriesContext(connection) as one:
        assert len(following.due()) == 1
    for number in range(4):
        _answer(agent, f"More {number}")
    clock.shift(MINUTE * 3)
    with django_assert_num_queries(len(one)):
        assert len(following.due()[0].messages) == 5


def test_who_is_here_is_not_looked_at_and_holds_up_nobody(
    visitor: Visitor, agent: Agent, clock: time_machine.Traveller, team: Any, monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: Any,
) -> None:  # fmt: skip
    _answer(agent)
    here = Row.objects.get()
    presence.stay(here.key)
    clock.shift(MINUTE * 3)
    with CaptureQueriesContext(connection) as nobody:
        assert following.due() == []
    for number in range(3):
        _answer(agent, f"More {number}")
    clock.shift(MINUTE * 3)
    with django_assert_num_queries(len(nobody)):
        assert following.due() == []
    presence.leave(here.key)
    monkeypatch.setattr(following, "AT_ONCE", 1)
    assert len(following.due()) == 1
    other = Visitor(visitor.key)
    other.arrive()
    other.say("I am another")
    conversation = _file().conversation
    assert conversation is not None
    thread = conversation.threads.get()
    entry = conversation.reply(by=agent, text="Hello", to=Route(thread.channel_id, thread.identity_id))
    assert sender.deliver(Delivery.objects.get(message=entry.pk).pk) == "sent"
    presence.stay(here.key)
    clock.shift(MINUTE * 3)
    # The one who is here has missed more and earlier.
    assert [missed.conversation for missed in following.due()] == [conversation]


def test_two_sweeps_at_once_mail_once(visitor: Visitor, agent: Agent, clock: time_machine.Traveller) -> None:
    _leave()
    _answer(agent)
    clock.shift(MINUTE * 3)
    (missed,) = following.due()
    assert [following.follow(missed), following.follow(missed)] == [True, False]
    assert len(_mails()) == 1


def test_a_brand_without_a_mailbox_holds_up_no_other_and_is_mailed_once_it_has_one(
    visitor: Visitor, agent: Agent, clock: time_machine.Traveller, mailbox: Channel
) -> None:
    mailbox.state = Channel.State.PAUSED
    mailbox.save(update_fields=["state"])
    _leave()
    _answer(agent)
    clock.shift(MINUTE * 3)
    assert following.due() == []
    mailbox.state = Channel.State.ACTIVE
    mailbox.save(update_fields=["state"])
    assert following.sweep() == 1


def test_who_wants_no_mail_gets_none(visitor: Visitor, agent: Agent, clock: time_machine.Traveller) -> None:
    Identity.objects.filter(kind="email").update(opted_out_at=following.clock.now())
    _leave()
    _answer(agent)
    clock.shift(MINUTE * 3)
    assert following.sweep() == 0


def test_the_answer_to_the_mail_lands_in_the_same_conversation(
    visitor: Visitor, agent: Agent, clock: time_machine.Traveller, mailbox: Channel
) -> None:
    _leave()
    _answer(agent)
    clock.shift(MINUTE * 3)
    following.sweep()
    thread = _mails()[0].message.thread
    inbound = make_inbound(
        address="v@example.test", text="Thank you!", thread_key=thread.external_id, proof=Proof.TOKEN
    )
    assert receive(channel=mailbox, inbound=inbound).conversation == Conversation.objects.get()


def test_an_address_that_is_somebodys_stays_somebodys(
    mailbox: Channel, team: Any, agent: Agent, clock: time_machine.Traveller
) -> None:
    maria = make_customer(name="Maria", address="maria@example.test")
    visitor = Visitor(make_widget(team=team).public_key)
    visitor.arrive()
    visitor.say("I am Maria")
    entry = _file()
    visitor.post("addresses/", {"address": "maria@example.test"})
    assert entry.customer != maria
    assert Identity.objects.get(value="maria@example.test").customer == maria
    assert Identity.objects.get(kind="visitor").display == "maria@example.test"
    _leave()
    _answer(agent)
    clock.shift(MINUTE * 3)
    assert following.sweep() == 1
    assert Participant.objects.get().identity.value == "maria@example.test"
    assert visitor.get("entries/").content.decode().count("<article") == 2


def _link_in(entry: Entry) -> str:
    """Let the mail leave; return the token of its way back, which stands nowhere else."""
    queued = Delivery.objects.get(message=entry.pk)
    mail = outbounds.outbound_of(queued, list(queued.parts.all()))
    found = re.search(r"/widget/[0-9a-f]+/back/([\w-]+)/", mail.text)
    assert found
    assert found[1] in mail.html
    assert found[1] not in entry.message.text + entry.message.html
    return found[1]


def test_the_link_opens_the_conversation_on_another_device(
    visitor: Visitor, agent: Agent, clock: time_machine.Traveller, settings: Any
) -> None:
    settings.PUBLIC_URL = "https://desk.example.test"
    _leave()
    told = _answer(agent)
    clock.shift(MINUTE * 3)
    following.sweep()
    link = _link_in(_mails()[0])
    phone = Visitor(visitor.key, site="https://desk.example.test")
    assert phone.client.get(f"/widget/{visitor.key}/back/{link}/").status_code == 200
    assert not VisitorLink.objects.exclude(used_at=None).exists()
    answered = phone.post("arrivals/", {"link": link})
    assert (answered.status_code, answered.json()["upto"]) == (201, told.pk)
    phone.token = answered.json()["token"]
    page = phone.get("entries/").content.decode()
    assert page.count("<article") == 2
    assert "Do you ship to Cluj?" in page
    phone.say("I am back")
    assert _file().conversation == told.conversation
    # Who typed the address is not proved to be whoever has it.
    assert "I am back" not in visitor.get("entries/").content.decode()
    assert "I am back" in phone.get("entries/").content.decode()
    told = phone.get("state/").json()
    assert told["address"] == "v@example.test"
    assert told["agent"] == {"name": agent.first_name, "initials": agent.initials}


def test_a_proved_address_reads_its_mails_in_the_chat(
    visitor: Visitor, agent: Agent, clock: time_machine.Traveller, mailbox: Channel, settings: Any
) -> None:
    settings.PUBLIC_URL = "https://desk.example.test"
    _leave()
    _answer(agent)
    clock.shift(MINUTE * 3)
    following.sweep()
    (mail,) = _mails()
    inbound = make_inbound(
        address="v@example.test", text="By mail", thread_key=mail.message.thread.external_id, proof=Proof.TOKEN
    )
    receive(channel=mailbox, inbound=inbound)
    assert "By mail" not in visitor.get("entries/").content.decode()
    phone = Visitor(visitor.key, site="https://desk.example.test")
    phone.token = phone.post("arrivals/", {"link": _link_in(mail)}).json()["token"]
    page = phone.get("entries/").content.decode()
    assert "By mail" in page
    # What only tells once more what stands there already is not told a third time.
    assert page.count("In two days.") == 1


def test_a_link_that_is_over_or_made_up_opens_nothing(
    visitor: Visitor, agent: Agent, clock: time_machine.Traveller, settings: Any
) -> None:
    settings.PUBLIC_URL = "https://desk.example.test"
    _leave()
    _answer(agent)
    clock.shift(MINUTE * 3)
    following.sweep()
    link = _link_in(_mails()[0])
    phone = Visitor(visitor.key, site="https://desk.example.test")
    other = Visitor(make_widget().public_key, site="https://desk.example.test")
    assert other.post("arrivals/", {"link": link}).status_code == 410
    assert phone.post("arrivals/", {"link": link[:-1]}).status_code == 410
    assert [phone.post("arrivals/", given).status_code for given in ({"link": 7}, b"[]", {})] == [400, 400, 400]
    clock.shift(timedelta(days=31))
    assert phone.post("arrivals/", {"link": link}).status_code == 410
    assert phone.client.get(f"/widget/{visitor.key}/back/{link}/").status_code == 410


@pytest.mark.parametrize("written", ["", "x", "x@", "@example.test", "a b@example.test", "x" * 300 + "@example.test"])
def test_what_is_no_address_is_said(visitor: Visitor, written: str) -> None:
    assert visitor.post("addresses/", {"address": written}).status_code == 400
    assert Row.objects.get().address == "v@example.test"


def test_an_address_typed_before_the_first_message_counts(mailbox: Channel, team: Any) -> None:
    visitor = Visitor(make_widget(team=team).public_key)
    visitor.arrive()
    visitor.post("addresses/", {"address": "early@example.test"})
    visitor.say("Hello")
    entry = _file()
    assert Identity.objects.get(value="early@example.test").customer == entry.customer
    assert not Identity.objects.get(value="early@example.test").is_verified
