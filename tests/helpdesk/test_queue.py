"""A ring is what Celery would have written, and no trouble to whoever rings."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from celery import current_app
from django.conf import settings

from channels_app import tasks as channel_tasks
from conversations import tasks as conversation_tasks
from helpdesk.lib import queue

ITS_OWN = {"id", "root_id", "correlation_id", "delivery_tag", "origin", "reply_to", "eta"}


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> "Iterator[redis.Redis]":
    monkeypatch.setattr(queue, "_silent_until", 0.0)
    link = redis.Redis.from_url(settings.REDIS_URL)
    for name in ("in", "out"):
        link.delete(_list(name))
    yield link
    for name in ("in", "out"):
        link.delete(_list(name))


@pytest.mark.parametrize(
    ("task", "args", "listed"),
    [
        ("channels_app.process_event", (7,), "in"),
        ("channels_app.deliver", (7,), "out"),
        ("conversations.after_entries", ([7, 8],), "in"),
    ],
)
def test_a_ring_is_the_message_that_celery_writes(
    broker: "redis.Redis", task: str, args: tuple[Any, ...], listed: str
) -> None:
    assert {channel_tasks.deliver.name, conversation_tasks.after_entries.name} < set(current_app.tasks)
    assert queue.ring_now(task, *args)
    current_app.send_task(task, args=args)
    theirs, ours = (json.loads(text) for text in broker.lrange(_list(listed), 0, -1))
    assert _comparable(ours) == _comparable(theirs)


def test_a_long_task_may_take_its_time(broker: "redis.Redis") -> None:
    assert queue.ring_now("helpdesk.export", 7)
    (text,) = broker.lrange(_list("in"), 0, -1)
    assert json.loads(text)["headers"]["timelimit"] == [6 * 3600, 6 * 3600 - 60]


def test_a_ring_for_later_says_when_as_celery_does(broker: "redis.Redis") -> None:
    assert queue.ring_now("channels_app.deliver", 7, countdown_seconds=60)
    current_app.send_task("channels_app.deliver", args=(7,), countdown=60)
    theirs, ours = (json.loads(text)["headers"]["eta"] for text in broker.lrange(_list("out"), 0, -1))
    assert ours[:15] == theirs[:15] or abs(int(ours[14:16]) - int(theirs[14:16])) in (1, 59)
    assert ours[-6:] == theirs[-6:] == "+00:00"


def test_no_two_rings_are_the_same_to_the_broker(broker: "redis.Redis") -> None:
    queue.ring_now("channels_app.process_event", 7)
    queue.ring_now("channels_app.process_event", 7)
    tags = {json.loads(text)["properties"]["delivery_tag"] for text in broker.lrange(_list("in"), 0, -1)}
    assert len(tags) == 2


def test_a_broker_that_is_away_costs_the_caller_nothing(broker: "redis.Redis", monkeypatch: pytest.MonkeyPatch) -> None:
    away = redis.Redis(host="127.0.0.1", port=1, socket_connect_timeout=1)
    monkeypatch.setattr(queue, "_client", lambda url: away)
    assert not queue.ring_now("channels_app.process_event", 7)
    monkeypatch.undo()
    assert broker.llen(_list("in")) == 0


def test_a_queue_that_holds_too_many_rings_is_full_and_so_is_one_that_is_away(
    broker: "redis.Redis", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "FULL", 1)
    queue.ring_now("channels_app.process_event", 7)
    assert not queue.is_full("in")
    queue.ring_now("channels_app.process_event", 7)
    assert queue.is_full("in")
    monkeypatch.setattr(queue, "_client", lambda url: redis.Redis(host="127.0.0.1", port=1))
    assert queue.is_full("in")


def _list(name: str) -> str:
    return f"{settings.CELERY_BROKER_TRANSPORT_OPTIONS['global_keyprefix']}{name}"


def _comparable(message: dict[str, Any]) -> dict[str, Any]:
    """The message with its body decoded, and without the values that name it alone."""
    own = dict.fromkeys(ITS_OWN, "its own")
    for part in ("headers", "properties"):
        message[part] = {name: own.get(name, value) for name, value in message[part].items()}
    return {**message, "body": json.loads(base64.b64decode(message["body"]))}
