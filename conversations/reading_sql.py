"""What a timeline's page and its refetch ask: entries with what is drawn of them, by prepared statements.

A hint makes every browser that shows the customer ask, so this is the most frequent question of the desk. Through the
ORM half of its CPU went into putting the statement together and planning its ten tables anew (docs/performance.md).
The rows are those of Entry.objects.shown_to and Customer.objects.visible_to: a test compares them.
"""

# ruff: noqa: S608 - put together from constants of this file; values go beside the text

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.apps import apps
from django.db.models import Model, prefetch_related_objects

from agents.models import Agent
from agents.permissions import Sight
from conversations.models.attachment import Attachment
from conversations.models.conversation import Conversation, Topic
from conversations.models.entry import Entry
from conversations.models.message import Message, Recipient
from customers.models import Customer, Identity
from helpdesk.lib import sql

# A conversation `c` that somebody sees who does not see all (Conversation.objects.visible_to).
_NAMED = """c.assignee_id = %(me)s
    OR EXISTS (SELECT FROM conversations_follower f WHERE f.conversation_id = c.id AND f.agent_id = %(me)s)
    OR EXISTS (SELECT FROM conversations_mention m JOIN conversations_entry n ON n.id = m.entry_id
        WHERE n.conversation_id = c.id AND m.agent_id = %(me)s)"""
_OWN = {"own": f"({_NAMED})", "teams": f"(c.team_id IS NULL OR c.team_id = ANY (%(teams)s::bigint[]) OR {_NAMED})"}
_OPEN_TO_ALL = """e.conversation_id IS NULL OR c.team_id IS NULL
    OR NOT (SELECT t.is_private FROM agents_team t WHERE t.id = c.team_id)"""
# The last two columns say which lists are worth asking for: most entries have no files and no copies.
_ENTRIES = """SELECT {columns}, EXISTS (SELECT FROM conversations_attachment x WHERE x.entry_id = e.id),
        EXISTS (SELECT FROM conversations_recipient r WHERE r.message_id = e.id AND r.role IN ('cc', 'bcc'))
    FROM conversations_entry e
    LEFT JOIN conversations_conversation c ON c.id = e.conversation_id
    LEFT JOIN conversations_topic o ON o.id = c.topic_id
    LEFT JOIN agents_agent a ON a.id = e.by_id
    LEFT JOIN conversations_message m ON m.entry_id = e.id
    LEFT JOIN channels_app_channel h ON h.id = m.channel_id
    LEFT JOIN customers_identity i ON i.id = m.sender_id
    WHERE e.customer_id = %(customer)s AND {shown} AND {which}"""
