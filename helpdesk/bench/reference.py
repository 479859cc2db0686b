"""The least a mail can cost: the standard parser, five prepared statements, one commit, a connection of its own.

It cleans nothing, proves nothing, joins nothing and tells nobody: a floor to compare with, not a product.
"""

import email
import hashlib
from email.message import Message as Mail
from email.utils import parseaddr

import psycopg
from psycopg.conninfo import make_conninfo

from helpdesk.bench.corpus import Letter

TABLES = """
    CREATE SCHEMA reference;
    CREATE TABLE reference.identity (id bigserial PRIMARY KEY, address text NOT NULL UNIQUE, seen int NOT NULL);
    CREATE TABLE reference.conversation (
        id bigserial PRIMARY KEY, identity_id bigint NOT NULL REFERENCES reference.identity, is_open boolean NOT NULL,
        last_text text NOT NULL, messages int NOT NULL);
    CREATE INDEX ON reference.conversation (identity_id) WHERE is_open;
    CREATE TABLE reference.message (
        id bigserial PRIMARY KEY, conversation_id bigint NOT NULL REFERENCES reference.conversation,
        external_id text NOT NULL UNIQUE, subject text NOT NULL, body text NOT NULL, html text NOT NULL, files bytea);
    CREATE INDEX ON reference.message (conversation_id, id);
    CREATE TABLE reference.event (id bigserial PRIMARY KEY, conversation_id bigint NOT NULL, message_id bigint);
"""
IDENTITY = """
    INSERT INTO reference.identity (address, seen) VALUES (%s, 1)
    ON CONFLICT (address) DO UPDATE SET seen = identity.seen + 1 RETURNING id
"""
CONVERSATION = """
    WITH found AS (
        SELECT id FROM reference.conversation WHERE identity_id = %(who)s AND is_open LIMIT 1 FOR NO KEY UPDATE
    ), made AS (
        INSERT INTO reference.conversation (identity_id, is_open, last_text, messages)
        SELECT %(who)s, true, '', 0 WHERE NOT EXISTS (SELECT FROM found) RETURNING id
    ) SELECT id FROM found UNION ALL SELECT id FROM made
"""
MESSAGE = """
    INSERT INTO reference.message (conversation_id, external_id, subject, body, html, files)
    VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (external_id) DO NOTHING RETURNING id
"""
TOUCH = "UPDATE reference.conversation SET last_text = %s, messages = messages + 1 WHERE id = %s"
EVENT = "INSERT INTO reference.event (conversation_id, message_id) VALUES (%s, %s)"


class Pipeline:
    """One connection of its own to the same database."""

    def __init__(self, url: str) -> None:
        self._link = psycopg.connect(make_conninfo(url))
        self._link.prepare_threshold = 0
        self._link.execute(TABLES, prepare=False)
        self._link.commit()

    @property
    def backend(self) -> int:
        """The process of PostgreSQL that serves us."""
        return self._link.info.backend_pid

    def ingest(self, letters: list[Letter]) -> None:
        """Read and store each mail."""
        for letter in letters:
            self._file(email.message_from_bytes(letter.raw))

    def _file(self, mail: Mail) -> None:
        text, page, files = _decoded(mail)
        subject, sender = str(mail["Subject"]), parseaddr(str(mail["From"]))[1]
        who = self._one(IDENTITY, [sender])
        place = self._one(CONVERSATION, {"who": who})
        message = self._one(MESSAGE, [place, str(mail["Message-ID"]), subject, text, page, files])
        self._link.execute(TOUCH, [text[:160], place])
        self._link.execute(EVENT, [place, message])
        self._link.commit()

    def _one(self, statement: str, values: object) -> int:
        row = self._link.execute(statement, values).fetchone()  # type: ignore[call-overload]
        return int(row[0])


def _decoded(mail: Mail) -> tuple[str, str, bytes]:
    text, page, files = "", "", b""
    for part in mail.walk():
        if part.is_multipart():
            continue
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        if part.get_content_type() == "text/plain":
            text = content.decode("utf-8", "replace")
        elif part.get_content_type() == "text/html":
            page = content.decode("utf-8", "replace")
        else:
            files += hashlib.sha256(content).digest() + content
    return text, page, files
