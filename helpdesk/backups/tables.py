"""What the database holds: its tables, sequences and keys, and their rows as COPY writes them."""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection
from psycopg import sql

from helpdesk.backups.archive import CHUNK_BYTES, Sum, Table
from helpdesk.lib import crypto

MIGRATIONS = "django_migrations"
# Worth nothing after a restore: everybody signs in again, and limits start over.
PASSING = {"django_session", "helpdesk_cache"}
# What migrations write into an empty desk.
FIRST_ROWS = PASSING | {
    MIGRATIONS, "django_content_type", "auth_permission", "agents_role", "agents_brand", "agents_workspace",
    "conversations_searchwalk",
}  # fmt: skip

# How values are spelled must not hang on the server's settings; copying may take as long as it needs.
PLAIN = (
    "SET LOCAL statement_timeout = 0",
    "SET LOCAL idle_in_transaction_session_timeout = 0",
    "SET LOCAL datestyle = 'ISO, YMD'",
    "SET LOCAL intervalstyle = 'postgres'",
    "SET LOCAL timezone = 'UTC'",
    "SET LOCAL bytea_output = 'hex'",
    "SET LOCAL extra_float_digits = 1",
)
COLUMNS = """
    SELECT attname FROM pg_attribute
    WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum
"""
KEY = """
    SELECT a.attname FROM pg_index i, unnest(i.indkey) WITH ORDINALITY AS k(attnum, place), pg_attribute a
    WHERE i.indrelid = %s::regclass AND i.indisprimary AND a.attrelid = i.indrelid AND a.attnum = k.attnum
    ORDER BY k.place
"""
SEQUENCES = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = current_schema()"
FOREIGN_KEYS = """
    SELECT t.relname, c.conname, pg_get_constraintdef(c.oid) FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
    WHERE c.contype = 'f' AND c.connamespace = current_schema()::regnamespace ORDER BY 1, 2
"""
OTHERS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


def ours() -> list[Table]:
    """Return our tables that are worth keeping, with their columns and keys, in the order of their names."""
    return [Table(name, _names(COLUMNS, name), _names(KEY, name)) for name in existing() if name not in PASSING]


def existing() -> list[str]:
    """Return the names of our tables that there are."""
    known = {*connection.introspection.django_table_names(include_views=False), MIGRATIONS, *PASSING}
    return sorted(known & set(connection.introspection.table_names()))


def sequences() -> dict[str, int | None]:
    """Return the last number that each sequence gave. Sequences know no snapshot: read them after the rows."""
    return dict(rows(SEQUENCES))


def rows_of(table: Table) -> Iterator[bytes]:
    """Read a table in the order of its key, in chunks: never more than one row and one chunk in memory."""
    statement = sql.SQL("COPY (SELECT {} FROM {} ORDER BY {}) TO STDOUT").format(
        _listed(table.columns), sql.Identifier(table.name), _listed(table.key or table.columns)
    )
    pending = bytearray()
    with _cursor() as cursor, cursor.copy(statement) as copy:
        for row in copy:
            pending += row
            if len(pending) >= CHUNK_BYTES:
                yield bytes(pending)
                pending.clear()
    yield bytes(pending)


def write(table: Table, chunks: Iterable[bytes]) -> None:
    """Fill a table."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), _listed(table.columns))
    with _cursor() as cursor, cursor.copy(statement) as copy:
        for chunk in chunks:
            copy.write(chunk)


def count(table: Table) -> Sum:
    """Read a table as it is now; return its sums."""
    passed = Sum()
    for chunk in rows_of(table):
        passed.add(chunk)
    return passed


def is_empty() -> bool:
    """Whether the desk holds nothing but what migrations write."""
    return not any(
        rows(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(sql.Identifier(name)))
        for name in existing()
        if name not in FIRST_ROWS
    )


def others() -> int:
    """How many others are connected to this database."""
    return int(rows(OTHERS)[0][0])


def speak_plainly() -> None:
    """Fix for this transaction how values are spelled and how long it may take."""
    for statement in PLAIN:
        run(statement)


@contextmanager
def without_foreign_keys() -> Iterator[None]:
    """Take the foreign keys away and put them back, which checks all rows at once."""
    found = rows(FOREIGN_KEYS)
    for table, name, _definition in found:
        words = sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}")
        run(words.format(sql.Identifier(table), sql.Identifier(name)))
    yield
    for table, name, definition in found:
        words = sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} {}")
        run(words.format(sql.Identifier(table), sql.Identifier(name), sql.SQL(definition)))


def set_sequence(name: str, last: int) -> None:
    """Let the next number of a sequence be the one behind `last`."""
    words = sql.SQL("SELECT setval({}::regclass, {}, {})")
    quoted = sql.Identifier(name).as_string(None)
    rows(words.format(sql.Literal(quoted), sql.Literal(max(last, 1)), sql.Literal(last > 0)))


def key_fingerprints() -> list[str]:
    """Return what names our SECRET_KEY, and the former ones, without giving them away."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [hashlib.sha256(crypto.key_for("backup", key)).hexdigest()[:16] for key in keys]


def rows(statement: "str | sql.Composed", values: Iterable[Any] = ()) -> list[Any]:
    """Run one question on Django's connection."""
    with _cursor() as cursor:
        return cursor.execute(statement, list(values) or None).fetchall()


def run(statement: "str | sql.Composed") -> None:
    """Run one command on Django's connection."""
    with _cursor() as cursor:
        cursor.execute(statement)


def _names(question: str, table: str) -> list[str]:
    return [row[0] for row in rows(question, [f'"{table}"'])]


def _listed(names: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(name) for name in names)


def _cursor() -> "psycopg.Cursor[Any]":
    connection.ensure_connection()
    return psycopg.Cursor(connection.connection)
