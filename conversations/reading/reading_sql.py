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
from django.db.models import F, Model, Prefetch, prefetch_related_objects

from agents.models import Agent
from agents.permissions import Sight
from conversations.models.attachment import Attachment
from conversations.models.conversation import Conversation, Topic
from conversations.models.entry import Entry
from conversations.models.message import Message, Reaction, Recipient
from conversations.reading import listing_sql, quoting_sql
from customers.models import Customer, Identity
from helpdesk.lib import sql, words

# A conversation `c` that somebody sees who does not see all (Conversation.objects.visible_to).
_NAMED = """c.assignee_id = %(me)s
    OR EXISTS (SELECT FROM conversations_follower f WHERE f.conversation_id = c.id AND f.agent_id = %(me)s)
    OR EXISTS (SELECT FROM conversations_mention m JOIN conversations_entry n ON n.id = m.entry_id
        WHERE n.conversation_id = c.id AND m.agent_id = %(me)s)"""
_OWN = {"own": f"({_NAMED})", "teams": f"(c.team_id IS NULL OR c.team_id = ANY (%(teams)s::bigint[]) OR {_NAMED})"}
_OPEN_TO_ALL = """e.conversation_id IS NULL OR c.team_id IS NULL
    OR NOT (SELECT t.is_private FROM agents_team t WHERE t.id = c.team_id)"""
# The last columns are lists: of files, copies and signs.
_ENTRIES = """SELECT {columns}, {files}, {copies}, {signs}
    FROM conversations_entry e
    LEFT JOIN conversations_conversation c ON c.id = e.conversation_id
    LEFT JOIN conversations_topic o ON o.id = c.topic_id
    LEFT JOIN agents_agent a ON a.id = e.by_id
    LEFT JOIN conversations_message m ON m.entry_id = e.id
    LEFT JOIN channels_app_channel h ON h.id = m.channel_id
    LEFT JOIN customers_identity i ON i.id = m.sender_id
    WHERE e.customer_id = %(customer)s AND {where} ORDER BY {order} LIMIT %(limit)s"""
_STANDS = "NOT e.data ? 'undone'"
_PLACE = "(e.occurred_at, e.id) {} (%(at)s, %(pk)s)"
_LATEST, _FIRST = "e.occurred_at DESC, e.id DESC", "e.occurred_at, e.id"
# Which entries, in what order.
_WHICH = {
    "touched": ("e.touched_seq > %(pk)s", "e.touched_seq"), "newest": (_STANDS, _LATEST),
    "before": (f"{_STANDS} AND {_PLACE.format('<')}", _LATEST),
    "until": (f"{_STANDS} AND {_PLACE.format('<=')}", _LATEST),
    "later": (f"{_STANDS} AND {_PLACE.format('>')}", _FIRST),
}  # fmt: skip
# What is left of a timeline that is narrowed.
_SHOWS = {
    "all": "true", "messages": "m.entry_id IS NOT NULL", "notes": "e.kind = 'note'", "calls": "e.kind = 'call'",
    "orders": "e.kind = 'order'", "conversation": "e.conversation_id = %(conversation)s",
    "files": "EXISTS (SELECT FROM conversations_attachment x WHERE x.entry_id = e.id AND NOT x.is_inline)",
}  # fmt: skip
_FIND = """SELECT e.id FROM conversations_entry e LEFT JOIN conversations_conversation c ON c.id = e.conversation_id
    LEFT JOIN conversations_message m ON m.entry_id = e.id
    CROSS JOIN LATERAL (SELECT concat_ws(' ', e.data ->> 'text', m.subject, m.text, m.quoted, (
        SELECT string_agg(x.filename, ' ') FROM conversations_attachment x WHERE x.entry_id = e.id)) AS text) AS said
    WHERE e.customer_id = %(customer)s AND {shown} AND NOT e.data ? 'undone' AND said.text ~* ALL (%(patterns)s::text[])
    ORDER BY e.occurred_at DESC, e.id DESC LIMIT %(limit)s"""
# What a patch is woven of: not all that was ever said, which takes longer from year to year.
_WOVEN = """SELECT said.channel_id, count(*) FROM (
        SELECT m.channel_id FROM conversations_entry e
        JOIN conversations_message m ON m.entry_id = e.id
        LEFT JOIN conversations_conversation c ON c.id = e.conversation_id
        WHERE e.customer_id = %(customer)s AND {shown} ORDER BY e.occurred_at DESC, e.id DESC LIMIT %(limit)s) AS said
    GROUP BY 1 ORDER BY 2 DESC, 1"""


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose questions these are, of which customer, and what is left of it: a key of _SHOWS, a conversation's pk."""

    customer: Customer
    sight: Sight
    show: str = "all"
    conversation: int = 0


@dataclass(frozen=True, slots=True)
class Which:
    """Which entries: those `touched` after number `pk`, the `newest`, or those before, until or later than a place."""

    name: str
    at: datetime | None = None
    pk: int = 0


@dataclass(frozen=True, slots=True)
class _Shown:
    """Which entries of a customer a reader sees, by what decides it."""

    kind: str
    whole: bool

    @property
    def condition(self) -> str:
        if self.kind == "all":
            return "true"
        if self.whole:
            return f"({_OPEN_TO_ALL} OR {_OWN[self.kind]})"
        return f"(e.conversation_id IS NOT NULL AND {_OWN[self.kind]})"


def customer_seen(pk: int, sight: Sight) -> Customer | None:
    """Return a customer, merged ones included, if they exist for somebody with this sight."""
    row = sql.run(_customer_text(sight.kind), _values(pk, sight)).fetchone()
    return sql.load(Customer, row) if row else None


