"""Reading the history again: what it told is known, once; what people decided stands; no page is touched."""

from datetime import timedelta
from functools import partial

import pytest
import time_machine
from django.core.management import call_command

from agents.models import Agent, Workspace
from channels_app.models import Channel
from conversations.known import facts, learning
from conversations.models import Conversation, Entry, Fact, Suggestion
from tests.factories import make_inbound, receive, route_to
from tests.waiting import together

pytestmark = pytest.mark.django_db


def told(channel: Channel, address: str, text: str) -> Entry:
    """Let somebody write; the steps after an entry do not run, as before they were there."""
    return receive(channel=channel, inbound=make_inbound(address=address, text=text))


def values() -> list[str]:
    return list(Fact.objects.filter(is_current=True).order_by("pk").values_list("value", flat=True))


def test_the_command_learns_from_old_entries_once_and_touches_none(
    channel: Channel, agent: Agent, capsys: pytest.CaptureFixture[str]
) -> None:
    old = [told(channel, f"anna{n}@example.test", "My order 10432 is late") for n in range(3)]
    for _time in range(2):
        call_command("learn", "--batch", "2")
        assert values() == ["10432"] * 3
    assert [Entry.objects.get(pk=entry.pk).touched_seq for entry in old] == [entry.touched_seq for entry in old]
    assert Suggestion.objects.filter(state="open").count() == 3
    assert "3 entries read, 3 things learnt, 0 given up." in capsys.readouterr().out


def test_it_goes_on_where_it_was_stopped(channel: Channel) -> None:
    old = [told(channel, f"anna{n}@example.test", f"My order {10432 + n} is late") for n in range(3)]
    steps = learning.read_entries(batch=1)
    assert next(steps).last == old[0].pk
    steps.close()
    assert values() == ["10432"]
    assert [step.last for step in learning.read_entries(old[0].pk, batch=1)] == [old[1].pk, old[2].pk]
    assert values() == ["10432", "10433", "10434"]


def test_a_changed_order_pattern_is_learnt_and_unlearnt(channel: Channel, agent: Agent) -> None:
    entry = told(channel, "anna@example.test", "My order 10432 is RO-123456")
    facts.after_entry(entry)
    assert values() == ["10432"]
    Workspace.get()
    Workspace.objects.update(order_pattern="RO-999999")
    assert [(step.new, step.gone) for step in learning.read_entries()] == [(1, 1)]
    assert values() == ["RO-123456"]


def test_what_people_dismissed_and_corrected_stands(channel: Channel, agent: Agent) -> None:
    for number in ("10432", "20981"):
        facts.after_entry(told(channel, "anna@example.test", f"My order {number} is late"))
    facts.dismiss(Fact.objects.get(value="10432"), by=agent)
    facts.correct(Fact.objects.get(value="20981"), "20982", by=agent)
    list(learning.read_entries())
    assert values() == ["20982"]


def test_an_old_promise_alerts_nobody(conversation: Conversation, agent: Agent, clock: time_machine.Traveller) -> None:
    conversation.reply(by=agent, text="I will call you within 2 hours.", to=route_to(conversation))
    clock.shift(timedelta(days=400))
    assert list(learning.read_entries())
    assert not Fact.objects.filter(kind="promised").exists() and facts.tell_overdue(10) == 0


@pytest.mark.django_db(transaction=True)
def test_two_readings_and_a_worker_at_once_learn_once(channel: Channel) -> None:
    entry = told(channel, "anna@example.test", "My order 10432 is late, phone 07700 900123")
    acts = [partial(list, learning.read_entries()), partial(list, learning.read_entries())]
    assert not any(isinstance(one, Exception) for one in together(*acts, partial(facts.after_entry, entry)))
    assert sorted(values()) == ["+44 7700 900123", "10432"]
