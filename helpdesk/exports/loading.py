"""Loading an export into an empty desk: read to its end first, then everything in one transaction, counted and held."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

from django.db import DatabaseError, connection, transaction
from django.db.utils import IntegrityError
from psycopg import sql

from agents import audit
from conversations.searching import filling
from helpdesk.backups import restoring, tables
from helpdesk.backups.archive import Refused, Sum
from helpdesk.exports import bundle, lines, making
from helpdesk.exports.bundle import Manifest
from helpdesk.exports.lines import Link
from helpdesk.exports.nouns import BLOBS, Noun, all_nouns

NUMBERS = {"conversation_number": ("conversations_conversation", "number")}
SERIALS = """
    SELECT s.relname, t.relname, a.attname FROM pg_depend d
    JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
    JOIN pg_class t ON t.oid = d.refobjid
    JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
    WHERE d.deptype IN ('a', 'i') AND s.relnamespace = current_schema()::regnamespace
"""


def check(path: Path) -> Manifest:
    """Read an export from end to end and touch nothing. Raises Refused."""
    with bundle.reading(path) as (file, manifest):
        bundle.verify(file, manifest)
        return manifest


def load(path: Path, *, verified: bool = True) -> Manifest:
    """Make an empty desk what an export says, with the outbox held. Raises Refused; nothing is changed then.

    verified: when all is loaded, read it out again and compare counts and hashes of every noun before it counts.
    """
    with bundle.reading(path) as (file, manifest), restoring.patient():
        restoring.refuse_running()
        if not tables.is_empty():
            raise Refused("This desk holds data already. An export is loaded into an empty one only.")
        bundle.verify(file, manifest)
        try:
            with transaction.atomic():
                fill(file, manifest, verified=verified)
                filling.begin_again()
                audit.changed(None, "import_export", {}, {"made_at": manifest.made_at, "rows": manifest.rows})
        except IntegrityError as error:
            raise Refused(f"Rows of the export do not fit together: {_said(error)}") from None
        except DatabaseError as error:
            raise Refused(f"The database does not take what the export holds: {_said(error)}") from None
        tables.run("ANALYZE")
        return manifest


def fill(file: ZipFile, manifest: Manifest, *, verified: bool) -> None:
    """Fill the tables inside the caller's transaction. Raises Refused and what the database says."""
    connection.ensure_connection()
    link: Link = connection.connection
    making.speak_plainly(link)
    nouns = all_nouns()
    with connection.wrap_database_errors, tables.without_foreign_keys():
        names = sql.SQL(", ").join(sql.Identifier(noun.table) for noun in nouns.values())
        tables.run(sql.SQL("TRUNCATE {}").format(names))
        for part in manifest.nouns:
            noun = nouns[part.name]
            if noun.name == BLOBS:
                _write_files(link, file, noun)
            else:
                lines.write(link, noun, bundle.lines_of(file, noun))
    _follow(manifest)
    if verified:
        refuse_other(link, manifest)
    restoring.hold()


def refuse_other(link: Link, manifest: Manifest) -> None:
    """Read out what is there now. Raises Refused when a noun is not what the manifest says."""
    for part in manifest.nouns:
        noun, passed = all_nouns()[part.name], Sum()
        for chunk in lines.read(link, noun):
            passed.add(chunk)
        if bundle.part_of(noun, passed) != part:
            raise Refused(
                f"The database did not take {part.name} as they are: {passed.rows:,} rows for {part.rows:,}, or other"
                " values. Nothing was loaded."
            )


def _write_files(link: Link, file: ZipFile, noun: Noun) -> None:
    into = lines.listed((*noun.columns, "content"))
    with link.cursor() as cursor, cursor.copy(sql.SQL("COPY conversations_blob ({}) FROM STDIN").format(into)) as copy:
        for row in _rows(file, noun):
            content = bundle.content_of(file, str(row["sha256"]))
            if row["size_bytes"] != len(content):
                raise Refused(f"The file {row['sha256']} is not as long as its row says.")
            copy.write_row([*(row[name] for name in noun.columns), content])


def _rows(file: ZipFile, noun: Noun) -> Iterator[dict[str, object]]:
    for chunk in bundle.lines_of(file, noun):
        for line in chunk.splitlines():
            try:
                row = json.loads(line)
                yield {name: row[name] for name in noun.columns}
            except (ValueError, KeyError):
                raise Refused(f"{noun.member} has a row that cannot be read.") from None


def _follow(manifest: Manifest) -> None:
    """Let new numbers begin behind all that were given, here or there."""
    known = tables.sequences()
    serial = {name: (table, column) for name, table, column in tables.rows(SERIALS)} | NUMBERS
    for name, here in known.items():
        table, column = serial.get(name, ("", ""))
        newest = 0
        if table:
            question = sql.SQL("SELECT max({}) FROM {}").format(sql.Identifier(column), sql.Identifier(table))
            newest = tables.rows(question)[0][0] or 0
        tables.set_sequence(name, max(here or 0, manifest.sequences.get(name) or 0, newest))


def _said(error: DatabaseError) -> str:
    """Return what the database says, in one short line."""
    return " ".join(str(error).split())[:300]


def digest(manifest: Manifest) -> str:
    """Return one sum of all nouns and files, to compare two exports by."""
    told = [[part.name, part.rows, part.sha256] for part in manifest.nouns]
    return hashlib.sha256(json.dumps([told, manifest.files_count, manifest.files_bytes]).encode()).hexdigest()
