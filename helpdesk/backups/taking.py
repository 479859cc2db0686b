"""Taking a backup: everything as it was at one moment, while the desk goes on."""

from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader

from helpdesk.backups import archive, tables
from helpdesk.backups.archive import Manifest, Refused
from helpdesk.lib import clock

SUFFIX = ".backup"


def take(path: Path) -> Manifest:
    """Write a backup to `path` and return what it says of itself. Raises Refused, OSError.

    All tables are read in one REPEATABLE READ snapshot; nobody who writes has to wait.
    """
    if connection.in_atomic_block:
        raise Refused("A backup needs a transaction of its own.")
    with archive.writing(path) as file, transaction.atomic():
        tables.run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        tables.speak_plainly()
        return _write(file)


def named_by_time(folder: Path) -> Path:
    """Return a name in a folder that sorts by time."""
    return folder / f"{archive.PRODUCT}-{clock.real():%Y%m%d-%H%M%S}{SUFFIX}"


def keep_newest(folder: Path, count: int) -> Iterator[Path]:
    """Remove all but the newest backups that `named_by_time` named; yield what went."""
    found = sorted(folder.glob(f"{archive.PRODUCT}-????????-??????{SUFFIX}"))
    for path in found[: max(0, len(found) - count)]:
        path.unlink()
        yield path


def _write(file: ZipFile) -> Manifest:
    applied = _applied()
    taken_at = clock.real().isoformat()
    found = [archive.put_table(file, table, tables.rows_of(table)) for table in tables.ours()]
    manifest = Manifest(
        version=settings.VERSION,
        taken_at=taken_at,
        postgres=int(tables.rows("SELECT current_setting('server_version_num')")[0][0]),
        key=tables.key_fingerprints()[0],
        migrations=applied,
        tables=found,
        sequences=tables.sequences(),
    )
    archive.put_manifest(file, manifest)
    return manifest


def _applied() -> list[list[str]]:
    loader = MigrationLoader(connection)
    unknown = sorted(set(loader.applied_migrations) - set(loader.disk_migrations or {}))
    if unknown:
        raise Refused(f"The database belongs to a newer version ({'.'.join(unknown[-1])}); use that one for backups.")
    if not loader.applied_migrations:
        raise Refused("The database is empty: there is nothing to back up.")
    return sorted([app, name] for app, name in loader.applied_migrations)
