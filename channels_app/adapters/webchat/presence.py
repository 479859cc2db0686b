"""Which visitors have their widget open now. Lives in Redis and is forgotten by itself."""

from typing import Any

from django.conf import settings

from helpdesk.lib import fleeting

# Two pings and a half.
TTL_SECONDS = 50


def stay(key: str) -> None:
    """Remember for fifty seconds that a visitor is here."""
    fleeting.ask(lambda client: client.set(_name(key), "1", ex=TTL_SECONDS), None)


def leave(key: str) -> None:
    """Forget that a visitor is here."""
    fleeting.ask(lambda client: client.delete(_name(key)), None)


def is_here(key: str) -> bool:
    """Whether a visitor has their widget open; not known without Redis, so no."""
    found: Any = fleeting.ask(lambda client: client.exists(_name(key)), 0)
    return bool(found)


def _name(key: str) -> str:
    return f"{settings.HUB_PREFIX}:visitor:{key}"
