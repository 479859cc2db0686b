"""What was left behind is found: lost doorbells, dead senders, and channels that work again."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from agents.models import Agent
from channels_app import delivery, intake, sweeping, tasks
from channels_app.models import Channel
from conversations.models import Conversation, Delivery, Entry
from helpdesk.lib import clock as our_clock
from helpdesk.lib.outbound import SendError
from tests.conftest import Hints
from tests.factories import make_inbound, receive, route_to
from tests.paper import adapter, letter
from tests.waiting import together

pytestmark = pytest.mark.django_db


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What the sweep rang, without a broker."""
    rings: list[tuple[Any, ...]] = []
    monkeypatch.setattr(sweeping, "ring_now", lambda *args: rings.append(args) or True)
    monkeypatch.setattr(sweeping, "is_queue_full", lambda queue: False)
    return rings


def test_an_event_whose_ring_was_lost_is_found(
    channel: Channel, clock: time_machine.Traveller, rung: list[tuple[Any, ...]]
) -> None:
    event = intake.store(channel, body=letter(), headers={})
    assert (sweeping.sweep_events(), rung) == (0, [])
    clock.shift(11)
    sweeping.sweep_events()
    assert rung == [("channels_app.process_events", [event.pk])]


def test_a_filed_event_is_not_found_again(
    channel: Channel, clock: time_machine.Traveller, rung: list[tuple[Any, ...]]
) -> None:
    intake.process(intake.store(channel, body=letter(), headers={}).pk)
    Entry.objects.update(done_at=our_clock.now())
    clock.shift(60)
    assert (sweeping.sweep_events(), rung) == (0, [])


def test_an_entry_whose_steps_did_not_run_is_found(
    conversation: Conversation, clock: time_machine.Traveller, rung: list[tuple[Any, ...]]
) -> None:
    Entry.objects.update(recorded_at=our_clock.now())
    clock.shift(11)
    sweeping.sweep_events()
    assert rung == [("conversations.after_entries", [conversation.entries.get().pk])]


def test_an_entry_left_behind_is_announced_again(
    conversation: Conversation,
    clock: time_machine.Traveller,
    rung: list[tuple[Any, ...]],
    live: Hints,
    django_capture_on_commit_callbacks: Any,
) -> None:
    entry = conversation.entries.get()
    Entry.objects.update(recorded_at=our_clock.now())
    clock.shift(11)
    with django_capture_on_commit_callbacks(execute=True):
        sweeping.sweep_events()
    assert [(hint["entry"], hint["touched_seq"]) for hint in live.of("hint")] == [(entry.pk, entry.touched_seq)]


