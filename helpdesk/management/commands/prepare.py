"""Brings the database up to date before the desk starts: migrations, the cache table, and the demo data if wanted."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.module_loading import import_string

# Any number will do, as long as nobody else locks it.
LOCK = 7_316_402_115
WAIT_SECONDS = 30
POSTGRES_LEAST = 150_000


class Command(BaseCommand):
    """`manage.py prepare`: safe to run at any time and by several machines at once."""

    help = "Migrates the database, makes the cache table, loads the demo data once (--demo)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Say what can be asked for."""
        parser.add_argument("--demo", action="store_true", help="load the demo data once; prints what it made")

    def handle(self, *args: Any, demo: bool, **options: Any) -> None:
        """Print JSON on standard output, everything else on standard error."""
        _wait_for_server()
        with _alone():
            if steps := _missing_migrations():
                print(f"  Applying {steps} migrations", file=sys.stderr, flush=True)
            call_command("migrate", interactive=False, stdout=sys.stderr, verbosity=0)
            call_command("createcachetable", stdout=sys.stderr, verbosity=0)
            self.stdout.write(json.dumps(_demo() if demo else {}))


def _wait_for_server() -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            connection.ensure_connection()
            break
        except OperationalError as error:
            if time.monotonic() > deadline:
                raise CommandError(f"DATABASE_URL: PostgreSQL does not answer: {error}") from error
            time.sleep(0.5)
    with connection.cursor() as cursor:
        cursor.execute("select current_setting('server_version_num')::int")
        version = int(cursor.fetchone()[0])
    if version < POSTGRES_LEAST:
        raise CommandError(f"DATABASE_URL: PostgreSQL 15 or newer is needed; this is {version // 10_000}")


@contextmanager
def _alone() -> Iterator[None]:
    # Asked for again and again, because a waiting lock would run into the lock timeout.
    deadline = time.monotonic() + settings.DATABASE_STATEMENT_SECONDS + WAIT_SECONDS
    with connection.cursor() as cursor:
        while not _locked(cursor):
            if time.monotonic() > deadline:
                raise CommandError("another `prepare` has held the database for too long")
            time.sleep(0.2)
        try:
            yield
        finally:
            cursor.execute("select pg_advisory_unlock(%s)", [LOCK])


def _locked(cursor: Any) -> bool:
    cursor.execute("select pg_try_advisory_lock(%s)", [LOCK])
    return bool(cursor.fetchone()[0])


def _missing_migrations() -> int:
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _demo() -> dict[str, Any]:
    if find_spec("helpdesk.seeds") is None or find_spec("helpdesk.seeds.demo") is None:
        return {}
    print("  Making sure of the demo data", file=sys.stderr, flush=True)
    return dict(import_string("helpdesk.seeds.demo.load")())
