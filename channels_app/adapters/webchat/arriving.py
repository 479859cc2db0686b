"""Who stands behind the tokens that sockets of visitors say first: asked for all who come at the same moment.

One by one this costs several times as much as all the rest of a connection (docs/performance.md).
"""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from channels.db import database_sync_to_async
from django.db import DatabaseError

from channels_app.adapters.webchat import known_sql, presence, sites, visitors
from channels_app.models import Channel, Visitor
from conversations import whereabouts
from conversations.whereabouts import Act
from helpdesk.lib import clock, crypto
from helpdesk.lib.together import Together

_arrivals: dict[asyncio.AbstractEventLoop, "Together[Asking, Known | None]"] = {}
_tellings: dict[asyncio.AbstractEventLoop, "Together[Act, bool]"] = {}
_departures: dict[asyncio.AbstractEventLoop, "Together[tuple[Known, str], None]"] = {}


@dataclass(frozen=True, slots=True)
class Asking:
    """What a browser says of itself: the key of the widget stands in the address, the rest came in a frame.

    tab: which of its tabs this is, by a name that we made up.
    """

    key: str
    token: object
    site: object
    page: object
    tab: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """Whose socket it is. identity: 0 until their first message was filed. late: their page, if it is unwritten."""

    visitor: int
    key: str
    token_sha256: str
    identity: int
    audiences: tuple[str, ...]
    late: object = None


async def who(asking: Asking) -> Known | None:
    """Return whose token it is, who is here from now on; None for a token, a site or a widget that is none.

    Raises DatabaseError.
    """
    loop = asyncio.get_running_loop()
    if loop not in _arrivals:
        _arrivals.clear()
        _arrivals[loop] = Together(database_sync_to_async(known_by), (DatabaseError, crypto.Unreadable))
    return await _arrivals[loop].ask(asking)


async def tell(act: Act) -> bool:
    """Tell agents what a visitor does; return whether there is anything they could see. Raises DatabaseError."""
    loop = asyncio.get_running_loop()
    if loop not in _tellings:
        _tellings.clear()
        _tellings[loop] = Together(database_sync_to_async(whereabouts.tell_each), (DatabaseError,))
    return await _tellings[loop].ask(act)


async def leave(known: Known, tab: str) -> None:
    """Remember that a tab of a visitor was closed, and tell agents if it was the last. Raises DatabaseError."""
    loop = asyncio.get_running_loop()
    if loop not in _departures:
        _departures.clear()
        _departures[loop] = Together(database_sync_to_async(leave_each), (DatabaseError,))
    await _departures[loop].ask((known, tab))


def leave_each(closed: list[tuple[Known, str]]) -> list[None]:
    """Remember and tell that of several; a shop's page that goes down takes all its visitors' tabs along."""
    are_last = visitors.leave_each([(known.visitor, known.key, tab) for known, tab in closed])
    gone = [known.identity for (known, _tab), is_last in zip(closed, are_last, strict=True) if is_last]
    whereabouts.tell_each([Act(identity, {"what": "here"}) for identity in gone if identity])
    return [None] * len(closed)


def known_by(asked: list[Asking]) -> list[Known | None]:
    """Return who each of these is, in their order, and remember that they are here."""
    found = _visitors_of(asked)
    late = _see([(visitor, asking.page) for visitor, asking in zip(found, asked, strict=True) if visitor is not None])
    theirs = visitors.identities_of_each([one for one in found if one is not None])
    known: list[Known | None] = []
    for visitor, asking in zip(found, asked, strict=True):
        if visitor is None:
            known.append(None)
            continue
        presence.stay(visitor.key, asking.tab)
        identities = theirs[visitor.pk]
        own = next((one.pk for one in identities if one.value == visitor.key), 0)
        # One text for all of a brand: there may be thousands of sockets.
        audiences = (*visitors.audiences_of(identities), sys.intern(f"visitor.brand.{visitor.channel.brand_id}"))
        page = late.get(visitor.pk)
        known.append(Known(visitor.pk, visitor.key, visitor.token_sha256, own, audiences, page))
    return known


def _visitors_of(asked: list[Asking]) -> list[Visitor | None]:
    """Return whose tokens these are, in their order; None where it is none of this widget and this site."""
    widgets: dict[str, Channel | None] = {key: visitors.find_widget(key) for key in {one.key for one in asked}}
    allowed = {key: sites.allowed(row.config) for key, row in widgets.items() if row is not None}
    hashes = [visitors.hash_of(one.token) for one in asked]
    rows = known_sql.visitors([one for one in hashes if one])
    found: list[Visitor | None] = []
    for one, digest in zip(asked, hashes, strict=True):
        widget, row = widgets[one.key], rows.get(digest)
        is_good = (
            row is not None and widget is not None and row.channel_id == widget.pk
            and row.site == one.site and row.site in allowed[one.key]
        )  # fmt: skip
        if row is not None and widget is not None:
            row.channel = widget
        found.append(row if is_good else None)
    return found


def _see(came: Sequence[tuple[Visitor, object]]) -> dict[int, object]:
    """Remember that these are here: those who come back to the page where they were, by one statement.

    Return the pages that are not written yet, by visitor.
    """
    stale, late = [], {}
    for visitor, page in came:
        if not visitors.is_where_it_was(visitor, page):
            if not visitors.see(visitor, page):
                late[visitor.pk] = page
        elif not visitors.is_fresh(visitor):
            stale.append(visitor.pk)
    if stale:
        Visitor.objects.filter(pk__in=stale).update(seen_at=clock.real(), left_at=None)
    return late
