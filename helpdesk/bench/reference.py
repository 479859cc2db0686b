"""The least a mail can cost: the standard parser, five prepared statements, one commit, a connection of its own.

It cleans nothing, proves nothing, joins nothing and tells nobody: a floor to compare with, not a product. `Whole` is
the same with the rest of what P1 of docs/performance.md names, done as barely.
"""

import email
import hashlib
from email.message import Message as Mail
from email.utils import parseaddr

import psycopg
import redis
from psycopg.conninfo import make_conninfo

from conversations import live
from helpdesk.bench.corpus import Letter
from helpdesk.lib.html import clean

TABLES = """
    CREATE TABLE identity (id bigserial PRIMARY KEY, address text NOT NULL UNIQUE, seen int NOT NULL);
    CREATE TABLE conversation (
        id bigserial PRIMARY KEY, identity_id bigint NOT NULL REFERENCES identity, is_open boolean NOT NULL,
        last_text text NOT NULL, messages int NOT NULL);
    CREATE INDEX ON conversation (identity_id) WHERE is_open;
    CREATE TABLE message (
        id bigserial PRIMARY KEY, conversation_id bigint NOT NULL REFERENCES conversation,
        external_id text NOT NULL UNIQUE, subject text NOT NULL, body text NOT NULL, html text NOT NULL, files bytea);
    CREATE INDEX ON message (conversation_id, id);
    CREATE TABLE event (id bigserial PRIMARY KEY, conversation_id bigint NOT NULL, message_id bigint);
    CREATE TABLE raw (id bigserial PRIMARY KEY, digest text NOT NULL UNIQUE, body bytea NOT NULL);
    CREATE TABLE file (message_id bigint NOT NULL REFERENCES message, digest text NOT NULL, content bytea NOT NULL);
    CREATE INDEX ON file (message_id);
"""
IDENTITY = """
    INSERT INTO identity (address, seen) VALUES (%s, 1)
    ON CONFLICT (address) DO UPDATE SET seen = identity.seen + 1 RETURNING id
"""
CONVERSATION = """
    WITH found AS (
        SELECT id FROM conversation WHERE identity_id = %(who)s AND is_open LIMIT 1 FOR NO KEY UPDATE
    ), made AS (
        INSERT INTO conversation (identity_id, is_open, last_text, messages)
        SELECT %(who)s, true, '', 0 WHERE NOT EXISTS (SELECT FROM found) RETURNING id
    ) SELECT id FROM found UNION ALL SELECT id FROM made
"""
MESSAGE = """
    INSERT INTO message (conversation_id, external_id, subject, body, html, files)
    VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (external_id) DO NOTHING RETURNING id
"""
TOUCH = "UPDATE conversation SET last_text = %s, messages = messages + 1 WHERE id = %s"
EVENT = "INSERT INTO event (conversation_id, message_id) VALUES (%s, %s)"
RAW = "INSERT INTO raw (digest, body) VALUES (%s, %s) ON CONFLICT DO NOTHING"
FILE = "INSERT INTO file (message_id, digest, content) VALUES (%s, %s, %s)"
AUDIENCES = ("all", "team", "customer")


class Pipeline:
    """One connection of its own to the same database, with tables of its own in a schema of that name."""

    def __init__(self, url: str, schema: str = "reference", *, is_new: bool = True) -> None:
        self._link = psycopg.connect(make_conninfo(url, options=f"-c search_path={schema}"))
        self._link.prepare_threshold = 0
        if is_new:
            self._link.execute(f"CREATE SCHEMA {schema}; {TABLES}", prepare=False)
            self._link.commit()

    @property
    def backend(self) -> int:
        """The process of PostgreSQL that serves us."""
        return self._link.info.backend_pid

    def close(self) -> None:
        """Leave the tables to others."""
        self._link.close()

    def ingest(self, letters: list[Letter]) -> None:
        """Read and store each mail."""
        for letter in letters:
            self._file(email.message_from_bytes(letter.raw))

    def _file(self, mail: Mail) -> None:
        text, page, files = _decoded(mail)
        self._write(mail, text, page, b"".join(hashlib.sha256(one).digest() + one for one in files))
        self._link.commit()

    def _write(self, mail: Mail, text: str, page: str, files: bytes) -> int:
        subject, sender = str(mail["Subject"]), parseaddr(str(mail["From"]))[1]
        who = self._one(IDENTITY, [sender])
        place = self._one(CONVERSATION, {"who": who})
        message = self._one(MESSAGE, [place, str(mail["Message-ID"]), subject, text, page, files])
        self._link.execute(TOUCH, [text[:160], place])
        self._link.execute(EVENT, [place, message])
        return message

    def _one(self, statement: str, values: object) -> int:
        row = self._link.execute(statement, values).fetchone()  # type: ignore[call-overload]
        return int(row[0])


class Whole(Pipeline):
    """Besides: the raw mail kept by a commit of its own, HTML cleaned, files in rows, two rings and three hints."""

    def __init__(self, url: str, broker: "redis.Redis") -> None:
        super().__init__(url, "whole")
        self._broker = broker

    def ingest(self, letters: list[Letter]) -> None:
        """Keep, read, store and tell of each mail."""
        for letter in letters:
            self._link.execute(RAW, [hashlib.sha256(letter.raw).hexdigest(), letter.raw])
            self._link.commit()
            self._broker.lpush("whole.kept", 1)
            self._file(email.message_from_bytes(letter.raw))

    def _file(self, mail: Mail) -> None:
        text, page, files = _decoded(mail)
        message = self._write(mail, text, clean(page).html, b"")
        for content in files:
            self._link.execute(FILE, [message, hashlib.sha256(content).hexdigest(), content])
        self._link.commit()
        live.ephemeral(AUDIENCES, {"entry": message, "kind": "message"}, ttl_seconds=1)
        self._broker.lpush("whole.told", message)


def _decoded(mail: Mail) -> tuple[str, str, list[bytes]]:
    text, page, files = "", "", []
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
            files.append(content)
    return text, page, files
