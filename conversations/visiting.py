"""What customers themselves may read of a timeline: public messages that travelled through identities of theirs.

The door of everything a visitor sees. It asks which identities they proved, never whose customer row it is: a row may
hold what somebody else said (docs/architecture.md, sight).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q

from conversations.models import Conversation, Delivery, Entry, Message, Thread
from conversations.models.entry import EntryQuerySet
from customers.models import Customer, Identity

SHOWN = 50
# What has left us: before that an answer may still be taken back.
LEFT = (Delivery.State.SENT, Delivery.State.DELIVERED, Delivery.State.READ)


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

    The cursor is read before the entries: what comes in between is told twice rather than never.
    """
    ends = _ends(identities)
    known = _read(cursor)
    here = _write({pk: end for pk, (end, _reset) in ends.items()})
    is_known = known.keys() == ends.keys() and all(known[pk] >= reset for pk, (_end, reset) in ends.items())
    if not is_known:
        return _newest(identities, here)
    changed = Q(pk__in=[])
    for pk, after in known.items():
        changed |= Q(customer=pk, touched_seq__gt=after)
    found = list(_dressed(readable_by(identities).filter(changed)).order_by("occurred_at", "pk")[: SHOWN + 1])
    return _newest(identities, here) if len(found) > SHOWN else Stretch(found, here, is_whole=False)


def before(identities: Sequence[Identity], pk: int) -> Stretch:
    """Return the fifty before one that is shown; none where that one cannot be read."""
    first = readable_by(identities).filter(pk=pk).first()
    if first is None:
        return Stretch([], "", is_whole=False)
    older = Q(occurred_at__lt=first.occurred_at) | Q(occurred_at=first.occurred_at, pk__lt=first.pk)
    found = list(_dressed(readable_by(identities).filter(older)).order_by("-occurred_at", "-pk")[: SHOWN + 1])
    return Stretch(found[:SHOWN][::-1], "", is_whole=False, has_more=len(found) > SHOWN)


def conversation_of(identities: Sequence[Identity]) -> Conversation | None:
    """Return the conversation in which they were last spoken to or spoke themselves; never one of another customer."""
    own = [identity.customer_id for identity in identities]
    found = readable_by(identities).filter(conversation__customer__in=own).select_related("conversation__brand")
    last = found.order_by("-occurred_at", "-pk").first()
    return last.conversation if last is not None else None


def all_of(identities: Sequence[Identity], most: int) -> list[Entry]:
    """Return all that they may read, in its order; of more than so many the newest."""
    rows = _dressed(readable_by(identities)).prefetch_related("attachments")
    return list(rows.order_by("-occurred_at", "-pk")[:most])[::-1]


def _newest(identities: Sequence[Identity], cursor: str) -> Stretch:
    found = list(_dressed(readable_by(identities)).order_by("-occurred_at", "-pk")[: SHOWN + 1])
    return Stretch(found[:SHOWN][::-1], cursor, is_whole=True, has_more=len(found) > SHOWN)


def _dressed(entries: EntryQuerySet) -> EntryQuerySet:
    return entries.select_related("by", "message", "message__thread")


def _ends(identities: Sequence[Identity]) -> dict[int, tuple[int, int]]:
    rows = Customer.objects.filter(pk__in={identity.customer_id for identity in identities})
    return {pk: (last, reset) for pk, last, reset in rows.values_list("pk", "last_seq", "reset_seq")}


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
