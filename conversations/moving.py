"""Carrying rows from one customer to another, with their numbers. Used by merge only; both customers are locked."""

from bisect import bisect_right
from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.models import Max

from conversations import waiting
from conversations.models.conversation import Conversation
from conversations.models.entry import Entry
from conversations.models.fact import Fact
from conversations.models.message import Message
from conversations.models.savedview import SeenMarker
from conversations.models.thread import Thread
from conversations.timeline import preview
from customers.models import Customer

# A number is never used again: what is carried gets fresh ones, in its old order.
RENUMBER = """
    UPDATE conversations_entry e SET customer_id = %(to)s, seq = %(last)s + v.n, touched_seq = %(last)s + v.n
    FROM unnest(%(pks)s::bigint[]) WITH ORDINALITY AS v (id, n) WHERE e.id = v.id
"""

# What was taken back, and what may still be, answers nobody.
NO_ANSWER = ["undone", "held"]


def carry_entries(entries: Iterable[tuple[int, int]], to: Customer) -> dict[int, int]:
    """Give entries, (pk, seq) each, to a customer; return their old numbers with the new ones.

    Their messages and what they taught go along. `to` is locked, and its last_seq moves on.
    """
    ordered = sorted(entries, key=lambda entry: entry[1])
    pks = [pk for pk, _seq in ordered]
    to.refresh_from_db(fields=["last_seq"])
    with connection.cursor() as cursor:
        cursor.execute(RENUMBER, {"to": to.pk, "last": to.last_seq, "pks": pks})
    Message.objects.filter(pk__in=pks).update(customer=to)
    Fact.objects.filter(entry__in=pks).update(customer=to)
    numbers = {seq: to.last_seq + place for place, (_pk, seq) in enumerate(ordered, 1)}
    to.last_seq += len(pks)
    to.save(update_fields=["last_seq"])
    return numbers


def carry_marks(conversations: list[int], numbers: dict[int, int]) -> None:
    """Translate what refers to old numbers, so that nothing read becomes unread and nothing unread read."""
    old = sorted(numbers)
    rows = list(Conversation.objects.filter(pk__in=conversations).only("pk", "last_inbound_seq"))
    for row in rows:
        row.last_inbound_seq = _translated(row.last_inbound_seq, old, numbers)
    Conversation.objects.bulk_update(rows, ["last_inbound_seq"], batch_size=500)
    markers = list(SeenMarker.objects.filter(conversation__in=conversations))
    for marker in markers:
        marker.seen_seq = _translated(marker.seen_seq, old, numbers)
    SeenMarker.objects.bulk_update(markers, ["seen_seq"], batch_size=500)


def home_of(customer: Customer, like: Conversation) -> Conversation:
    """Return where what does not belong to `like` can live: the customer's newest work of that brand, or new work."""
    theirs = Conversation.objects.filter(customer=customer, brand=like.brand_id).exclude(pk=like.pk)
    found = theirs.exclude(status=Conversation.Status.RESOLVED).order_by("-last_entry_at", "-pk").first()
    return found or Conversation.objects.create(
        customer=customer, brand=like.brand, team=like.team, subject=like.subject, topic=like.topic
    )


def rehome(entries: list[Entry], customer: Customer) -> set[int]:
    """Put messages, carried to `customer`, into their own conversations; return which conversations changed.

    The threads they travelled on lead there from now on.
    """
    homes: dict[int, Conversation] = {}
    for entry in entries:
        assert entry.conversation is not None
        left = entry.conversation
        if left.pk not in homes:
            homes[left.pk] = home_of(customer, left)
        Entry.objects.filter(pk=entry.pk).update(conversation=homes[left.pk])
        Thread.objects.filter(pk=entry.message.thread_id).update(conversation=homes[left.pk])
    return {*homes, *(home.pk for home in homes.values())}


def recount(conversations: Iterable[int]) -> None:
    """Write anew what a list shows of conversations that lost or won messages."""
    for conversation in Conversation.objects.filter(pk__in=list(conversations)):
        inbound = _messages(conversation).filter(direction=Message.Direction.IN)
        newest = inbound.order_by("-entry__occurred_at", "-pk").first() or _messages(conversation).first()
        conversation.last_inbound_seq = inbound.aggregate(last=Max("entry__seq"))["last"] or 0
        if newest is not None:
            conversation.last_entry_at = newest.entry.occurred_at
            conversation.last_preview = preview(newest.text, newest.subject)
            conversation.last_channel_kind = newest.thread.channel.icon
        _recount_unanswered(conversation)
        conversation.save()


def _recount_unanswered(conversation: Conversation) -> None:
    """Count what came since the last answer; who never waited does not begin to."""
    messages = _messages(conversation).exclude(entry__data__has_any_keys=NO_ANSWER)
    answer = messages.filter(direction=Message.Direction.OUT).order_by("-entry__seq").first()
    asked = messages.filter(direction=Message.Direction.IN, entry__data__robot__isnull=True)
    if answer is not None:
        asked = asked.filter(entry__seq__gt=answer.entry.seq)
    first = asked.order_by("entry__occurred_at").first()
    if first is None or conversation.is_resolved:
        waiting.set_to(conversation, 0, None)
    else:
        waiting.set_to(conversation, asked.count(), first.entry.occurred_at)


def _messages(conversation: Conversation) -> Any:
    rows = Message.objects.filter(entry__conversation=conversation)
    return rows.select_related("entry", "thread__channel").order_by("-entry__seq")


def _translated(seq: int, old: list[int], numbers: dict[int, int]) -> int:
    place = bisect_right(old, seq)
    return numbers[old[place - 1]] if place else 0
