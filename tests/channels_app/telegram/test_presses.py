"""A pressed button waits no longer as soon as its press is filed; nothing depends on it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from channels_app import courtesy, intake, tasks
from channels_app.models import Channel, ChannelLog
from conversations.models import Entry
from helpdesk.lib import clock
from helpdesk.lib.events import Event, EventKind
from tests import factories
from tests.channels_app.provider import serving
from tests.channels_app.telegram.counterpart import TOKEN, Telegram

pytestmark = pytest.mark.django_db
BODY = (Path(__file__).parent / "payloads" / "pressed.json").read_bytes()
NAME = "4382000000000000001"


@pytest.fixture
def telegram() -> Iterator[Telegram]:
    counterpart = Telegram()
    counterpart.pressed.add(NAME)
    with serving(counterpart):
        yield counterpart


@pytest.fixture
def channel(telegram: Telegram, settings: Any) -> Channel:
    settings.PRIVATE_HOSTS_ALLOWED = [f"127.0.0.1:{telegram.port}"]
    return factories.make_channel(kind="telegram", config={"token": TOKEN, "base_url": telegram.url, "secret": "s"})


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []
    monkeypatch.setattr(courtesy, "ring", lambda *args: found.append(args))
    return found


def file(channel: Channel, body: bytes = BODY) -> str:
    return intake.process(intake.store(channel, body=body, headers={}).pk)


def test_a_press_is_answered_once_it_is_filed(
    channel: Channel, telegram: Telegram, rung: list[tuple[Any, ...]]
) -> None:
    assert file(channel) == "filed"
    # Filing itself asks nobody.
    assert (rung, telegram.answered) == ([("channels_app.acknowledge", channel.pk, NAME)], [])
    tasks.acknowledge(*rung[0][1:])
    assert telegram.answered == [{"callback_query_id": NAME}]
    file(channel)
    assert len(rung) == 1


def test_an_answer_that_comes_too_late_troubles_nobody(channel: Channel, telegram: Telegram) -> None:
    telegram.pressed.clear()
    tasks.acknowledge(channel.pk, NAME)
    channel.refresh_from_db()
    assert (telegram.answered, channel.state) == ([], Channel.State.ACTIVE)


def test_nothing_is_answered_on_a_channel_that_is_paused(channel: Channel, telegram: Telegram) -> None:
    Channel.objects.filter(pk=channel.pk).update(state=Channel.State.PAUSED)
    tasks.acknowledge(channel.pk, NAME)
    assert (telegram.answered, telegram.pressed) == ([], {NAME})


def test_only_presses_are_answered_and_only_where_an_app_waits(rung: list[tuple[Any, ...]]) -> None:
    line = factories.make_channel(kind="line", config={"access_token": "t", "channel_secret": "s"})
    telegram = factories.make_channel(name="Bot", kind="telegram", config={"token": TOKEN})
    press = Event(EventKind.POSTBACK, sender_id="5550100", message_id="1")
    courtesy.ask_to_acknowledge(line, press)
    courtesy.ask_to_acknowledge(telegram, Event(EventKind.MESSAGE, sender_id="5550100", message_id="1"))
    assert rung == []
    courtesy.ask_to_acknowledge(telegram, press)
    assert len(rung) == 1


def test_the_sandbox_sees_it(rung: list[tuple[Any, ...]]) -> None:
    channel = factories.make_channel(kind="telegram", config={"token": "1:x"}, is_sandbox=True)
    simulator = channel.adapter.simulator
    assert simulator is not None
    press = Event(EventKind.POSTBACK, sender_id="5550100", text="Yes", payload="yes", occurred_at=clock.now())
    file(channel, simulator.webhook(channel, press).body)
    assert Entry.objects.get(kind="message").message.text == "Yes"
    tasks.acknowledge(*rung[0][1:])
    tasks.acknowledge(channel.pk, "no number")
    told = ChannelLog.objects.filter(what="answerCallbackQuery").order_by("pk")
    assert list(told.values_list("is_ok", flat=True)) == [True, False]
