"""How often a browser or an address may ask. Counted in Redis; while that is away nobody is refused."""

from dataclasses import dataclass
from typing import Any

import redis
from django.conf import settings
from django.http import HttpRequest

from helpdesk.lib import clock, fleeting


@dataclass(frozen=True, slots=True)
class Limit:
    """So many in a window of so many seconds."""

    what: str
    most: int
    seconds: int


VISITS = Limit("visits", 60, 3_600)
MESSAGES = Limit("messages", 30, 60)
READS = Limit("reads", 240, 60)
# Tokens that nobody was given: a browser has one, a guesser tries many.
GUESSES = Limit("guesses", 60, 600)
ADDRESSES = Limit("addresses", 5, 3_600)
FILES = Limit("files", 60, 3_600)


def spend(limit: Limit, who: str) -> bool:
    """Count one; return whether it was still allowed."""
    window = int(clock.real().timestamp()) // limit.seconds
    key = f"{settings.HUB_PREFIX}:widget:{limit.what}:{who}:{window}"
    return fleeting.ask(lambda client: _count(client, key, limit.seconds), 0) <= limit.most


def is_spent(limit: Limit, who: str) -> bool:
    """Whether there are no more left, without counting."""
    window = int(clock.real().timestamp()) // limit.seconds
    key = f"{settings.HUB_PREFIX}:widget:{limit.what}:{who}:{window}"
    found: Any = fleeting.ask(lambda client: client.get(key), None)
    return int(found or 0) >= limit.most


def address_of(request: HttpRequest) -> str:
    """Return where a request came from, past the proxies that stand before the desk."""
    called = str(request.META.get("REMOTE_ADDR", ""))
    count = settings.TRUSTED_PROXIES_COUNT
    if not count:
        return called
    passed = [one.strip() for one in request.headers.get("x-forwarded-for", "").split(",")]
    return passed[-count] if len(passed) >= count else called


def _count(client: "redis.Redis", key: str, seconds: int) -> int:
    pipe = client.pipeline(transaction=True)
    pipe.incr(key)
    pipe.expire(key, 2 * seconds)
    found: Any = pipe.execute()[0]
    return int(found)
