"""What customers themselves may read of a timeline: public messages that travelled through identities of theirs.

The door of everything a visitor sees. It asks which identities they proved, never whose customer row it is: a row may
hold what somebody else said (docs/architecture.md, sight).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q

from agents.models import Agent
from conversations import visiting_sql
from conversations.ladder import LEFT
from conversations.models import Conversation, Delivery, Entry, Message, Thread
from conversations.models.entry import EntryQuerySet
from customers.models import Identity

SHOWN = 50


@dataclass(frozen=True, slots=True)
class Stretch:
    """Entries in the order they are shown. cursor: what to ask `since` with next.

    is_whole: they take the place of all that was shown before (nothing was known, or rows changed hands).
    has_more: older ones can be asked for.
    """

    entries: list[Entry]
    cursor: str
    is_whole: bool
    has_more: bool = False


def readable_by(identities: Sequence[Identity]) -> EntryQuerySet:
    """Return the public messages that these identities said or were told."""
    deliveries = Delivery.objects.filter(message=OuterRef("pk"))
    has_left = ~Exists(deliveries) | Exists(deliveries.filter(state__in=LEFT))
    said = Q(message__direction=Message.Direction.IN) | has_left
    found: EntryQuerySet = Entry.objects.filter(
        said,
        kind=Entry.Kind.MESSAGE,
        visibility=Entry.Visibility.PUBLIC,
        message__thread__identity__in=[identity.pk for identity in identities],
        message__thread__kind=Thread.Kind.DIRECT,
    )
    # What only tells once more what stands here already.
    return found.exclude(data__has_key="follows")


def since(identities: Sequence[Identity], cursor: str = "") -> Stretch:
    """Return what is new or changed since a cursor; the newest fifty where there is none, or it fits no more.

    The cursor is what the identities' customers said when they were read, before the entries: what comes in between
    is told twice rather than never.
    """
    ends = _ends(identities)
    known = _read(cursor)
    here = _write({pk: end for pk, (end, _reset) in ends.items()})
    is_known = known.keys() == ends.keys() and all(known[pk] >= reset for pk, (_end, reset) in ends.items())
    if not is_known:
        return _newest(identities, here)
    moved = [pk for pk, (end, _reset) in ends.items() if end > known[pk]]
    if not moved:
        return Stretch([], here, is_whole=False)
    afters = [known[pk] for pk in moved]
    found = visiting_sql.entries("changed", identities, SHOWN + 1, customers=moved, afters=afters)
    return _newest(identities, here) if len(found) > SHOWN else Stretch(found, here, is_whole=False)


def before(identities: Sequence[Identity], pk: int) -> Stretch:
    """Return the fifty before one that is shown; none where that one cannot be read."""
    first = readable_by(identities).filter(pk=pk).first()
    if first is None:
        return Stretch([], "", is_whole=False)
    found = visiting_sql.entries("before", identities, SHOWN + 1, at=first.occurred_at, pk=first.pk)
    return Stretch(found[:SHOWN][::-1], "", is_whole=False, has_more=len(found) > SHOWN)


def conversation_of(identities: Sequence[Identity]) -> Conversation | None:
    """Return the conversation in which they were last spoken to or spoke themselves; never one of another customer."""
    return visiting_sql.spoken_in(identities)


def answered_by(identities: Sequence[Identity], conversation: Conversation | None = None) -> Agent | None:
    """Return which person answered last of what they may read, in one conversation or at all."""
    return visiting_sql.answered_by(identities, conversation.pk if conversation is not None else None)


def all_of(identities: Sequence[Identity], most: int) -> list[Entry]:
    """Return all that they may read, in its order; of more than so many the newest."""
    rows = readable_by(identities).select_related("by", "message", "message__thread").prefetch_related("attachments")
    return list(rows.order_by("-occurred_at", "-pk")[:most])[::-1]


def _newest(identities: Sequence[Identity], cursor: str) -> Stretch:
    found = visiting_sql.entries("newest", identities, SHOWN + 1)
    return Stretch(found[:SHOWN][::-1], cursor, is_whole=True, has_more=len(found) > SHOWN)


def _ends(identities: Sequence[Identity]) -> dict[int, tuple[int, int]]:
    customers = {identity.customer_id: identity.customer for identity in identities}
    return {pk: (customer.last_seq, customer.reset_seq) for pk, customer in customers.items()}


def _write(ends: dict[int, int]) -> str:
    return "_".join(f"{pk}.{end}" for pk, end in sorted(ends.items()))


def _read(cursor: str) -> dict[int, int]:
    """Read what `_write` wrote; anything else is no cursor."""
    found: dict[int, int] = {}
    for one in cursor[:200].split("_"):
        pk, _dot, end = one.partition(".")
        if not (pk.isascii() and pk.isdigit() and end.isascii() and end.isdigit() and len(end) < 19 and len(pk) < 19):
            return {}
        found[int(pk)] = int(end)
    return found
