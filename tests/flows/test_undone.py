"""A database that undoes one commit in five, as deadlocks and the like do: nothing lost, nothing twice."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from random import Random
from typing import Any

import pytest
from django.db import OperationalError
from django.db.backends.postgresql.base import DatabaseWrapper
from psycopg.errors import DeadlockDetected, SerializationFailure

from agents.models import Agent
from channels_app import intake, reconcile, tasks
from channels_app.models import Channel, RawEvent
from conversations import after
from conversations.models import Conversation, Delivery, Entry, Message, Notification
from helpdesk.lib import queue
from tests.factories import make_agent, make_channel, make_team, route_to
from tests.paper import Post, letter

pytestmark = pytest.mark.django_db(transaction=True)
MAILS, ANSWERS, OFTEN = 20, 8, 0.2


class Unlucky:
    """Undoes some commits and counts them."""

    def __init__(self, commit: Callable[[Any], None]) -> None:
        self.commit, self.lot, self.undone = commit, Random(22), 0

    def __call__(self, wrapper: DatabaseWrapper) -> None:
        if self.lot.random() > OFTEN:
            self.commit(wrapper)
            return
        self.undone += 1
        kind = self.lot.choice([DeadlockDetected, SerializationFailure])
        raise OperationalError("undone") from kind("undone")


@pytest.fixture
def unlucky(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Unlucky]:
    monkeypatch.setattr(queue, "ring_now", lambda *args, **options: True)
    found = Unlucky(DatabaseWrapper._commit)
    with monkeypatch.context() as patch:
        patch.setattr(DatabaseWrapper, "_commit", lambda wrapper: found(wrapper))
        yield found


@pytest.fixture
def mailbox(transactional_db: None) -> Channel:
    return make_channel(name="Help", team=make_team(name="Front"))


@pytest.fixture
def ana(mailbox: Channel) -> Agent:
    assert mailbox.default_team is not None
    return make_agent(teams=(mailbox.default_team,))


def until_done(act: Callable[[], Any]) -> Any:
    """Ask again until it works, as a provider, a browser or the next sweep does."""
    for _ in range(50):
        with suppress(OperationalError):
            return act()
    raise AssertionError("never")


def test_commits_that_are_undone_lose_and_double_nothing(
    mailbox: Channel, ana: Agent, unlucky: Unlucky, sent: Post
) -> None:
    for number in range(MAILS):
        body = letter(id=f"<{number}@mail.example.test>", text=f"Mail {number}", proof="proven")
        until_done(lambda: intake.store(mailbox, body=body, headers={"x-delivery": f"d{number}"}))  # noqa: B023
    while waiting := list(RawEvent.objects.filter(state="new").values_list("pk", flat=True)):
        until_done(lambda: tasks.process_events(waiting))
    conversation = Conversation.objects.get()
    until_done(lambda: conversation.assign(by=None, agent=ana))
    for number in range(ANSWERS):
        text = f"Answer {number}"
        until_done(lambda: conversation.reply(by=ana, text=text, to=route_to(conversation), client_id=text))  # noqa: B023
    while waiting := list(Delivery.objects.filter(state="queued").order_by("pk").values_list("pk", flat=True)):
        until_done(lambda: tasks.deliver(waiting[0]))
    while left := list(Entry.objects.filter(done_at=None).values_list("pk", flat=True)):
        until_done(lambda: after.run(left))
    assert unlucky.undone > 15
    assert sorted(Message.objects.filter(direction="in").values_list("text", flat=True)) == sorted(
        f"Mail {number}" for number in range(MAILS)
    )
    assert [outbound.text for outbound in sent.accepted] == [f"Answer {number}" for number in range(ANSWERS)]
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}
    assert not RawEvent.objects.exclude(state="filed").exists()
    assert Notification.objects.count() == 1 + MAILS
    assert all(line.balances for line in until_done(lambda: list(reconcile.lines())))
    seqs = list(Entry.objects.order_by("pk").values_list("seq", flat=True))
    assert seqs == sorted(set(seqs))
