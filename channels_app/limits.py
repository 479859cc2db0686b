"""How often somebody outside may ask for something. Counted in Redis; while that is away nobody is refused."""

import hashlib
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from channels_app.addresses import caller
from helpdesk.lib import fleeting


@dataclass(frozen=True, slots=True)
class Limit:
    """So many in so many seconds, from the first on. what: a word of its own, with the kind of channel before it."""

    what: str
    most: int
    seconds: int


def spend(limit: Limit, who: str) -> bool:
    """Count one; return whether it was still allowed."""
    return fleeting.count(_key(limit, who), limit.seconds) <= limit.most


def is_spent(limit: Limit, who: str) -> bool:
    """Whether there are no more left, without counting."""
    key = _key(limit, who)
    found: Any = fleeting.ask(lambda client: client.get(key), None)
    return int(found or 0) >= limit.most


def address_of(request: HttpRequest) -> str:
    """Return where a request came from; behind fewer proxies than there should be, the last of them."""
    return caller(request) or str(request.META.get("REMOTE_ADDR", ""))


def _key(limit: Limit, who: str) -> str:
    """Name a counter; who it is stands there as a hash, for it may be a mail address."""
    name = hashlib.sha256(who.encode("utf-8", "replace")).hexdigest()[:32]
    return f"{settings.HUB_PREFIX}:limit:{limit.what}:{name}"
