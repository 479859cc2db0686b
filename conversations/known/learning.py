"""Read the history again: for entries before facts, suggestions and the search, and when the order pattern changed.

No entry is touched and no old promise told. Everything may be killed and run again: what is known is kept once.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction

from conversations.known import facts
from conversations.merging import suggesting
from conversations.models.entry import Entry
from conversations.models.fact import Fact
from conversations.searching import filling
from customers.models import Customer
from helpdesk.lib import clock

BATCH_MAX = 1_000
TEACHING = (Entry.Kind.MESSAGE, Entry.Kind.NOTE, Entry.Kind.STATUS)


@dataclass(frozen=True, slots=True)
class Step:
    """How far a reading is: all up to `last` (a key) is done. count: of those read in this step; new, gone: facts."""

    last: int
    count: int
    new: int = 0
    gone: int = 0


def read_entries(after: int = 0, *, batch: int = BATCH_MAX) -> Iterator[Step]:
    """Learn from every entry with a key above `after`, in their order; forget what is not picked from it any more.

    What people dismissed or corrected stands. Each entry is a transaction of its own that locks its customer.
    """
    batch = max(1, min(batch, BATCH_MAX))
    while True:
        rows = Entry.objects.filter(pk__gt=after, kind__in=TEACHING).order_by("pk")
        found = list(rows.select_related("conversation", "customer", "by", "message")[:batch])
        if not found:
            return
        filling.keep(found)
        known = _known_of(found)
        changes = [_read(entry, known.get(entry.pk, {})) for entry in found]
        after = found[-1].pk
        yield Step(after, len(found), sum(new for new, _gone in changes), sum(gone for _new, gone in changes))


def look_at_customers(after: int = 0, *, batch: int = BATCH_MAX) -> Iterator[Step]:
    """Look for every customer with a key above `after` who else may be the same person, as after their entries.

    Who has proved to have the same address is joined, as always.
    """
    batch = max(1, min(batch, BATCH_MAX))
    while True:
        rows = Customer.objects.present().filter(pk__gt=after).order_by("pk")
        pks = list(rows.values_list("pk", flat=True)[:batch])
        if not pks:
            return
        for pk in pks:
            with transaction.atomic():
                suggesting.look(pk)
        after = pks[-1]
        yield Step(after, len(pks))


def _known_of(entries: list[Entry]) -> dict[int, dict[tuple[str, str], int]]:
    """Return what is known from messages, (what, value) -> key, by entry; corrections hang on entries of their own."""
    known: dict[int, dict[tuple[str, str], int]] = {}
    said = [entry.pk for entry in entries if entry.kind == Entry.Kind.MESSAGE]
    rows = Fact.objects.filter(entry__in=said, kind=Fact.Kind.KNOWN, is_current=True)
    for pk, entry, what, value in rows.values_list("pk", "entry", "what", "value"):
        known.setdefault(entry, {})[what, value] = pk
    return known


def _read(entry: Entry, known: dict[tuple[str, str], int]) -> tuple[int, int]:
    """Learn from one entry; return how many facts are new and how many went."""
    learnt = facts.learnt_from(entry)
    # A promise whose time is over is history: nobody is alerted years later.
    learnt = [one for one in learnt if one.due_at is None or one.due_at > clock.now()]
    still = {(one.what, one.value) for one in learnt if one.kind == Fact.Kind.KNOWN}
    wrong = [pk for key, pk in known.items() if key not in still]
    gone = Fact.objects.filter(pk__in=wrong, is_current=True).delete()[0] if wrong else 0
    return (facts.keep(entry, learnt, is_new=False) if learnt else 0), gone
