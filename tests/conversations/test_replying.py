"""Writing on a conversation: answers that leave, notes that stay."""

from datetime import timedelta

import pytest

from agents.models import Agent
from channels_app.models import Channel
from conversations.models import Conversation, Delivery, Draft, Entry, Message, Thread
from conversations.replying import ClientIdTaken, NoWay, StaleSend
from helpdesk.lib import clock
from helpdesk.lib.inbound import Proof
from helpdesk.lib.outbound import OutboundFile, Route
from tests.factories import make_channel, make_conversation, make_customer, make_inbound, receive, route_to
from tests.waiting import together

pytestmark = pytest.mark.django_db


def answer(conversation: Conversation, by: Agent, text: str = "On its way.", **fields: object) -> Entry:
    return conversation.reply(by=by, text=text, to=fields.pop("to", route_to(conversation)), **fields)


def test_a_reply_is_entry_message_and_queued_delivery(conversation: Conversation, agent: Agent) -> None:
    entry = answer(conversation, agent)
    delivery = Delivery.objects.get()
    assert (entry.kind, entry.actor, entry.by, entry.visibility) == ("message", "agent", agent, "public")
    assert (entry.message.direction, entry.message.text) == ("out", "On its way.")
    assert (delivery.state, delivery.message, delivery.channel) == ("queued", entry.message, entry.message.channel)
    assert [(part.role, part.address) for part in delivery.parts.all()] == [("to", "giulia@example.test")]


def test_a_reply_goes_on_in_the_same_thread(conversation: Conversation, agent: Agent) -> None:
    entry = answer(conversation, agent)
    assert entry.message.thread == conversation.threads.get()
    assert entry.message.subject == "Re: My parcel"
    assert entry.message.in_reply_to == Message.objects.get(direction="in").external_id


def test_a_reply_on_another_channel_begins_a_thread_of_this_conversation(
    conversation: Conversation, agent: Agent
) -> None:
    other = make_channel(name="Second mailbox")
    identity = conversation.threads.get().identity
    entry = answer(conversation, agent, to=Route(other.pk, identity.pk))
    assert (entry.message.thread.channel, entry.message.thread.conversation) == (other, conversation)
    assert Thread.objects.filter(conversation=conversation).count() == 2


def test_a_reply_stops_the_clock_and_leaves_the_state(conversation: Conversation, agent: Agent) -> None:
    entry = answer(conversation, agent)
    conversation.refresh_from_db()
    assert (conversation.waiting_since, conversation.next_due_at, conversation.unanswered_count) == (None, None, 0)
    assert (conversation.first_reply_at, conversation.status) == (entry.occurred_at, "open")


def test_the_first_reply_stays_the_first(conversation: Conversation, agent: Agent) -> None:
    first = answer(conversation, agent)
    answer(conversation, agent, text="And another thing.")
    conversation.refresh_from_db()
    assert conversation.first_reply_at == first.occurred_at


def test_a_held_reply_stops_no_clock_yet(conversation: Conversation, agent: Agent) -> None:
    entry = answer(conversation, agent, hold_seconds=10)
    conversation.refresh_from_db()
    delivery = Delivery.objects.get()
    assert conversation.waiting_since is not None
    assert conversation.first_reply_at is None
    assert entry.done_at is not None
    assert delivery.hold_until is not None
    assert delivery.next_try_at == delivery.hold_until > clock.real()


def test_a_reply_takes_the_draft_with_it(conversation: Conversation, agent: Agent, colleague: Agent) -> None:
    for author in (agent, colleague):
        Draft.objects.create(agent=author, conversation=conversation, mode="reply", text="On its")
    Draft.objects.create(agent=agent, conversation=conversation, mode="note", text="Odd")
    answer(conversation, agent)
    kept = Draft.objects.exclude(text="")
    assert set(kept.values_list("agent__name", "mode")) == {("Ana Ionescu", "note"), ("Bruno Rossi", "reply")}


def test_the_same_client_id_is_the_same_reply(conversation: Conversation, agent: Agent) -> None:
    first = answer(conversation, agent, client_id="c-1")
    assert answer(conversation, agent, client_id="c-1") == first
    assert Delivery.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_client_id_twice_at_once_is_one_reply(conversation: Conversation, agent: Agent) -> None:
    results = together(*[lambda: answer(conversation, agent, client_id="c-1")] * 3)
    assert len({entry.pk for entry in results}) == 1
    assert Delivery.objects.count() == 1


def test_a_client_id_of_another_author_is_refused(conversation: Conversation, agent: Agent, colleague: Agent) -> None:
    answer(conversation, agent, client_id="c-1")
    with pytest.raises(ClientIdTaken):
        answer(conversation, colleague, client_id="c-1")
    assert Delivery.objects.count() == 1


