"""After an entry: every step runs once, a broken one stops nobody, and nobody is told twice."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.module_loading import import_string

from agents.models import Agent
from conversations import after, snoozing
from conversations.models import Conversation, Entry, Notification
from helpdesk.lib import clock as our_clock
from tests.waiting import together

pytestmark = pytest.mark.django_db


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The steps to run, in place of settings.AFTER_ENTRY."""
    found: list[Any] = []
    monkeypatch.setattr(after, "_steps", lambda: tuple(found))
    return found


def broken(entry: Entry) -> None:
    raise ZeroDivisionError


def test_the_steps_run_in_order_and_the_entry_is_done(conversation: Conversation, steps: list[Any]) -> None:
    seen: list[str] = []
    steps += [lambda entry: seen.append("first"), lambda entry: seen.append("second")]
    entry = conversation.entries.get()
    after.run([entry.pk])
    entry.refresh_from_db()
    assert seen == ["first", "second"]
    assert (entry.done_at is not None, entry.after_attempts) == (True, 1)


def test_a_step_that_breaks_leaves_nothing_behind_unless_it_stands_alone(
    conversation: Conversation, steps: list[Any]
) -> None:
    def write(entry: Entry) -> None:
        assert transaction.get_connection().in_atomic_block
        Conversation.objects.filter(pk=entry.conversation_id).update(subject="Half done")
        raise ZeroDivisionError

    steps += [write, after.alone(lambda entry: Conversation.objects.update(warning="Done"))]
    after.run([conversation.entries.get().pk])
    conversation.refresh_from_db()
    assert (conversation.subject, conversation.warning) == ("My parcel", "Done")


def test_what_is_done_is_not_run_again(conversation: Conversation, steps: list[Any]) -> None:
    seen: list[int] = []
    steps.append(lambda entry: seen.append(entry.pk))
    pk = conversation.entries.get().pk
    after.run([pk])
    after.run([pk])
    assert seen == [pk]


def test_a_broken_step_stops_no_other_and_is_tried_again(conversation: Conversation, steps: list[Any]) -> None:
    seen: list[int] = []
    steps += [broken, lambda entry: seen.append(entry.pk)]
    entry = conversation.entries.get()
    after.run([entry.pk])
    entry.refresh_from_db()
    assert (seen, entry.done_at, entry.after_attempts) == ([entry.pk], None, 1)


def test_after_five_attempts_it_is_done(conversation: Conversation, steps: list[Any]) -> None:
    steps.append(broken)
    entry = conversation.entries.get()
    for _ in range(6):
        after.run([entry.pk])
    entry.refresh_from_db()
    assert (entry.after_attempts, entry.done_at is not None) == (5, True)


def test_an_entry_that_does_not_exist_is_passed_over(conversation: Conversation, steps: list[Any]) -> None:
    after.run([0, conversation.entries.get().pk])
    assert Entry.objects.filter(done_at=None).count() == 0


def test_entries_left_behind_are_found_after_ten_seconds(
    clock: time_machine.Traveller, conversation: Conversation
) -> None:
    assert after.left_behind(10) == []
    clock.shift(11)
    assert after.left_behind(10) == [conversation.entries.get().pk]


def test_the_owner_is_told_of_a_customers_message_once(conversation: Conversation, agent: Agent) -> None:
    conversation.take(by=agent)
    Entry.objects.update(done_at=None)
    pk = conversation.entries.earliest("seq").pk
    for _ in range(2):
        Entry.objects.filter(pk=pk).update(done_at=None)
        after.run([pk])
    assert list(Notification.objects.values_list("agent", "entry", "kind")) == [(agent.pk, pk, "reply")]


def everything() -> dict[str, list[Any]]:
    """Every row of ours, to see whether something was done twice."""
    rooms = {"agents", "customers", "conversations", "channels_app"}
    models = [model for model in apps.get_models() if model._meta.app_label in rooms]
    return {model._meta.label: list(model._default_manager.order_by("pk").values_list()) for model in models}


@pytest.mark.parametrize("name", settings.AFTER_ENTRY)
def test_a_step_that_runs_twice_changes_nothing(name: str, conversation: Conversation, agent: Agent) -> None:
    conversation.take(by=agent)
    step = import_string(name)
    for entry in Entry.objects.order_by("pk"):
        step(entry)
    once = everything()
    for entry in Entry.objects.order_by("pk"):
        step(entry)
    assert everything() == once
    assert len(once["conversations.Notification"]) == (1 if "notify" in name else 0)


@pytest.mark.django_db(transaction=True)
def test_steps_that_run_in_parallel_do_everything_once(conversation: Conversation, agent: Agent) -> None:
    conversation.take(by=agent)
    Entry.objects.update(done_at=None)
    pks = list(conversation.entries.values_list("pk", flat=True))
    assert together(*[lambda: after.run(pks)] * 4) == [None] * 4
    assert Notification.objects.count() == 1
    assert not Entry.objects.filter(Q(done_at=None) | Q(after_attempts__gt=1)).exists()
    once = everything()
    together(*[lambda: after.run(pks)] * 4)
    assert everything() == once


def test_nobody_is_told_of_their_own_doing(conversation: Conversation, agent: Agent) -> None:
    entry = conversation.take(by=agent)
    assert entry is not None
    after.run([entry.pk])
    assert Notification.objects.count() == 0


def test_whoever_is_given_work_is_told(conversation: Conversation, agent: Agent, colleague: Agent) -> None:
    entry = conversation.assign(by=agent, agent=colleague)
    assert entry is not None
    after.run([entry.pk])
    assert list(Notification.objects.values_list("agent__name", "kind")) == [("Bruno Rossi", "assigned")]


def test_a_sleeper_wakes_when_its_time_has_come(
    clock: time_machine.Traveller, conversation: Conversation, agent: Agent
) -> None:
    conversation.snooze(by=agent, until=our_clock.now() + timedelta(hours=1))
    assert snoozing.wake_due(10) == 0
    clock.shift(timedelta(hours=1, seconds=1))
    assert (snoozing.wake_due(10), snoozing.wake_due(10)) == (1, 0)
    conversation.refresh_from_db()
    assert (conversation.status, conversation.entries.latest("seq").actor) == ("open", "system")
