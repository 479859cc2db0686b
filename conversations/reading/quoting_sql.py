"""The messages that others answer visibly, fetched for a whole page at once and only where somebody does.

A reader gets a quote only of what they see on this timeline; of all else there is not even a hint.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

from conversations.models.entry import Entry
from conversations.models.message import Message
from helpdesk.lib import sql

SAID_CHARACTERS = 160
# A channel with a provider's id, or with the number of a row of ours.
Key: TypeAlias = tuple[int, str, int]
# A message of ours may be several of the provider's: an answer names one of them.
_QUOTED = """SELECT w.channel_id, w.external_id, w.pk, e.id, left(m.text, %(characters)s), m.direction = 'in',
        coalesce(a.name, ''), m.deleted_at IS NOT NULL, coalesce((SELECT x.kind FROM conversations_attachment x
            WHERE x.entry_id = e.id ORDER BY x.id LIMIT 1), '')
    FROM unnest(%(channels)s::bigint[], %(names)s::text[], %(pks)s::bigint[]) AS w (channel_id, external_id, pk)
    CROSS JOIN LATERAL (
        SELECT d.entry_id AS id FROM conversations_message d
            WHERE d.channel_id = w.channel_id AND d.external_id = w.external_id
        UNION SELECT v.message_id FROM conversations_deliverypart p
            JOIN conversations_delivery v ON v.id = p.delivery_id
            WHERE p.channel_id = w.channel_id AND p.external_id = w.external_id
        UNION SELECT w.pk WHERE w.pk > 0) AS f
    JOIN conversations_entry e ON e.id = f.id
    JOIN conversations_message m ON m.entry_id = e.id
    LEFT JOIN conversations_conversation c ON c.id = e.conversation_id
    LEFT JOIN agents_agent a ON a.id = e.by_id
    WHERE e.customer_id = %(customer)s AND {shown} AND NOT e.data ? 'undone'"""


@dataclass(frozen=True, slots=True)
class Quote:
    """What a message answers. pk: of the entry; who: the agent's name, '' where the customer said it.

    kind: of its first file, '' where there is none.
    """

    pk: int
    text: str
    is_theirs: bool
    who: str
    is_deleted: bool
    kind: str


def add(entries: Iterable[Entry], shown: str, values: dict[str, Any]) -> None:
    """Put `quote` on each message that answers another, but on mails: there each answers the one before."""
    said = [entry.message for entry in entries if entry.said is not None]
    mails = _mails([message for message in said if message.is_inbound and message.in_reply_to])
    asking = {message.pk: key for message in said if (key := _key(message)) and message.channel_id not in mails}
    if not asking:
        return
    channels, names, pks = zip(*set(asking.values()), strict=True)
    named = {"channels": list(channels), "names": list(names), "pks": list(pks), "characters": SAID_CHARACTERS}
    found = {row[:3]: Quote(*row[3:]) for row in sql.run(_text(shown), values | named).fetchall()}
    for message in said:
        if message.pk in asking:
            message.quote = found.get(asking[message.pk])  # type: ignore[attr-defined]


def quote_of(message: Message) -> Quote | None:
    """Return what a message answers, where it was fetched with it."""
    return getattr(message, "quote", None)


def _key(message: Message) -> Key | None:
    """Name what a message answers: theirs by the provider's id; ours by its row, where an agent chose one to quote."""
    if message.is_inbound or not message.deliveries.all():
        return (message.channel_id, message.in_reply_to, 0) if message.in_reply_to else None
    quoted = max(message.deliveries.all(), key=lambda row: row.pk).route.get("quotes")
    return (message.channel_id, "", quoted) if isinstance(quoted, int) and quoted > 0 else None


def _mails(messages: list[Message]) -> set[int]:
    """Return which channels of these messages are mail; each is asked once."""
    channels = {message.channel_id: message.channel for message in messages}
    return {pk for pk, channel in channels.items() if channel.adapter.capabilities_of(channel).has_subject}


@cache
def _text(shown: str) -> str:
    return _QUOTED.format(shown=shown)
