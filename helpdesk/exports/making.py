"""Making an export: everything as it was at one moment, while the desk goes on. Nobody who writes has to wait."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from django.conf import settings
from django.db import connection

from helpdesk.backups import tables
from helpdesk.exports import bundle, lines, nouns
from helpdesk.exports.bundle import Manifest, Part
from helpdesk.exports.lines import Link
from helpdesk.lib import clock

SUFFIX = ".export.zip"
FILES = "SELECT sha256, content FROM conversations_blob ORDER BY sha256"
SEQUENCES = tables.SEQUENCES
# From the planner's own figures: exact enough for a bar, and free.
ABOUT = "SELECT relname, greatest(reltuples, 0)::bigint FROM pg_class WHERE relname = ANY(%s)"

Told = Callable[[int], None]


def make(path: Path, *, told: Told = lambda _rows: None) -> Manifest:
    """Write an export to `path` and return what it says of itself; told is called now and then with the rows so far.

    Raises Refused, OSError. Reads on a connection of its own, so that the caller's may write down how far it is.
    """
    with bundle.writing(path) as file, snapshot() as link:
        return _write(file, link, told)


def named_by_time() -> str:
    """Return a name for an export that sorts by time."""
    return f"telaio-{clock.real():%Y%m%d-%H%M%S}{SUFFIX}"


def rows_about() -> int:
    """About how many rows there are to export."""
    names = [noun.table for noun in nouns.all_nouns().values()]
    return sum(count for _name, count in tables.rows(ABOUT, [names]))


@contextmanager
def snapshot() -> Iterator[Link]:
    """Connect once more, with everything as it is now for as long as it takes."""
    wrapper = connection.copy()
    try:
        wrapper.ensure_connection()
        link: Link = wrapper.connection
        with link.transaction():
            link.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            speak_plainly(link)
            yield link
    finally:
        wrapper.close()


def speak_plainly(link: Link) -> None:
    """Fix for this transaction how values are spelled and how long it may take."""
    for statement in tables.PLAIN:
        link.execute(statement)


def left_out() -> dict[str, str]:
    """Return what no export holds, with the reasons: models, and columns of those it holds."""
    columns = {f"{label}.{name}": why for label, found in nouns.HIDDEN.items() for name, (_value, why) in found.items()}
    return nouns.LEFT_OUT | columns


def _write(file: ZipFile, link: Link, told: Told) -> Manifest:
    parts: list[Part] = []
    for noun in nouns.all_nouns().values():
        before = sum(part.rows for part in parts)
        parts.append(bundle.put_noun(file, noun, _counted(lines.read(link, noun), before, told)))
    count, size = _files(file, link)
    manifest = Manifest(
        version=settings.VERSION,
        made_at=clock.real().isoformat(),
        nouns=parts,
        files_count=count,
        files_bytes=size,
        sequences=dict(link.execute(SEQUENCES).fetchall()),
        left_out=left_out(),
    )
    bundle.put_manifest(file, manifest)
    return manifest


def _counted(chunks: Iterator[bytes], before: int, told: Told) -> Iterator[bytes]:
    for chunk in chunks:
        before += chunk.count(b"\n")
        told(before)
        yield chunk


def _files(file: ZipFile, link: Link) -> tuple[int, int]:
    """Write every file, one at a time."""
    count = size = 0
    with link.cursor(name="files") as cursor:
        cursor.itersize = 1
        for sha256, content in cursor.execute(FILES):
            file.writestr(f"blobs/{_named(sha256, content)}", bytes(content))
            count, size = count + 1, size + len(content)
    return count, size


def _named(sha256: str, content: Any) -> str:
    """Return the name of a file, which is the hash of what is really in it."""
    if hashlib.sha256(content).hexdigest() != sha256:
        raise bundle.Refused(f"The file {sha256} is damaged in the database; nothing was exported.")
    return sha256
