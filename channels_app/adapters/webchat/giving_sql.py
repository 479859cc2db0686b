"""What is drawn beside the words of a few entries, by prepared statements: a frame asks after every message."""

import json
from collections.abc import Sequence
from typing import Any

from conversations.models import Attachment
from helpdesk.lib import sql

FILES = """
    SELECT {}, b.size_bytes FROM conversations_attachment a LEFT JOIN conversations_blob b ON b.sha256 = a.blob_id
    WHERE a.entry_id = ANY(%(entries)s::bigint[]) ORDER BY a.id
"""
# They travel with the way that a message went.
ANSWERS = """
    SELECT message_id, route -> 'quick_replies' FROM conversations_delivery
    WHERE message_id = ANY(%(entries)s::bigint[]) AND route ? 'quick_replies'
"""


def files(entries: Sequence[int]) -> list[Attachment]:
    """Return the files of these entries, each with the size of its content (`size_bytes`)."""
    found = []
    for row in sql.run(FILES.format(sql.columns(Attachment, "a")), {"entries": list(entries)}).fetchall():
        file: Any = sql.load(Attachment, row[:-1])
        file.size_bytes = row[-1]
        found.append(file)
    return found


def answers(entries: Sequence[int]) -> dict[int, list[dict[str, str]]]:
    """Return the answers to press that stand under messages."""
    return {message: json.loads(given) for message, given in sql.run(ANSWERS, {"entries": list(entries)}).fetchall()}
