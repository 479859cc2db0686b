"""Pieces of one customer's timeline: its pages in both directions, what changed since, where words were said."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from agents.models import Agent
from agents.permissions import sight_of
from conversations.models.entry import Entry, EntryQuerySet
from conversations.reading import reading_sql
from conversations.reading.reading_sql import Reader, Which
from customers.models import Customer
from helpdesk.lib import cursors
from helpdesk.lib.words import plain

PAGE = 50
CATCH_UP_MAX = 200
HITS_MAX = 500
# What a timeline can be narrowed to, in the order of its chips.
SHOWS = {
    "all": _("All"), "messages": _("Messages"), "notes": _("Notes"), "calls": _("Calls"), "orders": _("Orders"),
    "files": _("Files"), "conversation": _("This conversation"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stretch:
    """Entries of one timeline in shown order. cursor: the customer's number before they were read."""

    entries: list[Entry]
    cursor: int
    has_earlier: bool = False
    has_later: bool = False
    must_reload: bool = False


@dataclass(frozen=True, slots=True)
class Lens:
    """Whose eyes read which timeline, and what is left of it. customer: one the agent sees, as the row is now.

    show: a key of SHOWS; conversation: which one, for `conversation`.
    """

    customer: Customer
    agent: Agent
    show: str = "all"
    conversation: int = 0

    @property
    def reader(self) -> Reader:
        return Reader(self.customer, sight_of(self.agent), self.show, self.conversation)


def newest(lens: Lens) -> Stretch:
    """Return the newest page. The cursor was read before, so what came since is caught up."""
    return _page(lens, _read(lens, Which("newest")), PAGE)


def earlier(lens: Lens, before: str) -> Stretch:
    """Return the page before a place (`place_of`); the newest one for none or for nonsense."""
    return _page(lens, _read(lens, _from("before", before)), PAGE)


def later(lens: Lens, since: str) -> Stretch:
    """Return the page after a place; the newest one for nonsense."""
    which = _from("later", since)
    if which.at is None:
        return newest(lens)
    found = _read(lens, which)
    return Stretch(found[:PAGE], lens.customer.last_seq, has_earlier=True, has_later=len(found) > PAGE)


def around(lens: Lens, pk: int) -> Stretch | None:
    """Return half a page up to an entry and half a page after it; None when it is not on this timeline."""
    half = PAGE // 2
    place = reading_sql.place_of(lens.reader, pk)
    if place is None:
        return None
    asked = (Which("until", *place), Which("later", *place))
    before, after = reading_sql.pages(lens.reader, asked, half + 1)
    entries = [*before[:half][::-1], *after[:half]]
    return Stretch(entries, lens.customer.last_seq, len(before) > half, len(after) > half)


def changes_since(lens: Lens, after: int) -> Stretch:
    """Return what is new or changed since a cursor; must_reload when that cannot be said in entries."""
    customer = lens.customer
    # A cursor from the future: the desk was restored from a backup under an open page.
    if customer.merged_into_id or customer.reset_seq > after or after > customer.last_seq:
        return Stretch([], customer.last_seq, must_reload=True)
    found: list[Entry] = []
    if after < customer.last_seq:
        found = reading_sql.entries(lens.reader, Which("touched", pk=after), CATCH_UP_MAX + 1)
    return Stretch(found[:CATCH_UP_MAX], customer.last_seq, must_reload=len(found) > CATCH_UP_MAX)


def said(lens: Lens, words: str) -> list[int]:
    """Return the entries in which all these words stand, the newest first, HITS_MAX and one more at most.

    Case and accents do not count. Looks through the whole timeline, whatever is shown of it.
    """
    wanted = plain(words).split()
    return reading_sql.find(lens.reader, wanted, HITS_MAX + 1) if wanted else []


def place_of(entry: Entry) -> str:
    """Name an entry's place on the timeline."""
    return cursors.pack(entry.occurred_at, entry.pk)


def with_parts(entries: EntryQuerySet) -> EntryQuerySet:
    """Fetch with entries what is drawn of them, in a fixed number of queries."""
    rows = entries.select_related(
        "by", "customer", "conversation__topic", "message__channel", "message__sender__customer"
    )  # fmt: skip
    lists = ("message__deliveries", "message__recipients", reading_sql.reactions_drawn("message__reactions"))
    return rows.prefetch_related(*lists, reading_sql.files_drawn())


def _read(lens: Lens, which: Which) -> list[Entry]:
    return reading_sql.entries(lens.reader, which, PAGE + 1)


def _from(name: str, cursor: str) -> Which:
    at, pk = cursors.unpack(cursor) or (None, 0)
    return Which(name, at, pk) if at is not None else Which("newest")


def _page(lens: Lens, found: list[Entry], size: int) -> Stretch:
    """found: the latest first, one more than a page if there is more."""
    return Stretch(found[:size][::-1], lens.customer.last_seq, has_earlier=len(found) > size)
