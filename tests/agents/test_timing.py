"""The workspace's clock is moved by administrators of desks that play, and everybody's timers go by it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from agents import timing
from agents.models import Agent, AuditRow, Workspace
from channels_app import delivery
from conversations.models import Conversation, Delivery
from conversations.snoozing import wake_due
from helpdesk.lib import clock as clocks
from tests.factories import make_agent, route_to

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def back_to_real() -> Iterator[None]:
    yield
    clocks.shift(0)


@pytest.fixture
def admin(db: None) -> Agent:
    return make_agent(name="Ada Bianchi", role="admin")


def move(client: Client, admin: Agent, **data: str) -> str:
    client.force_login(admin)
    return client.post("/settings/system/clock/advance/", data, follow=True).content.decode()


def test_the_clock_is_advanced_and_comes_back(
    client: Client, admin: Agent, clock: time_machine.Traveller, live: Any, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        move(client, admin, unit="days", count="2")
    assert clocks.now() - clocks.real() == timedelta(days=2)
    assert "24 Nov" in client.get("/settings/system/clock/").content.decode()
    assert {frame["id"] for frame in live.of("nudge")} == {2 * 86_400}
    with django_capture_on_commit_callbacks(execute=True):
        move(client, admin, unit="real")
    assert clocks.now() == clocks.real()
    assert AuditRow.objects.filter(thing="clock").count() == 2


@pytest.mark.parametrize("data", [{"unit": "days", "count": "0"}, {"unit": "years", "count": "1"}, {"count": "x"}, {}])
def test_nonsense_moves_nothing(client: Client, admin: Agent, data: dict[str, str]) -> None:
    assert "Time passes forward only" in move(client, admin, **data)
    assert Workspace.get().clock_offset_seconds == 0


def test_where_customers_are_served_the_clock_stays(client: Client, admin: Agent, settings: Any) -> None:
    settings.PRODUCTION = True
    assert "its clock stays" in move(client, admin, unit="days", count="1")
    timing.allow_sandboxes(is_allowed=True, by=admin)
    move(client, admin, unit="days", count="1")
    assert Workspace.get().clock_offset_seconds == 86_400


def test_a_request_reads_the_clock_at_most_once_a_second(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timing, "READ_EVERY", 1.0)
    monkeypatch.setattr(timing, "_read_at", 0.0)
    Workspace.objects.update_or_create(pk=1, defaults={"clock_offset_seconds": 3_600})
    client.get("/login/")
    assert clocks.shift_seconds() == 3_600
    Workspace.objects.update(clock_offset_seconds=0)
    client.get("/login/")
    assert clocks.shift_seconds() == 3_600


def test_sleepers_wake_by_it_and_claims_do_not_die_of_it(conversation: Conversation, agent: Agent) -> None:
    conversation.snooze(by=agent, until=clocks.now() + timedelta(hours=20))
    entry = conversation.reply(by=agent, text="Hi", to=route_to(conversation))
    sending = Delivery.objects.get(message_id=entry.pk)
    Delivery.objects.filter(pk=sending.pk).update(state="sending", claimed_at=clocks.real())
    clocks.shift(86_400)
    assert wake_due(10) == 1
    sending.refresh_from_db()
    assert delivery.clock.real() - sending.claimed_at < timedelta(minutes=1)


def test_what_is_to_go_later_goes_by_it(conversation: Conversation, agent: Agent) -> None:
    entry = conversation.reply(
        by=agent, text="Hi", to=route_to(conversation), send_at=clocks.now() + timedelta(hours=5)
    )
    waiting = Delivery.objects.get(message_id=entry.pk)
    assert waiting not in delivery.due()
    clocks.shift(6 * 3_600)
    assert waiting in delivery.due()
    assert delivery.deliver(waiting.pk) == "sent"
