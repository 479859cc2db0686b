"""Rows as lines of JSON, out of the database and into it. PostgreSQL writes and reads the JSON itself."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

import psycopg
from django import forms
from psycopg import sql

from channels_app import adapters
from helpdesk.backups.archive import CHUNK_BYTES
from helpdesk.exports.nouns import CHANNELS, Noun
from helpdesk.lib import crypto

Link = psycopg.Connection[Any]
# In CSV with these two, a line goes through COPY as it is: JSON never holds them unescaped.
RAW = sql.SQL("WITH (FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02')")
STAGE = "CREATE TEMP TABLE IF NOT EXISTS staged_lines (line text NOT NULL) ON COMMIT DROP"
BATCH_BYTES = 16 * 1024 * 1024


def read(link: Link, noun: Noun) -> Iterator[bytes]:
    """Read the rows of a noun in the order of their key, in chunks of whole lines."""
    if noun.name == CHANNELS:
        # They are few, and each is asked for once more, which a COPY under way would not let through.
        yield b"".join([with_config(link, line) for line in list(_copied(link, noun))])
        return
    pending = bytearray()
    for line in _copied(link, noun):
        pending += line
        if len(pending) >= CHUNK_BYTES:
            yield bytes(pending)
            pending.clear()
    yield bytes(pending)


def write(link: Link, noun: Noun, chunks: Iterable[bytes]) -> None:
    """Insert rows from chunks of whole lines, some megabytes at a time. Raises what the database says."""
    link.execute(STAGE)
    change = without_config if noun.name == CHANNELS else None
    pending, size = [], 0
    for chunk in chunks:
        pending.append(change(chunk) if change else chunk)
        size += len(chunk)
        if size >= BATCH_BYTES:
            _insert(link, noun, pending)
            pending, size = [], 0
    _insert(link, noun, pending)


def with_config(link: Link, line: bytes) -> bytes:
    """Add to a channel what is no secret in its account."""
    row = json.loads(line)
    sealed = link.execute("SELECT sealed_config FROM channels_app_channel WHERE id = %s", [row["id"]]).fetchone()
    row["config"] = open_config(row["kind"], sealed[0] if sealed else "")
    return _written(row)


def without_config(chunk: bytes) -> bytes:
    """Seal what is in a channel's account with our own key."""
    rows = [json.loads(line) for line in chunk.splitlines()]
    for row in rows:
        config = row.pop("config", {})
        row["sealed_config"] = crypto.seal(config) if config else ""
    return b"".join(map(_written, rows))


def open_config(kind: str, sealed: str) -> dict[str, Any]:
    """Return of a channel's account what its form asks for in clear; nothing of one we cannot read."""
    adapter = adapters.all().get(kind)
    if adapter is None:
        return {}
    try:
        values = crypto.unseal(sealed)
    except crypto.Unreadable:
        return {}
    fields = adapter.ConfigForm.base_fields
    return {name: values[name] for name in sorted(values) if name in fields and not _is_secret(fields[name])}


def _is_secret(field: forms.Field) -> bool:
    return isinstance(field.widget, forms.PasswordInput)


def _written(row: dict[str, Any]) -> bytes:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _copied(link: Link, noun: Noun) -> Iterator[bytes]:
    statement = sql.SQL("COPY (SELECT row_to_json(r) FROM (SELECT {} FROM {} ORDER BY {}) AS r) TO STDOUT {}").format(
        listed(noun.columns), sql.Identifier(noun.table), sql.Identifier(noun.key), RAW
    )
    with link.cursor() as cursor, cursor.copy(statement) as copy:
        for line in copy:
            yield bytes(line)


def _insert(link: Link, noun: Noun, chunks: list[bytes]) -> None:
    if not any(chunks):
        return
    into = (*noun.columns, *noun.defaults)
    # A channel's rows bring theirs: `without_config` put it there.
    defaults = {} if noun.name == CHANNELS else noun.defaults
    with link.cursor() as cursor:
        with cursor.copy(sql.SQL("COPY staged_lines FROM STDIN {}").format(RAW)) as copy:
            for chunk in chunks:
                copy.write(chunk)
        cursor.execute(
            sql.SQL(
                "INSERT INTO {table} ({into}) SELECT {given} FROM staged_lines,"
                " LATERAL json_populate_record(NULL::{table}, line::json) AS r"
            ).format(
                table=sql.Identifier(noun.table),
                into=listed(into),
                given=sql.SQL(", ").join(
                    sql.Literal(defaults[name]) if name in defaults else sql.Identifier("r", name) for name in into
                ),
            )
        )
        cursor.execute("TRUNCATE staged_lines")


def listed(names: Iterable[str]) -> sql.Composed:
    """Return names as a list for a statement."""
    return sql.SQL(", ").join(sql.Identifier(name) for name in names)
