"""Taking back: a state while it is still so, an answer while nobody has begun to send it."""

from datetime import timedelta
from typing import Any

import pytest

from agents.models import Agent
from channels_app import delivery
from conversations import drafts
from conversations.changes import Taken
from conversations.models import Conversation, Delivery, Entry
from conversations.undo import TooLate, undo, undo_send
from customers.models import Customer
from helpdesk.lib import clock
from tests.factories import make_team, route_to
from tests.paper import Post
from tests.waiting import together

pytestmark = pytest.mark.django_db


def held(conversation: Conversation, by: Agent, **fields: Any) -> Entry:
    return conversation.reply(by=by, text="On its way.", to=route_to(conversation), hold_seconds=10, **fields)


def test_a_status_is_put_back(conversation: Conversation, agent: Agent) -> None:
    entry = conversation.resolve(by=agent)
    assert entry is not None
    undone = undo(entry, by=agent)
    conversation.refresh_from_db()
    assert (conversation.status, conversation.resolved_at) == ("open", None)
    assert (undone.kind, undone.data["undoes"], undone.cause) == ("status", entry.pk, entry)


def test_a_snooze_comes_back_with_its_time(conversation: Conversation, agent: Agent) -> None:
    until = clock.now() + timedelta(hours=3)
    conversation.snooze(by=agent, until=until)
    entry = conversation.reopen(by=agent)
    assert entry is not None
    undo(entry, by=agent)
    conversation.refresh_from_db()
    assert (conversation.status, conversation.snoozed_until) == ("snoozed", until)


def test_an_owner_is_put_back(conversation: Conversation, agent: Agent, colleague: Agent) -> None:
    conversation.take(by=agent)
    entry = conversation.assign(by=agent, agent=colleague)
    assert entry is not None
    undo(entry, by=agent)
    conversation.refresh_from_db()
    assert conversation.assignee == agent


def test_leaving_a_private_team_by_undo_resets_open_pages(conversation: Conversation, agent: Agent) -> None:
    entry = conversation.assign(by=agent, team=make_team(name="Complaints", is_private=True))
    assert entry is not None
    undone = undo(entry, by=agent)
    assert Customer.objects.get(pk=conversation.customer_id).reset_seq == undone.seq


def test_what_somebody_changed_since_stays(conversation: Conversation, agent: Agent, colleague: Agent) -> None:
    entry = conversation.resolve(by=agent)
    conversation.reopen(by=colleague)
    conversation.wait(by=colleague)
    assert entry is not None
    with pytest.raises(TooLate):
        undo(entry, by=agent)
    conversation.refresh_from_db()
    assert conversation.status == "waiting"


def test_undoing_twice_is_too_late(conversation: Conversation, agent: Agent) -> None:
    entry = conversation.resolve(by=agent)
    assert entry is not None
    undo(entry, by=agent)
    with pytest.raises(TooLate):
        undo(entry, by=agent)


@pytest.mark.django_db(transaction=True)
def test_undoing_at_once_happens_once(conversation: Conversation, agent: Agent) -> None:
    entry = conversation.resolve(by=agent)
    assert entry is not None
    results = together(lambda: undo(entry, by=agent), lambda: undo(entry, by=agent))
    assert sorted(type(result).__name__ for result in results) == ["Entry", "TooLate"]


def test_a_message_cannot_be_undone_as_a_state(conversation: Conversation, agent: Agent) -> None:
    with pytest.raises(TooLate):
        undo(conversation.entries.earliest("seq"), by=agent)


def test_a_held_answer_comes_back_as_draft(conversation: Conversation, agent: Agent) -> None:
    entry = held(conversation, agent)
    before = entry.touched_seq
    draft = undo_send(entry, by=agent)
    entry.refresh_from_db()
    assert (draft.text, draft.mode, draft.agent) == ("On its way.", "reply", agent)
    assert draft.route["identity_id"] == conversation.threads.get().identity_id
    assert Delivery.objects.get().state == "cancelled"
    assert entry.is_undone
    assert entry.touched_seq > before


def test_a_draft_begun_since_is_kept_below(conversation: Conversation, agent: Agent) -> None:
    entry = held(conversation, agent)
    drafts.save(conversation, "reply", drafts.Words("P.S."), by=agent)
    assert undo_send(entry, by=agent).text == "On its way.\n\nP.S."


def test_undoing_a_send_leaves_the_clock_running(conversation: Conversation, agent: Agent) -> None:
    undo_send(held(conversation, agent), by=agent)
    conversation.refresh_from_db()
    assert conversation.waiting_since is not None
    assert (conversation.first_reply_at, conversation.unanswered_count) == (None, 1)


def test_what_the_send_menu_did_is_undone_with_it(conversation: Conversation, agent: Agent) -> None:
    entry = held(conversation, agent)
    conversation.resolve(by=agent, cause=entry)
    undo_send(entry, by=agent)
    conversation.refresh_from_db()
    assert conversation.status == "open"


def test_a_cancelled_answer_never_leaves(conversation: Conversation, agent: Agent, sent: Post) -> None:
    entry = held(conversation, agent)
    undo_send(entry, by=agent)
    Delivery.objects.update(next_try_at=clock.real())
    assert delivery.deliver(Delivery.objects.get().pk) == "cancelled"
    assert (list(delivery.due()), sent.accepted) == ([], [])


def test_a_colleagues_answer_is_not_mine_to_take_back(
    conversation: Conversation, agent: Agent, colleague: Agent
) -> None:
    entry = held(conversation, colleague)
    with pytest.raises(TooLate):
        undo_send(entry, by=agent)
    assert Delivery.objects.get().state == "queued"


def test_what_was_never_held_cannot_be_taken_back(conversation: Conversation, agent: Agent) -> None:
    entry = conversation.reply(by=agent, text="On its way.", to=route_to(conversation))
    with pytest.raises(TooLate):
        undo_send(entry, by=agent)
    assert Delivery.objects.get().state == "queued"


@pytest.mark.django_db(transaction=True)
def test_undo_and_sender_at_once_agree(conversation: Conversation, agent: Agent, sent: Post) -> None:
    entry = held(conversation, agent)
    Delivery.objects.update(next_try_at=clock.real())
    pk = Delivery.objects.get().pk
    undone, state = together(lambda: undo_send(entry, by=agent), lambda: delivery.deliver(pk))
    if isinstance(undone, TooLate):
        assert (state, len(sent.accepted)) == ("sent", 1)
    else:
        assert (Delivery.objects.get().state, sent.accepted) == ("cancelled", [])


def test_taken_names_the_owner(conversation: Conversation, agent: Agent, colleague: Agent) -> None:
    conversation.take(by=colleague)
    with pytest.raises(Taken, match="Bruno Rossi"):
        conversation.take(by=agent)
