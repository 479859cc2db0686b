"""How often a browser or an address may ask. Counted in Redis; while that is away nobody is refused."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from channels_app.addresses import caller
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
# Files of one browser, and of all behind one address: a shop's counter may have several.
UPLOADS = Limit("uploads", 40, 3_600)
UPLOADS_FROM = Limit("uploads-from", 120, 3_600)
ADDRESSES = Limit("addresses", 5, 3_600)
# Of one place; what limits a visitor and an address is counted where it cannot be lost (channels_app/codes.py).
CODES = Limit("codes", 20, 3_600)
PROOFS = Limit("proofs", 60, 600)


def spend(limit: Limit, who: str) -> bool:
    """Count one; return whether it was still allowed."""
    return fleeting.count(_key(limit, who), 2 * limit.seconds) <= limit.most


def is_spent(limit: Limit, who: str) -> bool:
    """Whether there are no more left, without counting."""
    key = _key(limit, who)
    found: Any = fleeting.ask(lambda client: client.get(key), None)
    return int(found or 0) >= limit.most


def address_of(request: HttpRequest) -> str:
    """Return where a request came from; behind fewer proxies than there should be, the last of them."""
    return caller(request) or str(request.META.get("REMOTE_ADDR", ""))


def _key(limit: Limit, who: str) -> str:
    window = int(clock.real().timestamp()) // limit.seconds
    return f"{settings.HUB_PREFIX}:widget:{limit.what}:{who}:{window}"
