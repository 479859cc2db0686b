"""Statements of a sending: few, under the right lock, and the claim says what the list of what is due says."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from agents.models import Agent, Workspace
from channels_app import claiming, delivery, sending_sql
from channels_app.models import Channel
from conversations.models import Conversation, Delivery, Message
from helpdesk.lib import clock, sql
from tests import cards, factories
from tests.paper import Post

pytestmark = pytest.mark.django_db


def answer(conversation: Conversation, by: Agent) -> Delivery:
    entry = conversation.reply(by=by, text="Soon.", to=factories.route_to(conversation))
    return Delivery.objects.get(message=entry.message)


def count(monkeypatch: pytest.MonkeyPatch, queued: Delivery) -> tuple[int, int]:
    """Send it; return how many statements went through the ORM, and how many were prepared. Savepoints do not count."""
    prepared: list[str] = []
    run = sql.run
    monkeypatch.setattr(sql, "run", lambda text, values: [prepared.append(text), run(text, values)][1])
    with CaptureQueriesContext(connection) as found:
        assert delivery.deliver(queued.pk) == "sent"
    asked = [query["sql"] for query in found if "SAVEPOINT" not in query["sql"]]
    return len(asked), len(prepared)


def test_a_message_in_one_piece_asks_little(agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    cards.empty()
    # The box of cards keeps no log; a provider that is asked costs one more.
    assert count(monkeypatch, answer(cards.make_conversation(), agent)) == (0, 18)


def test_a_mail_asks_little(
    conversation: Conversation, agent: Agent, sent: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What it refers to and its files; what stands in its parts and in the line.
    assert count(monkeypatch, answer(conversation, agent)) == (2, 17)


def test_who_was_given_another_customer_meanwhile_is_locked_anew(
    conversation: Conversation, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    queued, other, locked = answer(conversation, agent), factories.make_customer(), []
    lock = sending_sql.lock_customer

    def slow(pk: int) -> int:
        found = lock(pk)
        if not locked:
            # As whoever waits for a lock finds it: the row that was locked is not the one that counts any more.
            Message.objects.filter(pk=queued.message_id).update(customer=other)
        locked.append(found)
        return found

    monkeypatch.setattr(sending_sql, "lock_customer", slow)
    # Here the change would be undone with the lock.
    monkeypatch.setattr(transaction, "set_rollback", lambda _yes: None)
    with claiming.lock_customer_of(queued.pk) as found:
        assert found.message.customer == other
    assert locked == [conversation.customer_id, other.pk]


@pytest.mark.parametrize(
    ("changes", "fields", "is_held"),
    [
        ({}, {}, False), ({}, {}, True), ({"state": "paused"}, {}, False), ({"state": "down"}, {}, False),
        ({}, {"next_try_at": 60}, False), ({}, {"next_try_at": 60, "send_at": 60}, False),
        ({}, {"next_try_at": -60, "send_at": -60}, False), ({}, {"state": "retry"}, False),
    ],
)  # fmt: skip
def test_what_is_claimed_is_what_is_ready(
    conversation: Conversation, agent: Agent, changes: dict[str, str], fields: dict[str, Any], is_held: bool
) -> None:
    queued = answer(conversation, agent)
    Channel.objects.update(**changes)
    now = clock.real()
    Delivery.objects.update(
        **{name: now + timedelta(seconds=value) if isinstance(value, int) else value for name, value in fields.items()}
    )
    Workspace.objects.update_or_create(pk=1, defaults={"held_since": now if is_held else None})
    is_ready = claiming.ready().filter(pk=queued.pk).exists()
    found = sending_sql.load(queued.pk)
    parts = sending_sql.parts_of(found)
    assert sending_sql.claim(found, parts) is is_ready
    queued.refresh_from_db()
    assert (queued.state == "sending") is is_ready
    assert {part.state for part in queued.parts.all()} == ({"sending"} if is_ready else {"queued"})
