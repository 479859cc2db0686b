"""How often one place may send. Counted in Redis; while that is away nobody is refused."""

import hashlib
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest

from channels_app.addresses import caller
from helpdesk.lib import clock, fleeting

HOUR = 3_600


@dataclass(frozen=True, slots=True)
class Limit:
    """So many in an hour."""

    what: str
    most: int


# A family or an office may share an address on the internet; of a mail address nobody needs more.
SENT = Limit("sent", 20)
OF_ADDRESS = Limit("of-address", 5)
FILES = Limit("files", 60)


def spend(limit: Limit, who: str) -> bool:
    """Count one; return whether it was still allowed."""
    window = int(clock.real().timestamp()) // HOUR
    name = hashlib.sha256(who.encode()).hexdigest()[:32]
    key = f"{settings.HUB_PREFIX}:webform:{limit.what}:{name}:{window}"
    return fleeting.count(key, 2 * HOUR) <= limit.most


def address_of(request: HttpRequest) -> str:
    """Return where a request came from; behind fewer proxies than there should be, the last of them."""
    return caller(request) or str(request.META.get("REMOTE_ADDR", ""))
