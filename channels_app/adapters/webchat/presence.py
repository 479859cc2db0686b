"""Which visitors have their widget open now, and in how many tabs. Lives in Redis and is forgotten by itself."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.conf import settings

from helpdesk.lib import fleeting

if TYPE_CHECKING:
    import redis

# Two pings and a half.
TTL_SECONDS = 50


def stay(key: str, tab: str = "") -> bool:
    """Remember for fifty seconds that a visitor is here, in this tab; return whether they were not."""
    return fleeting.ask(lambda client: _stay(client, key, tab), False)


def leave(key: str, tab: str = "") -> bool:
    """Forget a tab of a visitor; return whether it was the last: from one page to the next there may be two."""
    return fleeting.ask(lambda client: _leave(client, key, tab), True)


def is_here(key: str) -> bool:
    """Whether a visitor has their widget open; not known without Redis, so no."""
    return bool(here_of([key]))


def here_of(keys: Sequence[str]) -> set[str]:
    """Return which of these are here, at one go."""
    return fleeting.ask(lambda client: _here_of(client, keys), set()) if keys else set()


def everybody() -> set[str]:
    """Return all who are here; those who went without a word are struck off."""
    return fleeting.ask(_everybody, set())


def _stay(client: "redis.Redis", key: str, tab: str) -> bool:
    pipe = client.pipeline(transaction=True)
    pipe.exists(_name(key))
    pipe.sadd(_name(key), tab)
    pipe.expire(_name(key), TTL_SECONDS)
    pipe.sadd(_all(), key)
    return not pipe.execute()[0]


def _leave(client: "redis.Redis", key: str, tab: str) -> bool:
    pipe = client.pipeline(transaction=True)
    pipe.srem(_name(key), tab)
    pipe.exists(_name(key))
    is_over = not pipe.execute()[1]
    if is_over:
        client.srem(_all(), key)
    return is_over


def _here_of(client: "redis.Redis", keys: Sequence[str]) -> set[str]:
    pipe = client.pipeline(transaction=False)
    for key in keys:
        pipe.exists(_name(key))
    return {key for key, is_here in zip(keys, pipe.execute(), strict=True) if is_here}


def _everybody(client: "redis.Redis") -> set[str]:
    found: Any = client.smembers(_all())
    keys = [key.decode() for key in found]
    here = _here_of(client, keys) if keys else set()
    gone = [key for key in keys if key not in here]
    if gone:
        client.srem(_all(), *gone)
    return here


def _name(key: str) -> str:
    return f"{settings.HUB_PREFIX}:visitor:{key}"


def _all() -> str:
    return f"{settings.HUB_PREFIX}:visitors"