def test_while_the_worker_is_behind_nothing_is_announced_twice(
    conversation: Conversation,
    clock: time_machine.Traveller,
    rung: list[tuple[Any, ...]],
    live: Hints,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Entry.objects.update(recorded_at=our_clock.now())
    clock.shift(11)
    monkeypatch.setattr(sweeping, "is_queue_short", lambda queue: False)
    sweeping.sweep_events()
    assert (live.of("hint"), len(rung)) == ([], 1)


def test_what_is_done_is_not_announced_again(
    conversation: Conversation, rung: list[Any], live: Hints, django_capture_on_commit_callbacks: Any
) -> None:
    Entry.objects.update(done_at=our_clock.now())
    with django_capture_on_commit_callbacks(execute=True):
        sweeping.sweep_events()
    assert live.of("hint") == []


def test_a_due_delivery_is_rung_and_a_held_one_is_not(
    conversation: Conversation, agent: Agent, rung: list[tuple[Any, ...]]
) -> None:
    for seconds in (0, 10):
        conversation.reply(by=agent, text="On its way.", to=route_to(conversation), hold_seconds=seconds)
    due = Delivery.objects.earliest("pk")
    assert sweeping.sweep_deliveries() == 1
    assert rung == [("channels_app.deliver", due.pk)]


def test_only_the_first_of_each_line_is_rung(
    conversation: Conversation, channel: Channel, agent: Agent, rung: list[tuple[Any, ...]]
) -> None:
    other = receive(channel=channel, inbound=make_inbound(address="mihai@example.test")).conversation
    assert other is not None
    for row in (conversation, conversation, other, other):
        row.reply(by=agent, text="On its way.", to=route_to(row))
    firsts = [
        Delivery.objects.filter(message__entry__conversation=row).earliest("pk").pk for row in (conversation, other)
    ]
    assert sweeping.sweep_deliveries() == 2
    assert [args for _name, *args in rung] == [[pk] for pk in firsts]
    Delivery.objects.filter(pk=firsts[0]).update(state="sent")
    Delivery.objects.filter(pk=firsts[1]).update(state="retry", next_try_at=our_clock.real() + timedelta(hours=1))
    rung.clear()
    sweeping.sweep_deliveries()
    second = Delivery.objects.filter(message__entry__conversation=conversation).latest("pk").pk
    assert [args for _name, *args in rung] == [[second]]


def test_a_delivery_of_a_channel_that_is_down_waits(
    conversation: Conversation, agent: Agent, rung: list[tuple[Any, ...]]
) -> None:
    conversation.reply(by=agent, text="On its way.", to=route_to(conversation))
    Channel.objects.update(state="down")
    assert (sweeping.sweep_deliveries(), rung) == (0, [])


def test_a_dead_sender_is_noticed(conversation: Conversation, agent: Agent, rung: list[tuple[Any, ...]]) -> None:
    conversation.reply(by=agent, text="On its way.", to=route_to(conversation))
    Delivery.objects.update(state="sending", claimed_at=our_clock.real())
    sweeping.sweep_deliveries()
    assert (Delivery.objects.get().state, rung) == ("unknown", [])


def test_a_sleeper_is_woken(conversation: Conversation, clock: time_machine.Traveller, rung: list[Any]) -> None:
    conversation.snooze(by=None, until=our_clock.now() + timedelta(minutes=5))
    clock.shift(301)
    sweeping.sweep_events()
    conversation.refresh_from_db()
    assert conversation.status == "open"


@pytest.mark.django_db(transaction=True)
def test_only_one_sweeps_at_a_time(
    conversation: Conversation, agent: Agent, rung: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation.reply(by=agent, text="On its way.", to=route_to(conversation))
    dead = delivery.give_up_dead_claims
    found: list[Any] = []

    def meanwhile() -> int:
        found.extend(together(sweeping.sweep_deliveries) if not found else [])
        return dead()

    monkeypatch.setattr(delivery, "give_up_dead_claims", meanwhile)
    assert sweeping.sweep_deliveries() == 1
    assert (found, len(rung)) == ([0], 1)


def test_a_full_queue_is_not_rung_any_fuller(
    conversation: Conversation, agent: Agent, rung: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation.reply(by=agent, text="On its way.", to=route_to(conversation))
    monkeypatch.setattr(sweeping, "is_queue_full", lambda queue: True)
    sweeping.sweep_deliveries()
    assert rung == []


def test_each_channel_that_is_down_is_asked_on_its_own(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(tasks.check_channel, "apply_async", lambda args, **_options: asked.append(args[0]))
    tasks.check_channels()
    Channel.objects.update(state="down")
    tasks.check_channels()
    assert asked == [channel.pk]


def test_a_channel_that_works_again_is_put_back(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    Channel.objects.update(state="down", down_reason="Nobody answers.", down_since=our_clock.real())
    monkeypatch.setattr(adapter, "check", lambda channel: None, raising=False)
    sweeping.check_channel(channel.pk)
    channel.refresh_from_db()
    assert (channel.state, channel.down_reason, channel.down_since) == ("active", "", None)


def test_a_channel_that_is_still_down_says_why(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    Channel.objects.update(state="down", down_reason="Nobody answers.")

    def refuse(channel: Channel) -> None:
        raise SendError("credentials", "The password is wrong.")

    monkeypatch.setattr(adapter, "check", refuse, raising=False)
    sweeping.check_channel(channel.pk)
    channel.refresh_from_db()
    assert (channel.state, channel.down_reason) == ("down", "The password is wrong.")


def test_whether_a_queue_is_full_is_asked_of_the_broker() -> None:
    assert sweeping.is_queue_full("in") is False
