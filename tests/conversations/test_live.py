"""Hints: who hears of what, and that nobody hears what they may not know."""

from collections.abc import Callable
from typing import Any

import pytest

from agents.models import Agent, Team
from channels_app.models import Channel
from conversations import live as publisher
from conversations.models import Conversation, Follower
from customers.models import Customer
from helpdesk.lib.inbound import Proof
from tests.conftest import Hints
from tests.factories import make_channel, make_conversation, make_inbound, make_team, receive

pytestmark = pytest.mark.django_db
OnCommit = Callable[..., Any]


def test_a_message_is_heard_by_all_the_team_and_whoever_reads_the_customer(
    live: Hints, channel: Channel, team: Team, django_capture_on_commit_callbacks: OnCommit
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        entry = receive(channel=channel, inbound=make_inbound(address="giulia@example.test"))
    assert live.audiences() == {"all", f"team.{team.pk}", f"customer.{entry.customer_id}"}
    assert live.of("hint") == [
        {
            "type": "hint",
            "entry": entry.pk,
            "touched_seq": 1,
            "conversation": entry.conversation_id,
            "customer": entry.customer_id,
            "kind": "message",
        }
    ]


def test_what_belongs_to_no_team_is_heard_as_team_0(live: Hints, django_capture_on_commit_callbacks: OnCommit) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        receive(channel=make_channel(), inbound=make_inbound(address="giulia@example.test"))
    assert "team.0" in live.audiences()


def test_a_private_teams_message_is_not_heard_by_the_customers_readers(
    live: Hints, django_capture_on_commit_callbacks: OnCommit
) -> None:
    private = make_team(name="Complaints", is_private=True)
    with django_capture_on_commit_callbacks(execute=True):
        receive(channel=make_channel(team=private), inbound=make_inbound(address="giulia@example.test"))
    assert live.audiences() == {"all", f"team.{private.pk}"}


def test_the_old_and_the_new_team_hear_of_a_move(
    live: Hints, conversation: Conversation, team: Team, agent: Agent, django_capture_on_commit_callbacks: OnCommit
) -> None:
    new = make_team(name="Returns")
    with django_capture_on_commit_callbacks(execute=True):
        conversation.assign(by=agent, team=new)
    assert {f"team.{team.pk}", f"team.{new.pk}"} <= live.audiences()
    assert live.audiences("rewatch") == {f"customer.{conversation.customer_id}"}


def test_the_old_and_the_new_owner_hear_of_a_change(
    live: Hints,
    conversation: Conversation,
    agent: Agent,
    colleague: Agent,
    django_capture_on_commit_callbacks: OnCommit,
) -> None:
    conversation.take(by=agent)
    with django_capture_on_commit_callbacks(execute=True):
        conversation.assign(by=agent, agent=colleague)
    assert {f"agent.{agent.pk}", f"agent.{colleague.pk}"} <= live.audiences()


def test_nobody_rewatches_when_only_the_status_changes(
    live: Hints, conversation: Conversation, agent: Agent, django_capture_on_commit_callbacks: OnCommit
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        conversation.resolve(by=agent)
    assert (len(live.of("hint")), live.of("rewatch")) == (1, [])


def test_moving_into_a_private_team_makes_open_pages_load_again(
    live: Hints, conversation: Conversation, agent: Agent, django_capture_on_commit_callbacks: OnCommit
) -> None:
    private = make_team(name="Complaints", is_private=True)
    with django_capture_on_commit_callbacks(execute=True):
        entry = conversation.assign(by=agent, team=private)
    assert entry is not None
    assert Customer.objects.get(pk=conversation.customer_id).reset_seq == entry.seq
    assert f"customer.{conversation.customer_id}" not in live.audiences("hint")


def test_moving_between_open_teams_resets_nothing(conversation: Conversation, agent: Agent) -> None:
    conversation.assign(by=agent, team=make_team(name="Returns"))
    assert Customer.objects.get(pk=conversation.customer_id).reset_seq == 0


def test_a_follower_hears_of_it(
    live: Hints, conversation: Conversation, outsider: Agent, django_capture_on_commit_callbacks: OnCommit
) -> None:
    Follower.objects.create(agent=outsider, conversation=conversation)
    with django_capture_on_commit_callbacks(execute=True):
        conversation.resolve(by=None)
    assert f"agent.{outsider.pk}" in live.audiences()


def test_a_hint_carries_no_content(live: Hints, channel: Channel, django_capture_on_commit_callbacks: OnCommit) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        receive(channel=channel, inbound=make_inbound(address="giulia@example.test", text="SECRET", subject="SECRET"))
    assert "SECRET" not in str(live.published)
    assert "giulia" not in str(live.published).lower()


def test_entries_of_one_transaction_ring_once(
    monkeypatch: pytest.MonkeyPatch, channel: Channel, django_capture_on_commit_callbacks: OnCommit
) -> None:
    conversation = make_conversation(channel=channel)
    conversation.resolve(by=None)
    rung: list[tuple[Any, ...]] = []
    publisher._waiting().clear()
    monkeypatch.setattr(publisher, "ring_now", lambda *args: rung.append(args))
    with django_capture_on_commit_callbacks(execute=True):
        address = conversation.customer.identities.get().value
        key = conversation.threads.get().external_id
        receive(channel=channel, inbound=make_inbound(address=address, proof=Proof.TOKEN, thread_key=key))
    pks = [entry.pk for entry in conversation.entries.order_by("seq")][-2:]
    assert rung == [("conversations.after_entries", pks)]


def test_a_redis_that_is_away_fails_nobody(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    publisher._client.cache_clear()
    monkeypatch.setattr(publisher, "_silent_until", 0.0)
    publisher.publish(["all"], {"type": "hint"})
    assert publisher._silent_until > 0
    publisher._client.cache_clear()
