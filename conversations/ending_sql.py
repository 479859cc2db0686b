"""How a chat ended and what was said of it, by prepared statements: its frame asks after every message."""

from agents.models import Agent
from conversations.models.entry import Entry
from helpdesk.lib import sql

CHANGED = """
    SELECT {}, {} FROM conversations_entry e LEFT JOIN agents_agent a ON a.id = e.by_id
    WHERE e.conversation_id = %(conversation)s AND e.kind = 'status' ORDER BY e.id DESC LIMIT 1
"""
RATINGS = """
    SELECT {} FROM conversations_entry e
    WHERE e.conversation_id = %(conversation)s AND e.kind = 'survey' AND e.data ->> 'act' = %(act)s ORDER BY e.id
"""


def last_status(conversation: int) -> Entry | None:
    """Return the last change of a conversation's status, with who made it."""
    text = CHANGED.format(sql.columns(Entry, "e"), sql.columns(Agent, "a"))
    row = sql.run(text, {"conversation": conversation}).fetchone()
    if row is None:
        return None
    entry, entry.by = sql.load_all([Entry, Agent], row)
    found: Entry = entry
    return found


def ratings(conversation: int, act: str) -> list[Entry]:
    """Return what the customer said of our help, the first first."""
    rows = sql.run(RATINGS.format(sql.columns(Entry, "e")), {"conversation": conversation, "act": act}).fetchall()
    return [entry for entry in (sql.load(Entry, row) for row in rows) if entry is not None]
