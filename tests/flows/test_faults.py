"""Processes that die at the worst moment, and a Redis that forgets: nothing is lost, nothing is sent twice."""

import os
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest
import redis
from django.conf import settings

from agents.models import Agent
from channels_app import delivery, intake, sweeping, tasks
from channels_app.models import Channel, RawEvent
from conversations import after
from conversations.models import Conversation, Delivery, Entry
from helpdesk.embedded import PROJECT
from helpdesk.lib import clock
from tests.channels_app.email.letters import letter
from tests.channels_app.email.sink import Sink
from tests.factories import make_agent, route_to
from tests.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)
KILLED = 137


def in_a_process_that_dies(code: str, at: str) -> None:
    """Run code of ours in a process of its own, which is killed when it reaches a fail point."""
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "TESTING_FAILPOINTS": "1",
        "FAILPOINTS": f"{at}=kill",
        "ALLOWED_PORTS": ",".join(settings.PRIVATE_HOSTS_ALLOWED),
    }
    start = "import os, django; django.setup(); from django.conf import settings\n"
    start += "settings.PRIVATE_HOSTS_ALLOWED = os.environ['ALLOWED_PORTS'].split(',')\n"
    done = subprocess.run([sys.executable, "-c", start + code], cwd=PROJECT, env=env, timeout=60, capture_output=True)
    assert done.returncode == KILLED, done.stderr.decode()


@pytest.fixture
def agent(mailbox: Channel) -> Agent:
    assert mailbox.default_team is not None
    return make_agent(name="Ana Ionescu", teams=(mailbox.default_team,))


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What the sweep finds again, without a broker."""
    rings: list[tuple[Any, ...]] = []
    monkeypatch.setattr(sweeping, "ring_now", lambda *args: rings.append(args) or True)
    monkeypatch.setattr(sweeping, "is_queue_full", lambda queue: False)
    for module in (sweeping, after):
        monkeypatch.setattr(module, "WAIT", timedelta(0))
    return rings


def arrive(mailbox: Channel) -> RawEvent:
    return intake.store(mailbox, body=letter(), headers={})


def storing(mailbox: Channel) -> str:
    """The code of a listener that was given a mail."""
    found = f"Channel.objects.get(pk={mailbox.pk})"
    names = "from channels_app import intake; from channels_app.models import Channel\n"
    return f"{names}intake.store({found}, body={letter()!r}, headers={{}})"


def answer(mailbox: Channel, agent: Agent) -> Delivery:
    intake.process(arrive(mailbox).pk)
    conversation = Conversation.objects.get()
    conversation.reply(by=agent, text="It left on Monday.", to=route_to(conversation))
    return Delivery.objects.get()


@pytest.mark.parametrize("at", ["job.after_start", "job.before_commit"])
def test_a_worker_killed_while_filing_loses_and_doubles_nothing(mailbox: Channel, rung: list[Any], at: str) -> None:
    event = arrive(mailbox)
    in_a_process_that_dies(f"from channels_app import intake; intake.process({event.pk})", at)
    event.refresh_from_db()
    assert (event.state, event.attempts, Entry.objects.count()) == ("new", 1, 0)
    sweeping.sweep_events()
    assert rung == [("channels_app.process_events", [event.pk])]
    tasks.process_events([event.pk])
    tasks.process_events([event.pk])
    assert (Entry.objects.count(), Conversation.objects.count()) == (1, 1)


def test_a_worker_killed_before_telling_is_made_good_by_the_sweep(mailbox: Channel, rung: list[Any]) -> None:
    event = arrive(mailbox)
    code = f"from channels_app import intake; intake.process({event.pk})"
    in_a_process_that_dies(code, "job.after_commit_before_push")
    assert Entry.objects.count() == 1
    sweeping.sweep_events()
    assert rung == [("conversations.after_entries", [Entry.objects.get().pk])]


def test_a_listener_killed_before_the_commit_has_promised_nothing(mailbox: Channel) -> None:
    in_a_process_that_dies(storing(mailbox), "ingest.before_commit")
    assert RawEvent.objects.count() == 0


def test_a_listener_killed_before_its_answer_is_given_the_same_mail_again(mailbox: Channel) -> None:
    in_a_process_that_dies(storing(mailbox), "ingest.after_commit_before_ack")
    intake.process(arrive(mailbox).pk)
    assert (RawEvent.objects.get().copies_count, Entry.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("at", "mails"), [("send.after_claim", 0), ("send.before_request", 0), ("send.after_accept_before_commit", 1)]
)
def test_a_sender_killed_while_sending_never_sends_twice(
    mailbox: Channel, agent: Agent, sink: Sink, rung: list[Any], at: str, mails: int
) -> None:
    waiting = answer(mailbox, agent)
    in_a_process_that_dies(f"from channels_app import delivery; delivery.deliver({waiting.pk})", at)
    waiting.refresh_from_db()
    assert (waiting.state, len(sink.mails)) == ("sending", mails)
    # PostgreSQL frees the dead sender's lock when it notices; the sweeper comes by every few seconds.
    until(lambda: sweeping.sweep_deliveries() == 1)
    waiting.refresh_from_db()
    assert (waiting.state, rung) == ("unknown", [])
    assert waiting.error
    delivery.deliver(waiting.pk)
    assert len(sink.mails) == mails


def test_a_stuck_answer_blocks_only_its_own_conversation(mailbox: Channel, agent: Agent, sink: Sink) -> None:
    stuck = answer(mailbox, agent)
    Delivery.objects.filter(pk=stuck.pk).update(state="sending", claimed_at=clock.real())
    other = intake.store(mailbox, body=letter(**{"from": "b@example.test", "message_id": "<b@x.test>"}), headers={})
    intake.process(other.pk)
    conversation = Conversation.objects.latest("pk")
    conversation.reply(by=agent, text="To you at once.", to=route_to(conversation))
    assert delivery.deliver(Delivery.objects.latest("pk").pk) == "sent"


def test_a_redis_that_forgot_everything_costs_only_time(
    mailbox: Channel, agent: Agent, sink: Sink, rung: list[Any]
) -> None:
    event = arrive(mailbox)
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        for key in client.scan_iter(f"{settings.HUB_PREFIX}*"):
            client.delete(key)
    sweeping.sweep_events()
    tasks.process_events([event.pk])
    conversation = Conversation.objects.get()
    conversation.reply(by=agent, text="It left on Monday.", to=route_to(conversation))
    assert sweeping.sweep_deliveries() == 1
    delivery.deliver(Delivery.objects.get().pk)
    assert (Delivery.objects.get().state, len(sink.mails)) == ("sent", 1)
    assert [name for name, *_ in rung] == ["channels_app.process_events", "channels_app.deliver"]


def test_without_redis_a_mail_is_still_taken_and_filed(mailbox: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "REDIS_URL", "unix:///nowhere/redis.sock")
    event = arrive(mailbox)
    assert intake.process(event.pk) == "filed"