def entries(reader: Reader, which: Which, limit: int) -> list[Entry]:
    """Return entries with what is drawn of them; all but `touched` and `later` begin with the latest."""
    return pages(reader, (which,), limit)[0]


def pages(reader: Reader, asked: tuple[Which, ...], limit: int) -> list[list[Entry]]:
    """Return several lists of entries as `entries` does; what is drawn of all is fetched together."""
    shown, values = _shown(reader.sight), _values(reader.customer.pk, reader.sight)
    known: dict[tuple[type[Model], int], Any] = {}
    found, rows = [], []
    for which in asked:
        at = {"at": which.at, "pk": which.pk, "limit": limit, "conversation": reader.conversation}
        read = sql.run(_entries_text(shown, which.name, reader.show), values | at).fetchall()
        found.append([_entry(reader.customer, row, known) for row in read])
        rows += read
    drawn = [entry for page in found for entry in page]
    _add_lists(list(zip(drawn, rows, strict=True)))
    quoting_sql.add(drawn, shown.condition, values)
    return found


def place_of(reader: Reader, pk: int) -> tuple[datetime, int] | None:
    """Return where an entry stands, as `Which` takes it; None when it is not on what this reader sees."""
    text = _place_text(_shown(reader.sight))
    found: tuple[datetime, int] | None = sql.run(
        text, _values(reader.customer.pk, reader.sight) | {"pk": pk}
    ).fetchone()
    return found


def find(reader: Reader, wanted: list[str], limit: int) -> list[int]:
    """Return the entries in which all of these words stand, the newest first."""
    values = {"patterns": [words.pattern(word) for word in wanted], "limit": limit}
    text = _find_text(_shown(reader.sight))
    return [row[0] for row in sql.run(text, _values(reader.customer.pk, reader.sight) | values)]


def woven(reader: Reader, newest: int) -> list[tuple[int, int]]:
    """Return on which channels the newest messages travelled that this reader sees: (channel, how many), most first."""
    text = _woven_text(_shown(reader.sight))
    return sql.run(text, _values(reader.customer.pk, reader.sight) | {"limit": newest}).fetchall()


def _add_lists(rows: list[tuple[Entry, tuple[Any, ...]]]) -> None:
    """Put with an entry what is drawn of it and may be several: files, who got a copy, signs, how it travelled."""
    messages = [(entry.message, row) for entry, row in rows if entry.said is not None]
    prefetch_related_objects([message for message, _row in messages if not message.is_inbound], "deliveries")
    for entry, row in rows:
        _keep(entry, "attachments", Attachment, listing_sql.files(entry, row[-3]))
    for message, row in messages:
        _keep(message, "recipients", Recipient, listing_sql.copies(message, row[-2]))
        _keep(message, "reactions", Reaction, listing_sql.signs(message, row[-1]))


def files_drawn(of: str = "attachments") -> "Prefetch[str]":
    """Fetch files with their sizes (`size_bytes`), never with their content."""
    return Prefetch(of, Attachment.objects.annotate(size_bytes=F("blob__size_bytes")))


def reactions_drawn(of: str = "reactions") -> "Prefetch[str]":
    """Fetch reactions with whose they are, in the order in which they came."""
    return Prefetch(of, Reaction.objects.select_related("identity", "by").order_by("at", "pk"))


def _keep(row: Any, name: str, model: type[Model], found: list[Any]) -> None:
    """Let a row have a list as `prefetch_related` would have fetched it."""
    rows = model._default_manager.none()
    rows._result_cache = found
    row.__dict__.setdefault("_prefetched_objects_cache", {})[name] = rows


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
def _entries_text(shown: _Shown, which: str, show: str) -> str:
    columns = ", ".join(sql.columns(model, alias) for (_name, model), alias in zip(_models(), "ecoamhi", strict=True))
    where, order = _WHICH[which]
    lists = {"files": listing_sql.FILES, "copies": listing_sql.COPIES, "signs": listing_sql.SIGNS}
    where = f"{shown.condition} AND {_SHOWS[show]} AND {where}"
    return _ENTRIES.format(columns=columns, **lists, where=where, order=order)


@cache
def _place_text(shown: _Shown) -> str:
    return f"""SELECT e.occurred_at, e.id FROM conversations_entry e
        LEFT JOIN conversations_conversation c ON c.id = e.conversation_id
        WHERE e.id = %(pk)s AND e.customer_id = %(customer)s AND {shown.condition} AND {_STANDS}"""


@cache
def _find_text(shown: _Shown) -> str:
    return _FIND.format(shown=shown.condition)


@cache
def _woven_text(shown: _Shown) -> str:
    return _WOVEN.format(shown=shown.condition)


@cache
def _customer_text(kind: str) -> str:
    theirs = "SELECT FROM conversations_conversation c WHERE c.customer_id = u.id"
    seen = "true" if kind == "all" else f"(EXISTS ({theirs} AND {_OWN[kind]}) OR NOT EXISTS ({theirs}))"
    return f"SELECT {sql.columns(Customer, 'u')} FROM customers_customer u WHERE u.id = %(customer)s AND {seen}"


def _shown(sight: Sight) -> _Shown:
    return _Shown(sight.kind, sight.reads_whole_timelines)


def _values(customer: int, sight: Sight) -> dict[str, Any]:
    return {"customer": customer, "me": sight.agent_id, "teams": sorted(sight.team_ids)}
