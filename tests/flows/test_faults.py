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
from conversations import after, live
from conversations.models import Conversation, Delivery, Entry
from helpdesk.embedded import PROJECT
from helpdesk.lib import clock, fleeting, queue
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


@pytest.mark.parametrize("at", ["ingest.after_read", "ingest.before_commit"])
def test_a_listener_killed_before_the_commit_has_promised_nothing(mailbox: Channel, at: str) -> None:
    in_a_process_that_dies(storing(mailbox), at)
    assert RawEvent.objects.count() == 0


@pytest.mark.parametrize("at", ["ingest.after_commit_before_announce", "ingest.after_commit_before_ack"])
def test_a_listener_killed_before_its_answer_is_given_the_same_mail_again(
    mailbox: Channel, rung: list[Any], at: str
) -> None:
    in_a_process_that_dies(storing(mailbox), at)
    # Nobody rang, or nobody heard it: the sweep finds it, and the sender brings it again.
    sweeping.sweep_events()
    assert rung == [("channels_app.process_events", [RawEvent.objects.get().pk])]
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


def test_a_sender_killed_after_its_work_leaves_the_next_answer_to_the_sweep(
    mailbox: Channel, agent: Agent, sink: Sink, rung: list[Any]
) -> None:
    first = answer(mailbox, agent)
    conversation = Conversation.objects.get()
    conversation.reply(by=agent, text="And the shoes on Friday.", to=route_to(conversation))
    in_a_process_that_dies(f"from channels_app import delivery; delivery.deliver({first.pk})", "send.after_commit")
    first.refresh_from_db()
    assert (first.state, delivery.deliver(first.pk), len(sink.mails)) == ("sent", "sent", 1)
    sweeping.sweep_deliveries()
    assert rung == [("channels_app.deliver", Delivery.objects.latest("pk").pk)]
    assert delivery.deliver(rung[0][1]) == "sent"
    assert len(sink.mails) == 2


@pytest.mark.parametrize("sweep", ["sweep_deliveries", "sweep_events"])
def test_a_sweep_killed_in_the_middle_is_done_by_the_next(
    mailbox: Channel, agent: Agent, sink: Sink, rung: list[Any], sweep: str
) -> None:
    stuck = answer(mailbox, agent)
    Delivery.objects.filter(pk=stuck.pk).update(state="sending", claimed_at=clock.real())
    left = intake.store(mailbox, body=letter(message_id="<left@x.test>"), headers={})
    in_a_process_that_dies(f"from channels_app import sweeping; sweeping.{sweep}()", "sweep.mid")
    # PostgreSQL frees the dead sweeper's lock when it notices.
    until(lambda: sweeping.sweep_deliveries() or Delivery.objects.filter(pk=stuck.pk, state="unknown").exists())
    until(lambda: sweeping.sweep_events() or ("channels_app.process_events", [left.pk]) in rung)
    stuck.refresh_from_db()
    assert (stuck.state, sink.mails) == ("unknown", [])
    assert ("channels_app.process_events", [left.pk]) in rung
    tasks.process_events([left.pk])
    left.refresh_from_db()
    assert left.state == "filed"


@pytest.mark.slow
def test_a_mail_that_kills_every_worker_is_put_aside_and_the_queue_moves_on(mailbox: Channel, settings: Any) -> None:
    settings.INBOUND_ATTEMPTS_MAX = 2
    poison = arrive(mailbox)
    other = intake.store(mailbox, body=letter(message_id="<after@x.test>"), headers={})
    for _ in range(2):
        in_a_process_that_dies(f"from channels_app import tasks; tasks.process_event({poison.pk})", "job.after_start")
    tasks.process_events([poison.pk, other.pk])
    poison.refresh_from_db()
    assert (poison.state, intake.body_of(poison)) == ("quarantined", letter())
    assert Entry.objects.get(kind="message").raw_id == other.pk


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
    # What comes after this test publishes again at once.
    for module in (fleeting, live, queue):
        monkeypatch.setattr(module, "_silent_until", 0.0)
    event = arrive(mailbox)
    assert intake.process(event.pk) == "filed"
