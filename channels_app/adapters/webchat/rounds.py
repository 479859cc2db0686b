"""Whether those who have a widget open still may: every minute, for many sockets at once, as agents are looked at."""

import asyncio
import logging
from datetime import timedelta
from typing import Protocol

from channels.db import database_sync_to_async
from django.db import DatabaseError

from channels_app.adapters.webchat import presence, sites, visitors
from channels_app.adapters.webchat.arriving import Known
from channels_app.models import Channel, Visitor
from conversations.rechecking import Rounds
from helpdesk.lib import clock, crypto

log = logging.getLogger(__name__)

_rounds: dict[asyncio.AbstractEventLoop, "VisitorRounds"] = {}


class Guest(Protocol):
    """An open socket of a visitor. late: the page they are on, while it is not written yet."""

    known: Known | None
    late: object

    async def show_out(self) -> None:
        """Close it: its token, its site or its widget is no more."""


class VisitorRounds(Rounds[Guest]):
    """The sockets of visitors."""

    async def look(self, guests: list[Guest]) -> None:
        """Close those whose token, site or widget is no more. While the database is away, everybody stays."""
        known = [(guest, guest.known) for guest in guests if guest.known is not None]
        try:
            good = await _good([(one, guest.late) for guest, one in known])
        except (DatabaseError, crypto.Unreadable):
            log.warning("The visitors' sockets could not be looked at again")
            return
        for guest, one in known:
            guest.late = None
            if guest in self._guests and one.visitor not in good:
                await guest.show_out()


def rounds() -> VisitorRounds:
    """Return what looks after visitors' sockets of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _rounds:
        _rounds.clear()
        _rounds[loop] = VisitorRounds()
    return _rounds[loop]


@database_sync_to_async
def _good(known: list[tuple[Known, object]]) -> set[int]:
    """Return the visitors who may stay, and remember that those who answer are here."""
    rows = Visitor.objects.select_related("channel").in_bulk([one.visitor for one, _late in known])
    allowed: dict[int, tuple[str, ...]] = {}
    good = {one.visitor for one, _late in known if _is_good(one, rows.get(one.visitor), allowed)}
    for one, late in known:
        if one.visitor in good and late is not None:
            visitors.see(rows[one.visitor], late)
    before = clock.real() - timedelta(seconds=visitors.SEEN_EVERY_SECONDS)
    here = presence.here_of([rows[pk].key for pk in good])
    old = [pk for pk in good if rows[pk].key in here and rows[pk].seen_at < before]
    Visitor.objects.filter(pk__in=old).update(seen_at=clock.real())
    return good


def _is_good(one: Known, row: Visitor | None, allowed: dict[int, tuple[str, ...]]) -> bool:
    if row is None or row.token_sha256 != one.token_sha256 or row.channel.state == Channel.State.PAUSED:
        return False
    if row.channel_id not in allowed:
        allowed[row.channel_id] = sites.allowed(row.channel.config)
    return row.site in allowed[row.channel_id]
