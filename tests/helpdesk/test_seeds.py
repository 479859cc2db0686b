"""The demonstration's data: read, played, once, and quickly."""

import time
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError
from django.db.models import Count

from agents.hours.counting import calendar_for, hours_of
from agents.models import Agent
from channels_app.models import Channel
from conversations.lists import segmenting
from conversations.models import Conversation, Delivery, Entry, Message
from customers.models import Company, Customer, Identity, Segment
from helpdesk.lib import clock
from helpdesk.seeds import demo, e2e, story
from helpdesk.seeds.pictures import boot


def test_a_story_is_read() -> None:
    text = """
@ Nora | it | email nora@example.test * | sms +39 055 555 0199
= 3h | Shoes | Sizes | Ana | snooze 5h
email+foto: Hello /
  there
> Luca: Hi
# Nice
"""
    (nora,) = story.read(text)
    assert [(one.kind, one.is_verified) for one in nora.addresses] == [("email", True), ("phone", False)]
    assert nora.spans[0].until == timedelta(hours=5)
    assert nora.spans[0].steps == [
        story.Step("email", "Hello\n\nthere", "", True), story.Step("reply", "Hi", "Luca"), story.Step("note", "Nice"),
    ]  # fmt: skip
    times = nora.spans[0].times(clock.now())
    assert times == sorted(times) and times[-1] < clock.now()


@pytest.mark.parametrize("line", ["nonsense", ">", "@ nobody", "= 3x | a | b | c | open"])
def test_a_line_that_is_none_is_refused(line: str) -> None:
    with pytest.raises((ValueError, KeyError, IndexError)):
        story.read(f"@ Nora | it | email n@example.test\n= 3h | a | b | - | open\n{line}")


def test_the_clock_stands_only_within() -> None:
    then = clock.real() - timedelta(days=3)
    with clock.at(then):
        assert clock.now() == then < clock.real()
    assert clock.now() > then


def test_the_picture_is_one() -> None:
    assert boot().startswith(b"\x89PNG") and len(boot()) < 5_000


def test_a_newcomer_finds_a_living_desk(db: None) -> None:
    began = time.process_time()
    made = demo.load()
    # Our own share, whatever else the machine does meanwhile.
    assert time.process_time() - began < 10
    assert {person["role"] for person in made["demo"]} == {"agent", "supervisor", "trainee", "admin"}
    assert 60 <= Customer.objects.count() <= 72
    assert set(Customer.objects.values_list("language", flat=True)) >= {"it", "ro", "en"}
    assert Company.objects.filter(customers__isnull=False).distinct().count() == 2 and _segments_find_somebody()
    assert _opens_on_a_saturday()
    assert _is_alive() and _is_told_by_several_channels() and _has_a_past()
    before = _counts()
    demo.load()
    assert _counts() == before


def _opens_on_a_saturday() -> bool:
    saturday = datetime(2026, 11, 28, 9, tzinfo=UTC)
    return hours_of(calendar_for()).closes_after(saturday) == datetime(2026, 11, 28, 13, tzinfo=UTC)


def test_the_desk_of_browser_tests_starts_over(db: None) -> None:
    began = time.process_time()
    e2e.load()
    # Our own share, whatever else the machine does meanwhile.
    assert time.process_time() - began < 10
    before = _outline()
    Conversation.objects.get(customer__name="Giulia T.", status="open").note(by=Agent.objects.all()[0], text="Mine.")
    e2e.load()
    assert _outline() == before
    assert Identity.objects.get(value="g@example.test").is_verified


def test_the_desk_of_browser_tests_spares_other_peoples_data(customer: Customer) -> None:
    with pytest.raises(CommandError):
        e2e.load()
    assert Customer.objects.get() == customer


def _outline() -> list[tuple[object, ...]]:
    """Everything that a reader of the desk could name."""
    rows = Conversation.objects.order_by("number")
    told = rows.values_list(
        "number", "customer__name", "status", "assignee__email", "last_preview", "customer__last_seq"
    )
    return [*told, *Agent.objects.order_by("email").values_list("email", "name", "language")]


def _counts() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Agent, Channel, Customer, Identity, Conversation, Entry, Message))


def _is_alive() -> bool:
    """Something of everything: overdue, due soon, due later, waiting, snoozed, resolved, nobody's."""
    now = clock.now()
    states = Counter(Conversation.objects.values_list("status", flat=True))
    due = [at - now for at in Conversation.objects.exclude(next_due_at=None).values_list("next_due_at", flat=True)]
    minutes = {int(left.total_seconds() // 60) for left in due}
    overdue = sum(left < timedelta(0) for left in due)
    soon = sum(timedelta(0) < left < timedelta(minutes=30) for left in due)
    nobodys = Conversation.objects.open().unassigned().count()
    return (
        min(states.values()) >= 4
        and len(states) == 4
        and overdue >= 3
        and soon >= 2
        and nobodys >= 4
        and len(minutes) > 12
    )


def _segments_find_somebody() -> bool:
    agent = Agent.objects.get(email="sam@example.test")
    return all(one.count and not one.is_broken for one in segmenting.counted(Segment.objects.all(), agent))


def _is_told_by_several_channels() -> bool:
    channels = Customer.objects.annotate(n=Count("messages__channel", distinct=True)).filter(n__gte=2).count()
    kinds = set(Entry.objects.values_list("kind", flat=True))
    return channels >= 8 and kinds >= {"message", "note", "call", "status", "assignment"}


def _has_a_past() -> bool:
    """Long ago is told as long ago, nothing of it is still to be sent, and nothing lies ahead."""
    now = clock.now()
    oldest = Entry.objects.order_by("occurred_at").values_list("occurred_at", flat=True)[0]
    old = Delivery.objects.filter(message__entry__recorded_at__lt=now - timedelta(days=3))
    is_settled = not old.filter(state__in=["queued", "retry", "sending"]).exists()
    return oldest < now - timedelta(days=180) and is_settled and not Entry.objects.filter(occurred_at__gt=now).exists()
