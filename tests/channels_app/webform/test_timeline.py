"""From the form to the timeline, to the agent's mail, to the customer's answer: one conversation."""

import re
from typing import Any

import pytest
import time_machine
from django.test import Client

from agents.models import Agent
from channels_app import delivery as sender
from channels_app.models import Channel
from conversations import after, replying
from conversations.known import facts
from conversations.models import Conversation, Delivery, Entry, Fact
from conversations.models.searchable import Searchable
from conversations.ways import ways
from customers.models import Customer, Identity
from helpdesk.lib.inbound import Proof
from helpdesk.lib.outbound import Route
from tests import paper
from tests.channels_app.webform.filling import Person, file_all, make_form
from tests.factories import make_channel, make_conversation, make_customer, make_identity, make_inbound, receive

pytestmark = pytest.mark.django_db


@pytest.fixture
def mailbox(team: Any, sent: paper.Post) -> Channel:
    """The desk's mailbox; what leaves through it is caught."""
    return make_channel(name="Help", team=team)


@pytest.fixture
def entry(mailbox: Channel, team: Any, clock: time_machine.Traveller) -> Entry:
    """What somebody wrote on the page, in Italian."""
    person = Person(make_form(team=team), clock, language="it")
    person.open()
    assert person.send(received_on="2026-11-20", wish="exchange", order_number="TL-10433").status_code == 302
    return file_all()


def test_an_agent_sees_the_topic_and_the_fields(entry: Entry, agent: Agent, client: Client) -> None:
    client.force_login(agent)
    page = client.get(f"/inbox/all/{entry.customer_id}/", follow=True).content.decode()
    card = page[page.index('<dl class="answers filled">') :]
    card = card[: card.index("</dl>")]
    told = dict(re.findall(r"<dt[^>]*>([^<]*)</dt><dd[^>]*>([^<]*)</dd>", card))
    assert list(told.items())[:4] == [
        ("Topic", "Return"), ("Order number", "TL-10433"), ("When did you receive it?", "20 Nov 2026"),
        ("What would put it right?", "Exchange it"),
    ]  # fmt: skip
    assert re.fullmatch(r"\d{3} \d{3} \d{3}", told["Reference"])
    agent.language = "ro"
    agent.save()
    assert "Numărul comenzii" in client.get(f"/inbox/all/{entry.customer_id}/", follow=True).content.decode()


def test_the_address_is_theirs_and_not_proved(entry: Entry) -> None:
    identity = Identity.objects.get()
    assert (identity.kind, identity.value, identity.verified_at) == ("email", "giulia@example.test", None)
    assert (entry.data["proof"], entry.customer.language, entry.customer.name) == ("unproven", "it", "Giulia Rossi")


def test_it_teaches_what_any_message_does(entry: Entry) -> None:
    facts.after_entry(after.with_parts().get(pk=entry.pk))
    assert [(one.what, one.value) for one in Fact.objects.filter(what="order")] == [("order", "TL-10433")]
    assert not Fact.objects.exclude(what="order").filter(value__in=[entry.data["details"]["reference"]]).exists()


def test_it_is_found_by_its_reference(entry: Entry, agent: Agent, client: Client) -> None:
    after.run([entry.pk])
    assert Searchable.objects.filter(entry=entry).exists()
    client.force_login(agent)
    number = entry.data["details"]["reference"]
    for said in (number, number.replace(" ", ""), "TL-10433"):
        assert "They are too small." in client.get("/search/", {"q": said}).content.decode(), said


def test_the_answer_goes_by_mail_and_its_answer_comes_home(entry: Entry, agent: Agent, sent: paper.Post) -> None:
    conversation = entry.conversation
    assert conversation is not None
    way = ways(conversation.customer, conversation.brand)[0]
    assert (way.channel.kind, way.identity.value, way.can_write) == ("paper", "giulia@example.test", True)
    assert way.reason == "because they gave this address"
    told = conversation.reply(by=agent, text="Here is 43.", to=Route(way.channel.pk, way.identity.pk))
    assert sender.deliver(Delivery.objects.get(message=told.pk).pk) == "sent"
    (mail,) = sent.accepted
    number = entry.data["details"]["reference"]
    assert (mail.subject, mail.recipients[0].party.value) == (f"Re: Reso ({number})", "giulia@example.test")
    reply = make_inbound(
        address="giulia@example.test",
        text="Grazie!",
        proof=Proof.TOKEN,
        thread_key=mail.thread_key,
        subject=mail.subject,
    )
    assert receive(channel=way.channel, inbound=reply).conversation == conversation
    assert Conversation.objects.count() == 1


def test_the_address_they_gave_comes_before_all_others(entry: Entry) -> None:
    first = make_identity(address="old@example.test", customer=entry.customer, is_verified=True)
    found = ways(entry.customer, entry.conversation.brand)  # type: ignore[union-attr]
    assert [way.identity.value for way in found] == ["giulia@example.test", first.value]


def test_nothing_can_be_sent_on_the_page_itself(entry: Entry, agent: Agent) -> None:
    conversation = entry.conversation
    assert conversation is not None
    to = Route(entry.message.channel_id, Identity.objects.get().pk)
    with pytest.raises(replying.NoWay):
        conversation.reply(by=agent, text="Here is 43.", to=to)
    assert not Delivery.objects.exists()


def test_who_types_an_address_of_somebody_else_opens_nothing(mailbox: Channel, clock: time_machine.Traveller) -> None:
    owner = make_customer(name="Giulia Tedesco", address="giulia@example.test")
    theirs = make_conversation(customer=owner, channel=mailbox)
    person = Person(make_form(), clock)
    person.open()
    page = person.client.get(person.send(name="Mallory").headers["Location"]).content.decode()
    entry = file_all()
    owner.refresh_from_db()
    assert entry.conversation != theirs
    assert (entry.customer, owner.name, Customer.objects.count()) == (owner, "Giulia Tedesco", 1)
    assert "Tedesco" not in page
    assert not owner.identities.exclude(verified_at=None).exists()


def test_two_forms_are_two_conversations(entry: Entry, clock: time_machine.Traveller) -> None:
    person = Person(entry.message.channel, clock)
    person.open("other")
    person.send(text="Something else altogether.")
    again = file_all()
    assert (again.customer, again.conversation == entry.conversation) == (entry.customer, False)
