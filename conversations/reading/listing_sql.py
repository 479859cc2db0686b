"""Short lists that are read with their entry, as JSON: its files, who got a copy, and who put a sign on it.

Each was a question of its own for a page that has any. The rows are made to be drawn, not to be saved.
"""

import json
from typing import Any

from agents.models import Agent
from conversations.models.attachment import Attachment
from conversations.models.entry import Entry
from conversations.models.message import Message, Reaction, Recipient
from customers.models import Identity

# With their sizes, never with their content.
FILES = """(SELECT jsonb_agg(jsonb_build_object(
            'id', x.id, 'blob_id', x.blob_id, 'filename', x.filename, 'content_type', x.content_type,
            'content_id', x.content_id, 'is_inline', x.is_inline, 'state', x.state, 'source', x.source,
            'kind', x.kind, 'thumbnail_id', x.thumbnail_id, 'attempts', x.attempts, 'size_bytes', b.size_bytes)
        ORDER BY x.id)
    FROM conversations_attachment x LEFT JOIN conversations_blob b ON b.sha256 = x.blob_id WHERE x.entry_id = e.id)"""
COPIES = """(SELECT jsonb_agg(jsonb_build_array(r.id, r.role, r.address, r.name) ORDER BY r.id)
    FROM conversations_recipient r WHERE r.message_id = e.id AND r.role IN ('cc', 'bcc'))"""
# In the order in which they came, each with what names whose it is.
SIGNS = """(SELECT jsonb_agg(jsonb_build_array(
            s.id, s.emoji, n.id, n.name, n.email, w.id, w.customer_id, w.value, w.display) ORDER BY s.at, s.id)
    FROM conversations_reaction s LEFT JOIN agents_agent n ON n.id = s.by_id
    LEFT JOIN customers_identity w ON w.id = s.identity_id WHERE s.message_id = e.id)"""


def files(entry: Entry, listed: Any) -> list[Attachment]:
    """Return the files of an entry, of what FILES found."""
    found = []
    for row in _rows(listed):
        size = row.pop("size_bytes")
        file = Attachment(entry=entry, **row)
        file.size_bytes = size  # type: ignore[attr-defined]
        found.append(file)
    return found


def copies(message: Message, listed: Any) -> list[Recipient]:
    """Return who got a copy, of what COPIES found."""
    return [
        Recipient(pk=pk, message=message, role=role, address=address, name=name)
        for pk, role, address, name in _rows(listed)
    ]


def signs(message: Message, listed: Any) -> list[Reaction]:
    """Return the signs, of what SIGNS found; of whose they are only what names them."""
    found = []
    for pk, emoji, by, name, email, who, customer, value, display in _rows(listed):
        agent = None if by is None else Agent(pk=by, name=name, email=email)
        identity = None if who is None else Identity(pk=who, customer_id=customer, value=value, display=display)
        found.append(Reaction(pk=pk, message=message, emoji=emoji, by=agent, identity=identity))
    return found


def _rows(listed: Any) -> list[Any]:
    rows: list[Any] = json.loads(listed) if isinstance(listed, str | bytes) else listed or []
    return rows