# Which entries, in what order. The first comparison of a place is what an index understands.
_WHICH = {
    "touched": "e.touched_seq > %(after)s ORDER BY e.touched_seq LIMIT %(limit)s",
    "newest": "NOT e.data ? 'undone' ORDER BY e.occurred_at DESC, e.id DESC LIMIT %(limit)s",
    "before": """NOT e.data ? 'undone' AND (e.occurred_at, e.id) < (%(at)s, %(pk)s)
        ORDER BY e.occurred_at DESC, e.id DESC LIMIT %(limit)s""",
}


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose questions these are, of which customer."""

    customer: Customer
    sight: Sight


def customer_seen(pk: int, sight: Sight) -> Customer | None:
    """Return a customer, merged ones included, if they exist for somebody with this sight."""
    row = sql.run(_customer_text(sight.kind), _values(pk, sight)).fetchone()
    return sql.load(Customer, row) if row else None


def touched(reader: Reader, after: int, limit: int) -> list[Entry]:
    """Return the first entries that are new or changed since a number, in the order of their change."""
    return _entries(reader, "touched", {"after": after, "limit": limit})


def newest(reader: Reader, before: tuple[datetime, int] | None, limit: int) -> list[Entry]:
    """Return the last entries before a place, those that were taken back left out; the latest first."""
    place = {"at": before[0], "pk": before[1]} if before else {}
    return _entries(reader, "before" if before else "newest", {"limit": limit, **place})


def _entries(reader: Reader, which: str, values: dict[str, Any]) -> list[Entry]:
    sight = reader.sight
    text = _entries_text(sight.kind, which, whole=sight.reads_whole_timelines)
    known: dict[tuple[type[Model], int], Any] = {}
    rows = sql.run(text, _values(reader.customer.pk, sight) | values).fetchall()
    entries = [_entry(reader.customer, row, known) for row in rows]
    _add_lists(list(zip(entries, rows, strict=True)))
    return entries


def _add_lists(rows: list[tuple[Entry, tuple[Any, ...]]]) -> None:
    """Fetch what is drawn of an entry and may be several: files, who got a copy, how it travelled."""
    messages = [(entry.message, row) for entry, row in rows if entry.said is not None]
    prefetch_related_objects([entry for entry, row in rows if row[-2]], "attachments")
    prefetch_related_objects([message for message, row in messages if row[-1]], "recipients")
    prefetch_related_objects([message for message, _row in messages if not message.is_inbound], "deliveries")
    for entry, row in rows:
        if not row[-2]:
            _prefetched(entry)["attachments"] = Attachment.objects.none()
    for message, row in messages:
        if not row[-1]:
            _prefetched(message)["recipients"] = Recipient.objects.none()


def _prefetched(row: Any) -> dict[str, Any]:
    """What `prefetch_related` fills."""
    cache: dict[str, Any] = row.__dict__.setdefault("_prefetched_objects_cache", {})
    return cache


def _entry(customer: Customer, row: tuple[Any, ...], known: dict[tuple[type[Model], int], Any]) -> Entry:
    """Put an entry together with what belongs to it; what several share is made once."""
    parts: dict[str, Any] = {}
    for name, model, key, start, end in _parts():
        pk = row[key]
        if pk is not None and (model, pk) not in known:
            known[model, pk] = sql.load(model, row[start:end])
        parts[name] = None if pk is None else known[model, pk]
    entry: Entry = parts["entry"]
    message, conversation = parts["message"], parts["conversation"]
    entry._state.fields_cache |= {
        "customer": customer, "by": parts["by"], "conversation": conversation, "message": message,
    }  # fmt: skip
    if conversation is not None:
        conversation._state.fields_cache["topic"] = parts["topic"]
    if message is not None:
        message._state.fields_cache |= {"entry": entry, "channel": parts["channel"], "sender": parts["sender"]}
    return entry


@cache
def _parts() -> list[tuple[str, type[Model], int, int, int]]:
    """Of each model in a row of `_ENTRIES`: name, model, place of its key, first column, end."""
    found, start = [], 0
    for name, model in _models():
        fields = model._meta.concrete_fields
        found.append((name, model, start + fields.index(model._meta.pk), start, start + len(fields)))
        start += len(fields)
    return found


@cache
def _models() -> tuple[tuple[str, type[Model]], ...]:
    channel = apps.get_model("channels_app", "Channel")
    return (
        ("entry", Entry), ("conversation", Conversation), ("topic", Topic), ("by", Agent), ("message", Message),
        ("channel", channel), ("sender", Identity),
    )  # fmt: skip


@cache
def _entries_text(kind: str, which: str, *, whole: bool) -> str:
    columns = ", ".join(sql.columns(model, alias) for (_name, model), alias in zip(_models(), "ecoamhi", strict=True))
    shown = "true"
    if kind != "all":
        shown = f"({_OPEN_TO_ALL} OR {_OWN[kind]})" if whole else f"(e.conversation_id IS NOT NULL AND {_OWN[kind]})"
    return _ENTRIES.format(columns=columns, shown=shown, which=_WHICH[which])


@cache
def _customer_text(kind: str) -> str:
    theirs = "SELECT FROM conversations_conversation c WHERE c.customer_id = u.id"
    seen = "true" if kind == "all" else f"(EXISTS ({theirs} AND {_OWN[kind]}) OR NOT EXISTS ({theirs}))"
    return f"SELECT {sql.columns(Customer, 'u')} FROM customers_customer u WHERE u.id = %(customer)s AND {seen}"


def _values(customer: int, sight: Sight) -> dict[str, Any]:
    return {"customer": customer, "me": sight.agent_id, "teams": sorted(sight.team_ids)}
