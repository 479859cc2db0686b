"""The doorbell: wake a worker after commit. A lost ring is found by the sweeper.

A ring is one LPUSH of exactly the message that Celery would write (a test compares the two): its own way there, through
kombu's producer, costs ten times the CPU, on the road of every message (docs/performance.md).
"""

import base64
import json
import logging
import os
import socket
import time
import uuid
from datetime import timedelta
from functools import cache
from typing import Any

import redis
from django.conf import settings
from django.db import transaction
from redis.backoff import NoBackoff
from redis.retry import Retry

from helpdesk.lib import clock

log = logging.getLogger(__name__)

# After a failure nobody waits for the broker again for this long.
REST_SECONDS = 2.0
FULL = 1_000
_CALLBACKS = {"callbacks": None, "errbacks": None, "chain": None, "chord": None}
_silent_until = 0.0


def ring(task_name: str, *args: Any, countdown_seconds: float | None = None) -> None:
    """Send a task by name once the transaction has committed. Never fails the caller."""
    transaction.on_commit(lambda: ring_now(task_name, *args, countdown_seconds=countdown_seconds))


def ring_now(task_name: str, *args: Any, countdown_seconds: float | None = None) -> bool:
    """Send a task by name at once; return whether the broker took it."""
    global _silent_until
    if time.monotonic() < _silent_until:
        return False
    queue = settings.CELERY_TASK_ROUTES.get(task_name, {}).get("queue", settings.CELERY_TASK_DEFAULT_QUEUE)
    prefix = settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"]
    try:
        _client(settings.REDIS_URL).lpush(f"{prefix}{queue}", _message(task_name, args, queue, countdown_seconds))
    except (redis.RedisError, OSError):
        # The row is committed and will be swept.
        log.warning("The doorbell is silent", extra={"task": task_name})
        _silent_until = time.monotonic() + REST_SECONDS
        return False
    return True


def is_full(queue: str) -> bool:
    """Whether the broker holds so many rings already that more would not help, or is away."""
    prefix = settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"]
    try:
        return int(_client(settings.REDIS_URL).llen(f"{prefix}{queue}")) > FULL
    except (redis.RedisError, OSError):
        return True


def _message(task_name: str, args: tuple[Any, ...], queue: str, countdown_seconds: float | None) -> str:
    """A task in Celery's second protocol, in the envelope of kombu's Redis transport."""
    number = str(uuid.uuid4())
    body = json.dumps([args, {}, _CALLBACKS])
    headers: dict[str, Any] = {
        "lang": "py", "task": task_name, "id": number, "shadow": None, "eta": _eta(countdown_seconds), "expires": None,
        "group": None, "group_index": None, "retries": 0, "timelimit": _limits(task_name), "root_id": number,
        "parent_id": None, "argsrepr": repr(args)[:1000], "kwargsrepr": "{}", "origin": f"{os.getpid()}@{_host()}",
        "ignore_result": None, "replaced_task_nesting": 0, "stamped_headers": None, "stamps": {},
    }  # fmt: skip
    properties = {
        "correlation_id": number, "reply_to": "", "delivery_mode": 2, "priority": 0, "body_encoding": "base64",
        "delivery_info": {"exchange": "", "routing_key": queue}, "delivery_tag": number,
    }  # fmt: skip
    return json.dumps({
        "body": base64.b64encode(body.encode()).decode(), "content-encoding": "utf-8",
        "content-type": "application/json", "headers": headers, "properties": properties,
    })  # fmt: skip


def _eta(countdown_seconds: float | None) -> str | None:
    if countdown_seconds is None:
        return None
    return (clock.real() + timedelta(seconds=countdown_seconds)).isoformat()


def _limits(task_name: str) -> list[int]:
    if long := settings.LONG_TASKS_SECONDS.get(task_name):
        return [long, long - 60]
    return [settings.CELERY_TASK_TIME_LIMIT, settings.CELERY_TASK_SOFT_TIME_LIMIT]


@cache
def _host() -> str:
    return socket.gethostname()


@cache
def _client(url: str) -> "redis.Redis":
    seconds = settings.REDIS_SOCKET_SECONDS
    return redis.Redis.from_url(
        url,
        socket_timeout=seconds,
        socket_connect_timeout=seconds,
        # A connection that went stale is made anew once; nobody waits for a broker that is away.
        retry=Retry(NoBackoff(), 1, (redis.ConnectionError,)),
    )