def test_a_client_id_of_another_conversation_is_refused(
    conversation: Conversation, agent: Agent, channel: Channel
) -> None:
    answer(conversation, agent, client_id="c-1")
    other = make_conversation(customer=make_customer(name="Bea"), channel=channel)
    with pytest.raises(ClientIdTaken):
        answer(other, agent, client_id="c-1")
    assert Delivery.objects.count() == 1


def test_a_reply_that_missed_the_customers_word_is_stale(
    conversation: Conversation, agent: Agent, channel: Channel
) -> None:
    seen = conversation.customer.last_seq
    key = conversation.threads.get().external_id
    inbound = make_inbound(address="giulia@example.test", text="It came!", proof=Proof.TOKEN, thread_key=key)
    missed = receive(channel=channel, inbound=inbound)
    with pytest.raises(StaleSend) as stale:
        answer(conversation, agent, seen_seq=seen)
    assert stale.value.entry == missed
    assert Delivery.objects.count() == 0


def test_a_reply_that_missed_a_colleagues_answer_is_stale(
    conversation: Conversation, agent: Agent, colleague: Agent
) -> None:
    seen = Entry.objects.latest("seq").seq
    answer(conversation, colleague)
    with pytest.raises(StaleSend):
        answer(conversation, agent, seen_seq=seen)


def test_ones_own_words_and_notes_make_nothing_stale(
    conversation: Conversation, agent: Agent, colleague: Agent
) -> None:
    seen = Entry.objects.latest("seq").seq
    answer(conversation, agent)
    conversation.note(by=colleague, text="Call the carrier.")
    answer(conversation, agent, text="And more.", seen_seq=seen)
    assert Delivery.objects.count() == 2


def test_an_address_of_somebody_else_is_no_way(conversation: Conversation, agent: Agent, channel: Channel) -> None:
    stranger = make_customer(name="Bea").identities.get()
    with pytest.raises(NoWay):
        answer(conversation, agent, to=Route(channel.pk, stranger.pk))
    assert (Delivery.objects.count(), Entry.objects.filter(actor="agent").count()) == (0, 0)


def test_who_opted_out_is_not_written_to(conversation: Conversation, agent: Agent) -> None:
    identity = conversation.threads.get().identity
    identity.opted_out_at = clock.now()
    identity.save()
    with pytest.raises(NoWay):
        answer(conversation, agent)
    assert Delivery.objects.count() == 0


@pytest.mark.parametrize("text", ["", " \n\t"])
def test_nothing_is_not_sent(conversation: Conversation, agent: Agent, text: str) -> None:
    with pytest.raises(NoWay):
        answer(conversation, agent, text=text)
    assert Delivery.objects.count() == 0


def test_a_file_alone_is_something(conversation: Conversation, agent: Agent) -> None:
    entry = answer(conversation, agent, text="", attachments=(OutboundFile("label.pdf", "application/pdf", b"%PDF"),))
    assert [row.filename for row in entry.attachments.all()] == ["label.pdf"]


def test_copies_are_parts_of_the_delivery(conversation: Conversation, agent: Agent) -> None:
    answer(conversation, agent, to=route_to(conversation, cc=("Boss@Example.test",), bcc=("log@example.test",)))
    parts = Delivery.objects.get().parts.all()
    assert [(part.role, part.address, part.position) for part in parts] == [
        ("to", "giulia@example.test", 0),
        ("cc", "boss@example.test", 1),
        ("bcc", "log@example.test", 2),
    ]


def test_an_impossible_copy_address_is_no_way(conversation: Conversation, agent: Agent) -> None:
    with pytest.raises(NoWay):
        answer(conversation, agent, to=route_to(conversation, cc=("nobody",)))
    assert Delivery.objects.count() == 0


def test_a_scheduled_reply_waits_for_its_time(conversation: Conversation, agent: Agent) -> None:
    tomorrow = clock.now() + timedelta(days=1)
    answer(conversation, agent, send_at=tomorrow)
    assert Delivery.objects.get().next_try_at == tomorrow


def test_a_note_is_internal_and_leaves_nowhere(conversation: Conversation, agent: Agent) -> None:
    entry = conversation.note(by=agent, text="She called twice.")
    conversation.refresh_from_db()
    assert (entry.kind, entry.visibility, entry.data["text"]) == ("note", "internal", "She called twice.")
    assert (Delivery.objects.count(), conversation.unanswered_count) == (0, 1)


def test_an_empty_note_is_refused(conversation: Conversation, agent: Agent) -> None:
    with pytest.raises(NoWay):
        conversation.note(by=agent, text=" ")


def test_the_same_note_twice_is_one(conversation: Conversation, agent: Agent) -> None:
    first = conversation.note(by=agent, text="Odd.", client_id="c-2")
    assert conversation.note(by=agent, text="Odd.", client_id="c-2") == first
    assert Entry.objects.filter(kind="note").count() == 1
