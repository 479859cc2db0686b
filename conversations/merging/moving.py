"""Carrying rows from one customer to another, with their numbers. Both customers are locked.

Used by merge and parting only.
"""

from bisect import bisect_right
from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.models import Max

from conversations import waiting
from conversations.models.conversation import Conversation
from conversations.models.entry import Entry
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

# In one statement each, however many rows: lists of literals cost more than what is done with them.
CARRY_MESSAGES = "UPDATE conversations_message SET customer_id = %(to)s WHERE entry_id = ANY(%(pks)s::bigint[])"
CARRY_FACTS = "UPDATE conversations_fact SET customer_id = %(to)s WHERE entry_id = ANY(%(pks)s::bigint[])"
SET_LAST_INBOUND = """
    UPDATE conversations_conversation c SET last_inbound_seq = v.seq
    FROM unnest(%(pks)s::bigint[], %(numbers)s::bigint[]) AS v (id, seq) WHERE c.id = v.id
"""
SET_SEEN = """
    UPDATE conversations_seenmarker s SET seen_seq = v.seq
    FROM unnest(%(pks)s::bigint[], %(numbers)s::bigint[]) AS v (id, seq) WHERE s.id = v.id
"""

PART_EQUALS = """
    UPDATE conversations_message m SET fingerprint = NULL FROM (
        SELECT greatest(ours.entry_id, theirs.entry_id) AS id, ours.fingerprint FROM conversations_message ours
        JOIN conversations_message theirs USING (fingerprint)
        WHERE ours.customer_id = %(kept)s AND theirs.customer_id = %(other)s) AS twin
    WHERE m.entry_id = twin.id RETURNING m.entry_id, twin.fingerprint
"""
GIVE_BACK_EQUALS = """
    UPDATE conversations_message m SET fingerprint = v.mark
    FROM unnest(%(pks)s::bigint[], %(marks)s::text[]) AS v (id, mark) WHERE m.entry_id = v.id AND m.fingerprint IS NULL
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
    values: dict[str, Any] = {"to": to.pk, "last": to.last_seq, "pks": pks}
    with connection.cursor() as cursor:
        for statement in (RENUMBER, CARRY_MESSAGES, CARRY_FACTS):
            cursor.execute(statement, values)
    numbers = {seq: to.last_seq + place for place, (_pk, seq) in enumerate(ordered, 1)}
    to.last_seq += len(pks)
    to.save(update_fields=["last_seq"])
    return numbers


def carry_marks(conversations: list[int], numbers: dict[int, int]) -> None:
    """Translate what refers to old numbers, so that nothing read becomes unread and nothing unread read."""
    old = sorted(numbers)
    rows = Conversation.objects.filter(pk__in=conversations).values_list("pk", "last_inbound_seq")
    markers = SeenMarker.objects.filter(conversation__in=conversations).values_list("pk", "seen_seq")
    with connection.cursor() as cursor:
        for statement, kept in ((SET_LAST_INBOUND, list(rows)), (SET_SEEN, list(markers))):
            translated = [_translated(seq, old, numbers) for _pk, seq in kept]
            cursor.execute(statement, {"pks": [pk for pk, _seq in kept], "numbers": translated})


def part_equals(kept: Customer, other: Customer) -> dict[str, str]:
    """Let the later of two copies that meet on one timeline give up its fingerprint; return these by message."""
    with connection.cursor() as cursor:
        cursor.execute(PART_EQUALS, {"kept": kept.pk, "other": other.pk})
        return {str(pk): mark for pk, mark in cursor.fetchall()}


def give_back_equals(marks: dict[str, str]) -> None:
    """Give copies that part again their fingerprints back."""
    with connection.cursor() as cursor:
        cursor.execute(GIVE_BACK_EQUALS, {"pks": [int(pk) for pk in marks], "marks": list(marks.values())})


def readings_of(conversations: Iterable[int]) -> dict[str, dict[str, int]]:
    """Return how far everybody has read conversations, as JSON holds it: conversation → agent → number."""
    found: dict[str, dict[str, int]] = {}
    for marker in SeenMarker.objects.filter(conversation__in=list(conversations)):
        found.setdefault(str(marker.conversation_id), {})[str(marker.agent_id)] = marker.seen_seq
    return found


def carry_reading(
    homes: dict[int, list[Entry]], numbers: dict[int, int], read: frozenset[tuple[int, int]] = frozenset()
) -> None:
    """Let everybody have read in their new conversations what they had read of messages, and no more.

    homes: what comes to which conversation, as it was before it was carried. Who had not read the conversation it
    comes to keeps their place in it. read: (agent, entry) of what was read earlier. To be called before the
    conversations are counted anew.
    """
    left = {entry.conversation_id for entries in homes.values() for entry in entries}
    places: dict[tuple[int, int], int] = {}
    for marker in SeenMarker.objects.filter(conversation__in={*left, *homes}):
        places[marker.agent_id, marker.conversation_id] = marker.seen_seq
    agents = {agent for agent, _conversation in places} | {agent for agent, _entry in read}
    for home in Conversation.objects.filter(pk__in=homes).only("pk", "last_inbound_seq"):
        for agent in agents:
            if places.get((agent, home.pk), 0) < home.last_inbound_seq:
                continue
            unread = [
                numbers[entry.seq]
                for entry in homes[home.pk]
                if is_counted(entry)
                and entry.seq > places.get((agent, entry.conversation_id or 0), 0)
                and (agent, entry.pk) not in read
            ]
            seen = min(unread) - 1 if unread else max(numbers[entry.seq] for entry in homes[home.pk])
            seen = max(seen, places.get((agent, home.pk), 0))
            SeenMarker.objects.update_or_create(agent_id=agent, conversation_id=home.pk, defaults={"seen_seq": seen})


def is_counted(entry: Entry) -> bool:
    """Whether an entry can be unread: a message by a person outside."""
    return entry.said is not None and entry.said.is_inbound and "robot" not in entry.data


def home_of(customer: Customer, like: Conversation) -> Conversation:
    """Return where what does not belong to `like` can live: the customer's newest work of that brand, or new work.

    What was resolved makes no open work: it gets a resolved conversation of its own.
    """
    theirs = Conversation.objects.filter(customer=customer, brand=like.brand_id).exclude(pk=like.pk)
    found = theirs.exclude(status=Conversation.Status.RESOLVED).order_by("-last_entry_at", "-pk").first()
    if found is not None and not like.is_resolved:
        return found
    return Conversation.objects.create(
        customer=customer, brand=like.brand, team=like.team, subject=like.subject, topic=like.topic,
        status=like.status if like.is_resolved else Conversation.Status.OPEN, resolved_at=like.resolved_at,
        opened_at=like.opened_at,
    )  # fmt: skip


def rehome(entries: list[Entry], customer: Customer, numbers: dict[int, int]) -> set[int]:
    """Put messages, carried to `customer`, into their own conversations; return which conversations changed.

    The threads they travelled on lead there from now on. numbers: their new ones by those they are given with.
    """
    homes: dict[int, Conversation] = {}
    came: dict[int, list[Entry]] = {}
    for entry in entries:
        assert entry.conversation is not None
        left = entry.conversation
        if left.pk not in homes:
            homes[left.pk] = home_of(customer, left)
        came.setdefault(homes[left.pk].pk, []).append(entry)
    carry_reading(came, numbers)
    # A thread leads to where its latest message went.
    for left_pk in list(dict.fromkeys(entry.conversation_id or 0 for entry in reversed(entries)))[::-1]:
        gone, home = [entry for entry in entries if entry.conversation_id == left_pk], homes[left_pk]
        Entry.objects.filter(pk__in=[entry.pk for entry in gone]).update(conversation=home)
        Thread.objects.filter(pk__in={entry.message.thread_id for entry in gone}).update(conversation=home)
    return {*homes, *(home.pk for home in homes.values())}


def recount(conversations: Iterable[int]) -> None:
    """Write anew what a list shows of conversations that lost or won messages."""
    for conversation in Conversation.objects.filter(pk__in=list(conversations)):
        messages = _messages(conversation).filter(entry__data__robot__isnull=True)
        inbound = messages.filter(direction=Message.Direction.IN)
        newest = inbound.order_by("-entry__occurred_at", "-pk").first() or _messages(conversation).first()
        conversation.last_inbound_seq = inbound.aggregate(last=Max("entry__seq"))["last"] or 0
        if newest is not None:
            conversation.last_entry_at = newest.entry.occurred_at
        conversation.last_preview = preview(newest.words, newest.subject) if newest else ""
        conversation.last_channel_kind = newest.thread.channel.icon if newest else ""
        _recount_unanswered(conversation)
        conversation.save()


def _recount_unanswered(conversation: Conversation) -> None:
    """Count what came since the last answer; who never waited does not begin to."""
    messages = _messages(conversation).exclude(entry__data__has_any_keys=NO_ANSWER)
    # In the order in which they came, which is that of their keys: what was carried has newer numbers.
    answer = messages.filter(direction=Message.Direction.OUT).order_by("-pk").first()
    asked = messages.filter(direction=Message.Direction.IN, entry__data__robot__isnull=True)
    if answer is not None:
        asked = asked.filter(pk__gt=answer.pk)
    first = asked.order_by("entry__occurred_at").first()
    if first is None or conversation.is_resolved:
        waiting.set_to(conversation, 0, None)
    else:
        waiting.set_to(conversation, asked.count(), first.entry.occurred_at)


def _messages(conversation: Conversation) -> Any:
    rows = Message.objects.filter(entry__conversation=conversation)
    return rows.select_related("entry", "thread__channel").order_by("-pk")


def _translated(seq: int, old: list[int], numbers: dict[int, int]) -> int:
    place = bisect_right(old, seq)
    return numbers[old[place - 1]] if place else 0
