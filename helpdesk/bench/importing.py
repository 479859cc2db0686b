"""`bench import`: a desk's messages with their conversations come back from an export, beside COPY of the same rows.

The reference is what PostgreSQL takes at most: the same rows of all the same tables by COPY, with the same indexes and
the foreign keys checked at the end, in one transaction, in turns with the import. Both fill tables that are empty.
"""

import os
import resource
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from django.db import transaction
from psycopg import sql

from conversations.models import Message
from helpdesk.backups import tables
from helpdesk.backups.archive import CHUNK_BYTES, Table
from helpdesk.bench import harness
from helpdesk.bench.desks import Wanted, name_of
from helpdesk.bench.harness import Row
from helpdesk.exports import bundle, loading, making
from helpdesk.exports.nouns import all_nouns
from helpdesk.seeds import bench

# Of raw COPY's messages in a second, so much at least.
SHARE = 0.15


def run(*, rounds: int, wanted: Wanted) -> dict[str, Any]:
    """Measure and return the report. wanted: about so many messages, in a desk of `entries` a conversation."""
    before = os.getloadavg()
    with TemporaryDirectory(dir=_roomy()) as folder:
        rows = measure(wanted.sizes[0], wanted.entries, rounds, Path(folder))
    return harness.report("import", rounds, rows, before)


def measure(messages: int, entries: float, rounds: int, folder: Path) -> list[Row]:
    """Load a desk, export it, and bring it back in turns: by COPY, and by the import with and without reading back."""
    bench.load(bench.Wish(size=max(1, round(messages / entries / 0.68)), entries=entries))
    count = Message.objects.count()
    path, copies = folder / "desk.export.zip", folder / "copies"
    copies.mkdir()
    found = _tables()
    exported = _seconds(lambda: making.make(path))
    _copy_out(copies, found)
    took: dict[str, list[float]] = {"copy": [], "load": [], "verified": []}
    works: dict[str, Callable[[], None]] = {
        "copy": lambda: _copy_in(copies, found),
        "load": lambda: _load(path, verified=False),
        "verified": lambda: _load(path, verified=True),
    }
    for _round in range(rounds):
        for name, work in works.items():
            _empty()
            took[name].append(count / _seconds(work))
            if Message.objects.count() != count:
                raise RuntimeError(f"{Message.objects.count()} messages of {count} came back.")
    return _rows(count, took, count / exported, path)


def _rows(count: int, took: dict[str, list[float]], exported: float, path: Path) -> list[Row]:
    what = f"{name_of(round(count, -3))} messages with conversations"
    copied = took["copy"]
    rows = []
    for name, said, limit in (("load", "import", SHARE), ("verified", "import, read back and compared", None)):
        share = median(mine / other for mine, other in zip(took[name], copied, strict=True))
        ok = None if limit is None else share >= limit
        mine, other = round(median(took[name])), round(median(copied))
        rows.append(Row(f"{said}, {what}", mine, "msg/s", other, round(share, 3), limit, ok))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return [
        *rows,
        Row(f"export, {what}", round(exported), "msg/s"),
        Row("the export's file", round(path.stat().st_size / 2**20, 1), "MiB"),
        Row("memory of the process, at most", round(memory / 1024, 1), "MiB"),
    ]


def _load(path: Path, *, verified: bool) -> None:
    """What `import_export` does with a file that is read to its end first."""
    with bundle.reading(path) as (file, manifest):
        bundle.verify(file, manifest)
        with transaction.atomic():
            loading.fill(file, manifest, verified=verified)


def _copy_out(folder: Path, found: list[Table]) -> None:
    """Keep the rows as COPY writes them."""
    for table in found:
        with (folder / table.name).open("wb") as file:
            for chunk in tables.rows_of(table):
                file.write(chunk)


def _copy_in(folder: Path, found: list[Table]) -> None:
    with transaction.atomic():
        tables.speak_plainly()
        with tables.without_foreign_keys():
            _truncate()
            for table in found:
                tables.write(table, _pieces(folder / table.name))


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


def _tables() -> list[Table]:
    names = {noun.table for noun in all_nouns().values()}
    return [table for table in tables.ours() if table.name in names]


def _empty() -> None:
    with transaction.atomic():
        tables.run("SET LOCAL statement_timeout = 0")
        _truncate(cascades=True)
    tables.run("CHECKPOINT")


def _truncate(*, cascades: bool = False) -> None:
    names = sql.SQL(", ").join(sql.Identifier(noun.table) for noun in all_nouns().values())
    tables.run(sql.SQL("TRUNCATE {} CASCADE" if cascades else "TRUNCATE {}").format(names))


def _seconds(work: Callable[[], object]) -> float:
    began_at = time.perf_counter()
    work()
    return time.perf_counter() - began_at


def _roomy() -> str:
    """A folder for gigabytes: the temporary one may be memory."""
    return "/var/tmp"  # noqa: S108 - a folder of our own is made in it
