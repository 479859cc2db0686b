"""What visitors ask of a timeline, by prepared statements: every message of a chat makes each of their browsers ask.

The rows are those of visiting.readable_by: a test compares them.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from agents.models import Agent, Brand
from conversations.models.conversation import Conversation
from conversations.models.entry import Entry
from conversations.models.message import Message
from conversations.models.thread import Thread
from customers.models import Identity
from helpdesk.lib import sql

_DELIVERIES = "SELECT FROM conversations_delivery d WHERE d.message_id = m.entry_id"
READABLE = f"""
    t.identity_id = ANY(%(identities)s::bigint[]) AND t.kind = 'direct' AND e.kind = 'message'
    AND e.visibility = 'public' AND NOT e.data ? 'follows'
    AND (m.direction = 'in' OR NOT EXISTS ({_DELIVERIES})
        OR EXISTS ({_DELIVERIES} AND d.state IN ('sent', 'delivered', 'read')))
"""
FROM = """
    FROM conversations_thread t JOIN conversations_message m ON m.thread_id = t.id
    JOIN conversations_entry e ON e.id = m.entry_id
"""
_LATEST, _FIRST = "e.occurred_at DESC, e.id DESC", "e.occurred_at, e.id"
_CHANGED = """JOIN unnest(%(customers)s::bigint[], %(afters)s::bigint[]) AS known (id, after)
    ON known.id = e.customer_id AND e.touched_seq > known.after"""
# Which of them (what is joined, what is asked of it) and in what order.
_WHICH = {
    "newest": ("", "true", _LATEST),
    "before": ("", "(e.occurred_at, e.id) < (%(at)s, %(pk)s)", _LATEST),
    "changed": (_CHANGED, "true", _FIRST),
}
_DRAWN = ((Entry, "e"), (Message, "m"), (Thread, "t"), (Agent, "a"))
# The conversation in which was spoken last.
_SPOKEN_IN = f"""
    SELECT {{}}, {{}} {FROM} JOIN conversations_conversation c ON c.id = e.conversation_id
    JOIN agents_brand b ON b.id = c.brand_id
    WHERE {READABLE} AND c.customer_id = ANY(%(customers)s::bigint[]) ORDER BY {_LATEST} LIMIT 1
"""
_ANSWERED_BY = f"""
    SELECT {{}} {FROM} JOIN agents_agent a ON a.id = e.by_id
    WHERE {READABLE} AND m.direction = 'out'
    AND (%(conversation)s::bigint IS NULL OR e.conversation_id = %(conversation)s::bigint)
    ORDER BY {_LATEST} LIMIT 1
"""


def entries(which: str, identities: Sequence[Identity], limit: int, **values: Any) -> list[Entry]:
    """Return which of the entries these may read, each with its message, thread and author.

    newest; before (at, pk), the latest first; changed (customers, afters) as they are shown.
    """
    given = {"identities": [identity.pk for identity in identities], "limit": limit, **values}
    found = []
    for row in sql.run(_text(which), given).fetchall():
        entry, message, message.thread, entry.by = sql.load_all([model for model, _alias in _DRAWN], row)
        message.entry = entry
        found.append(entry)
    return found


def spoken_in(identities: Sequence[Identity]) -> Conversation | None:
    """Return the conversation of the last entry they may read, with its brand; never one of another customer."""
    text = _SPOKEN_IN.format(sql.columns(Conversation, "c"), sql.columns(Brand, "b"))
    own = {identity.customer_id for identity in identities}
    row = sql.run(text, {"identities": [identity.pk for identity in identities], "customers": list(own)}).fetchone()
    if row is None:
        return None
    conversation, brand = sql.load_all([Conversation, Brand], row)
    conversation.brand = brand
    found: Conversation = conversation
    return found


def answered_by(identities: Sequence[Identity], conversation: int | None) -> Agent | None:
    """Return who answered last of what they may read, in one conversation or (None) at all."""
    values = {"identities": [identity.pk for identity in identities], "conversation": conversation}
    row = sql.run(_ANSWERED_BY.format(sql.columns(Agent, "a")), values).fetchone()
    return sql.load(Agent, row) if row is not None else None


@cache
def _text(which: str) -> str:
    more, where, order = _WHICH[which]
    columns = ", ".join(sql.columns(model, alias) for model, alias in _DRAWN)
    by = "LEFT JOIN agents_agent a ON a.id = e.by_id"
    return f"SELECT {columns} {FROM} {more} {by} WHERE {READABLE} AND {where} ORDER BY {order} LIMIT %(limit)s"
