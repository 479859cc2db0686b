"""What people do with a conversation: each change is one entry with before and after."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from agents.models import Agent
from channels_app.models import Channel
from conversations.changes import Taken
from conversations.models import Conversation, Entry
from conversations.undo import undo
from helpdesk.lib import clock
from helpdesk.lib.inbound import Proof, Robot
from tests.factories import make_inbound, make_team, receive
from tests.waiting import together

pytestmark = pytest.mark.django_db
SOME_DAY = datetime(2026, 11, 22, tzinfo=UTC)


def entries(conversation: Conversation) -> list[tuple[str, str]]:
    """Name what happened after the first message, oldest first."""
    rows = Entry.objects.filter(conversation=conversation).order_by("seq")
    return list(rows.values_list("kind", "actor"))[1:]


def write_again(conversation: Conversation, channel: Channel, **fields: object) -> Entry:
    key = conversation.threads.get().external_id
    inbound = make_inbound(address="giulia@example.test", proof=Proof.TOKEN, thread_key=key, **fields)
    return receive(channel=channel, inbound=inbound)


def test_taking_makes_one_the_owner(conversation: Conversation, agent: Agent) -> None:
    entry = conversation.take(by=agent)
    conversation.refresh_from_db()
    assert entry is not None
    assert (conversation.assignee, conversation.version) == (agent, 2)
    assert entry.data == {"before": {"assignee": None}, "after": {"assignee": agent.pk}}


def test_taking_ones_own_does_nothing(conversation: Conversation, agent: Agent) -> None:
    conversation.take(by=agent)
    assert conversation.take(by=agent) is None
    assert entries(conversation) == [("assignment", "agent")]


def test_taking_a_colleagues_is_refused(conversation: Conversation, agent: Agent, colleague: Agent) -> None:
    conversation.take(by=colleague)
    with pytest.raises(Taken) as refused:
        conversation.take(by=agent)
    conversation.refresh_from_db()
    assert refused.value.owner == conversation.assignee == colleague
    assert entries(conversation) == [("assignment", "agent")]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_at_once_one_gets_it(conversation: Conversation, agent: Agent, colleague: Agent) -> None:
    results = together(lambda: conversation.take(by=agent), lambda: conversation.take(by=colleague))
    assert sorted(type(result).__name__ for result in results) == ["Entry", "Taken"]
    assert entries(conversation) == [("assignment", "agent")]


def test_assigning_tells_who_had_it(conversation: Conversation, agent: Agent, colleague: Agent) -> None:
    conversation.take(by=agent)
    entry = conversation.assign(by=agent, agent=colleague)
    assert entry is not None
    assert entry.data == {"before": {"assignee": agent.pk}, "after": {"assignee": colleague.pk}}


def test_handing_to_a_team_leaves_nobody_as_owner(conversation: Conversation, agent: Agent) -> None:
    conversation.take(by=agent)
    back = make_team(name="Returns")
    conversation.assign(by=agent, team=back)
    conversation.refresh_from_db()
    assert (conversation.team, conversation.assignee) == (back, None)


def test_resolving_says_when(conversation: Conversation, agent: Agent) -> None:
    conversation.resolve(by=agent)
    conversation.refresh_from_db()
    assert conversation.is_resolved
    assert conversation.resolved_at is not None


def test_resolving_twice_is_one_entry(conversation: Conversation, agent: Agent) -> None:
    conversation.resolve(by=agent)
    conversation.resolve(by=agent)
    assert entries(conversation) == [("status", "agent")]


def test_reopening_counts(conversation: Conversation, agent: Agent) -> None:
    conversation.resolve(by=agent)
    conversation.reopen(by=agent)
    conversation.refresh_from_db()
    assert (conversation.status, conversation.resolved_at, conversation.reopened_count) == ("open", None, 1)


def test_snoozing_keeps_until_when(conversation: Conversation, agent: Agent) -> None:
    until = clock.now() + timedelta(hours=2)
    conversation.snooze(by=agent, until=until)
    conversation.refresh_from_db()
    assert (conversation.status, conversation.snoozed_until) == ("snoozed", until)


def test_snoozing_into_the_past_is_refused(conversation: Conversation, agent: Agent) -> None:
    with pytest.raises(ValueError):
        conversation.snooze(by=agent, until=clock.now() - timedelta(seconds=1))
    assert entries(conversation) == []


@pytest.mark.parametrize("status", ["waiting", "snoozed"])
def test_a_customers_message_opens_what_waits(conversation: Conversation, channel: Channel, status: str) -> None:
    if status == "waiting":
        conversation.wait(by=None)
    else:
        conversation.snooze(by=None, until=clock.now() + timedelta(hours=1))
    write_again(conversation, channel)
    conversation.refresh_from_db()
    assert (conversation.status, conversation.snoozed_until) == ("open", None)
    assert entries(conversation)[-2:] == [("message", "customer"), ("status", "customer")]


def test_a_reply_reopens_a_resolved_conversation(conversation: Conversation, channel: Channel) -> None:
    conversation.resolve(by=None)
    message = write_again(conversation, channel)
    conversation.refresh_from_db()
    assert (conversation.status, conversation.reopened_count) == ("open", 1)
    assert Entry.objects.latest("seq").cause == message


@pytest.mark.parametrize("status", ["waiting", "resolved"])
def test_a_robot_wakes_nothing(conversation: Conversation, channel: Channel, status: str) -> None:
    conversation.wait(by=None) if status == "waiting" else conversation.resolve(by=None)
    write_again(conversation, channel, robot=Robot.AUTO_REPLY)
    conversation.refresh_from_db()
    assert conversation.status == status


def test_a_persons_verb_takes_it_from_the_assistant(conversation: Conversation, agent: Agent) -> None:
    Conversation.objects.filter(pk=conversation.pk).update(held_by="bot")
    conversation.take(by=agent)
    conversation.refresh_from_db()
    assert conversation.held_by == "people"


@pytest.mark.parametrize(
    "impossible",
    [{"status": "snoozed"}, {"status": "resolved"}, {"snoozed_until": SOME_DAY}, {"resolved_at": SOME_DAY}],
    ids=str,
)
def test_the_database_refuses_a_half_changed_status(conversation: Conversation, impossible: dict[str, object]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Conversation.objects.filter(pk=conversation.pk).update(**impossible)


def test_numbers_of_conversations_are_never_the_same(conversation: Conversation, channel: Channel) -> None:
    other = receive(channel=channel, inbound=make_inbound(address="b@example.test")).conversation
    assert other is not None
    assert other.number > conversation.number > 0


def test_what_is_resolved_is_due_no_more_and_an_undo_brings_the_clock_back(
    agent: Agent, conversation: Conversation
) -> None:
    conversation.refresh_from_db()
    due, unanswered = conversation.next_due_at, conversation.unanswered_count
    entry = conversation.resolve(by=agent)
    conversation.refresh_from_db()
    assert (conversation.next_due_at, conversation.waiting_since, conversation.unanswered_count) == (None, None, 0)
    assert entry is not None and due is not None
    undo(entry, by=agent)
    conversation.refresh_from_db()
    assert (conversation.next_due_at, conversation.unanswered_count) == (due, unanswered)
