"""One load from a customer to another: whole conversations, and entries that change their conversation.

Used by parting only. Both customers are locked; what lists show and what was read is put right on both sides.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from conversations import waiting
from conversations.changes import plain
from conversations.merging import moving
from conversations.models.conversation import Conversation
from conversations.models.entry import Entry
from conversations.models.message import Message
from conversations.models.task import Task
from customers.models import Customer
from helpdesk.lib import failpoints

LISTED = (
    "last_entry_at", "last_preview", "last_channel_kind", "waiting_since", "next_due_at", "next_due_kind",
    "unanswered_count",
)  # fmt: skip
Listed = dict[str, dict[str, Any]]


@dataclass(slots=True)
class Load:
    """What goes from source to target.

    whole: conversations with all their entries, but for those that stay; places: entry → the conversation it goes
    to; loose: entries without a conversation; read: (agent, entry) of what was read before it was carried away.
    """

    source: Customer
    target: Customer
    whole: list[int] = field(default_factory=list)
    places: dict[int, int] = field(default_factory=dict)
    loose: list[int] = field(default_factory=list)
    stays: set[int] = field(default_factory=set)
    read: frozenset[tuple[int, int]] = frozenset()


@dataclass(frozen=True, slots=True)
class Carried:
    """What a load changed beside what it carried. fingerprints: given up by the later of two copies, by message."""

    before: Listed
    after: Listed
    fingerprints: dict[str, str]
    readings: dict[str, dict[str, int]]


def carry(load: Load) -> Carried:
    """Carry a load; what goes gets fresh numbers in its old order."""
    parted = list(Entry.objects.filter(pk__in=load.places).select_related("message").order_by("seq"))
    inside = Entry.objects.filter(conversation__in=load.whole).exclude(pk__in={*load.stays, *load.places})
    loose = Entry.objects.filter(pk__in=load.loose, customer=load.source)
    entries = [
        *inside.values_list("pk", "seq"),
        *loose.values_list("pk", "seq"),
        *((entry.pk, entry.seq) for entry in parted),
    ]
    homes = _homes(load, parted)
    changed = {*homes, *(entry.conversation_id for entry in parted if entry.conversation_id)}
    before = listed(changed)
    readings = moving.readings_of(entry.conversation_id for entry in parted if entry.conversation_id)
    marks = _part_equals(load, [pk for pk, _seq in entries])
    Conversation.objects.filter(pk__in=load.whole).update(customer=load.target)
    Task.objects.filter(conversation__in=load.whole).update(customer=load.target)
    numbers = moving.carry_entries(entries, load.target)
    moving.carry_marks(load.whole, numbers)
    failpoints.reach("merge.mid")
    moving.carry_reading(homes, numbers, load.read)
    for home, came in homes.items():
        Entry.objects.filter(pk__in=[entry.pk for entry in came]).update(conversation=home)
    moving.recount(changed)
    _let_rest(before, homes)
    return Carried(before, listed(changed), marks, readings)


def listed(conversations: Iterable[int]) -> Listed:
    """Return what lists show of conversations, and their state, as JSON holds it; by primary key."""
    rows = Conversation.objects.filter(pk__in=list(conversations))
    return {str(row.pk): plain({name: getattr(row, name) for name in (*LISTED, "status")}) for row in rows}


def relist(before: Listed, after: Listed, now: Listed) -> None:
    """Show again what lists showed before, where it still was as `after` says when this began (`now`)."""
    rows = Conversation.objects.filter(pk__in=[int(pk) for pk in before if now.get(pk) == after.get(pk)])
    for row in rows:
        for name in LISTED:
            column: Any = Conversation._meta.get_field(name)
            setattr(row, name, column.to_python(before[str(row.pk)][name]))
        row.save(update_fields=LISTED)


def give_back_marks(fingerprints: dict[str, str]) -> None:
    """Let copies that are apart again have their fingerprints back, where nobody else of theirs has it."""
    for pk, mark in fingerprints.items():
        message = Message.objects.filter(pk=int(pk), fingerprint=None).first()
        if message and not Message.objects.filter(customer=message.customer_id, fingerprint=mark).exists():
            Message.objects.filter(pk=message.pk).update(fingerprint=mark)


def _homes(load: Load, parted: list[Entry]) -> dict[int, list[Entry]]:
    homes: dict[int, list[Entry]] = {}
    for entry in parted:
        homes.setdefault(load.places[entry.pk], []).append(entry)
    return homes


def _part_equals(load: Load, entries: list[int]) -> dict[str, str]:
    """Two copies of one message meet on one timeline: the later one gives up its fingerprint."""
    if load.source.pk == load.target.pk:
        return {}
    came = Message.objects.filter(pk__in=entries).exclude(fingerprint=None)
    came_by = {str(mark): pk for pk, mark in came.values_list("pk", "fingerprint")}
    there = Message.objects.filter(customer=load.target, fingerprint__in=list(came_by))
    pairs = [(pk, str(mark)) for pk, mark in there.values_list("pk", "fingerprint")]
    marks = {max(pk, came_by[mark]): mark for pk, mark in pairs}
    Message.objects.filter(pk__in=marks).update(fingerprint=None)
    return {str(pk): mark for pk, mark in marks.items()}


def _let_rest(before: Listed, homes: dict[int, list[Entry]]) -> None:
    """Nobody begins to wait because messages were moved: only where one of the conversations had waited."""
    came_from = {home: {entry.conversation_id for entry in entries} for home, entries in homes.items()}
    for row in Conversation.objects.filter(pk__in=[int(pk) for pk in before]).exclude(waiting_since=None):
        had_waited = {pk for pk, one in before.items() if one["waiting_since"] is not None}
        if not had_waited & {str(pk) for pk in {row.pk, *came_from.get(row.pk, set())}}:
            waiting.set_to(row, 0, None)
            row.save(update_fields=waiting.FIELDS)
