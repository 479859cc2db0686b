"""Asks Redis about what may be forgotten, without waiting for a Redis that is away.

While it does not answer, one question in two seconds waits for it and the others are passed over: those who ask
share threads.
"""

import time
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

import redis
from django.conf import settings

TIMEOUT_SECONDS = 0.5
REST_SECONDS = 2.0
T = TypeVar("T")
_silent_until = 0.0


def ask(question: Callable[["redis.Redis"], T], otherwise: T) -> T:
    """Ask Redis; answer `otherwise` when it is away."""
    global _silent_until
    if time.monotonic() < _silent_until:
        return otherwise
    try:
        return question(_client(settings.REDIS_URL))
    except redis.RedisError:
        _silent_until = time.monotonic() + REST_SECONDS
        return otherwise


def count(key: str, keep_seconds: int) -> int:
    """Add one to a number that is forgotten so long after it was first counted; return it, 0 when Redis is away."""
    return ask(lambda client: _count(client, key, keep_seconds), 0)


def _count(client: "redis.Redis", key: str, keep_seconds: int) -> int:
    pipe = client.pipeline(transaction=True)
    pipe.set(key, 0, ex=keep_seconds, nx=True)
    pipe.incr(key)
    found: Any = pipe.execute()[1]
    return int(found)


@cache
def _client(url: str) -> "redis.Redis":
    return redis.Redis.from_url(url, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS)
