"""Restoring a backup: the whole file is read first, then everything is loaded, checked and held in one transaction."""

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from zipfile import ZipFile

import redis
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Max
from psycopg import sql

from agents import audit
from agents.models import Workspace
from conversations.models import Delivery
from helpdesk import health, heartbeat
from helpdesk.backups import archive, tables
from helpdesk.backups.archive import Manifest, Refused
from helpdesk.lib import clock

# Workers report every two seconds.
RUNNING_SECONDS = 7
OTHER_KEY = (
    "The backup was made with another SECRET_KEY. Give that one as SECRET_KEY, or in SECRET_KEY_FALLBACKS; or say "
    "--other-key: then the channels must be connected anew, and answers to mails sent before open new conversations."
)


def check(path: Path) -> Manifest:
    """Read a backup from end to end and touch nothing. Raises Refused."""
    with archive.reading(path) as (file, manifest):
        archive.verify(file, manifest)
        return manifest


def restore(path: Path, *, replaces: bool = False, other_key: bool = False) -> Manifest:
    """Make the database what the backup says, with the outbox held. Raises Refused.

    Nothing is touched before the file has been read to its end. Loading is one transaction: rows, sums,
    keys and the hold are there together or not at all. An older backup is brought up to date afterwards.
    """
    with archive.reading(path) as (file, manifest), patient():
        if not other_key and manifest.key not in tables.key_fingerprints():
            raise Refused(OTHER_KEY)
        _refuse_newer(manifest)
        refuse_running()
        if not replaces and not tables.is_empty():
            raise Refused("This desk holds data already. To lose it and have the backup instead, say --replace.")
        archive.verify(file, manifest)
        _prepare(manifest)
        with transaction.atomic():
            _load(file, manifest)
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        audit.changed(None, "restore", {}, {"taken_at": manifest.taken_at, "rows": manifest.rows})
        tables.run("ANALYZE")
        return manifest


def refuse_running() -> None:
    """Idle processes hold no connection, so their heartbeats are asked too; without Redis nobody works anyway."""
    if others := tables.others():
        raise Refused(f"Stop the desk first: {others} others are connected to this database.")
    with contextlib.suppress(redis.RedisError), heartbeat.connect() as link:
        beats = [float(beat) for beat in link.mget([heartbeat.key(name) for name in health.WORKERS]) if beat]
        age = clock.real().timestamp() - max(beats, default=0.0)
        if age < RUNNING_SECONDS:
            raise Refused(f"Stop the desk first: one of its workers reported {age:.0f} s ago.")


def _refuse_newer(manifest: Manifest) -> None:
    known = set(MigrationExecutor(connection).loader.disk_migrations or {})
    unknown = [".".join(row) for row in manifest.migrations if tuple(row) not in known]
    if unknown:
        raise Refused(f"The backup was made by a newer version ({manifest.version}, {unknown[-1]}); update this first.")


def _prepare(manifest: Manifest) -> None:
    """Give the database the tables that the backup was made of."""
    wanted = {(app, name) for app, name in manifest.migrations}
    executor = MigrationExecutor(connection)
    if set(executor.loader.applied_migrations) == wanted:
        return
    _drop_everything()
    executor = MigrationExecutor(connection)
    nodes = executor.loader.graph.node_map
    is_last = {node for node in wanted if not any(child.key in wanted for child in nodes[node].children)}
    executor.migrate(sorted(is_last))


def _drop_everything() -> None:
    with transaction.atomic():
        for table in connection.introspection.table_names():
            tables.run(sql.SQL("DROP TABLE IF EXISTS {} CASCADE").format(sql.Identifier(table)))
        for sequence in tables.sequences():
            tables.run(sql.SQL("DROP SEQUENCE IF EXISTS {} CASCADE").format(sql.Identifier(sequence)))


def _load(file: ZipFile, manifest: Manifest) -> None:
    tables.speak_plainly()
    # Numbers that this desk gave away already are not given again.
    before = tables.sequences()
    with tables.without_foreign_keys():
        names = sql.SQL(", ").join(map(sql.Identifier, tables.existing()))
        tables.run(sql.SQL("TRUNCATE {}").format(names))
        for table in manifest.tables:
            tables.write(table, archive.chunks_of(file, table))
    for name, last in manifest.sequences.items():
        tables.set_sequence(name, max(last or 0, before.get(name) or 0))
    for table in manifest.tables:
        archive.refuse_other(table, tables.count(table), "The database did not take what it was given")
    hold()


def hold() -> None:
    """Nothing leaves before an administrator says so (channels_app.outbox). Whatever the clocks say, the
    deliveries of the backup are older than the hold."""
    newest: datetime | None = Delivery.objects.aggregate(newest=Max("made_at"))["newest"]
    held_since = max(filter(None, (clock.real(), newest)))
    if not Workspace.objects.filter(pk=1).update(held_since=held_since):
        Workspace.objects.create(pk=1, held_since=held_since)


@contextmanager
def patient() -> Iterator[None]:
    """Let statements take their time: changing tables takes longer than any page may."""
    tables.run("SET statement_timeout = 0")
    try:
        yield
    finally:
        # The next one gets a connection with the usual limits.
        connection.close()
