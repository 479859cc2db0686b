"""The servers of the tests: embedded PostgreSQL and Redis, and a migrated template that each worker clones.

A pytest plugin (`-p tests.database`): the master starts the servers, workers inherit their address. Cloning takes a
tenth of a second, migrating three; the template is kept between runs under the hash of the migrations.
"""

import atexit
import contextlib
import fcntl
import hashlib
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any
from unittest import mock

import psycopg
import pytest

from helpdesk import embedded, processes, supervisor
from tests import network

PROJECT = embedded.PROJECT
BUILD_LOCK = 4_402_115
START_SECONDS = 60
_held: list[IO[str]] = []


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Start the servers before Django's settings are read: they name the sockets."""
    network.refuse_outside()
    if "PYTEST_XDIST_WORKER" in os.environ or os.environ.get("TEST_DATABASE_URL"):
        return
    os.environ["TEST_PLACE"] = _claim_place()
    _start_servers(embedded.Place(embedded.HOME.dev, os.environ["TEST_PLACE"]))


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: Any) -> Iterator[None]:
    """Give this worker its own clone of the migrated template."""
    from django.db import connections

    with django_db_blocker.unblock():
        settings = connections["default"].settings_dict
        with _administrator(settings) as administrator:
            _clone(administrator, _template(administrator, settings), settings["NAME"])
        with _emptied_quickly(connections["default"]):
            yield
        connections.close_all()
        with _administrator(settings) as administrator:
            administrator.execute(f'drop database if exists "{settings["NAME"]}" with (force)')


@contextlib.contextmanager
def _emptied_quickly(connection: Any) -> Iterator[None]:
    """Let tests that commit leave an empty database behind in a tenth of the time.

    Django's `flush` truncates every table and then makes the kinds of content and the permissions again: 0.2 s, after
    350 tests. Here rows are deleted where there are any, those two tables stay, and sequences go on as after `flush`.
    Foreign keys are not looked at meanwhile, which takes a superuser; whoever is none has Django's way.
    """
    from django.contrib.auth.models import Permission
    from django.contrib.contenttypes.models import ContentType
    from django.db import transaction
    from django.test import TransactionTestCase

    with connection.cursor() as cursor:
        cursor.execute("select rolsuper from pg_roles where rolname = current_user")
        if not cursor.fetchone()[0]:
            yield
            return
    kept = {Permission._meta.db_table, ContentType._meta.db_table}
    tables = sorted(set(connection.introspection.django_table_names(only_existing=True, include_views=False)) - kept)
    question = " union all ".join(f"select '{table}' where exists (select from \"{table}\")" for table in tables)

    def empty(self: TransactionTestCase) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("set local session_replication_role = replica")
            cursor.execute(question)
            for (table,) in cursor.fetchall():
                cursor.execute(f'delete from "{table}"')

    with mock.patch.object(TransactionTestCase, "_fixture_teardown", empty):
        yield


def _claim_place() -> str:
    """Return the name of the servers to use: the kept ones, or fresh ones while another run uses those."""
    embedded.HOME.dev.mkdir(parents=True, exist_ok=True)
    lock = (embedded.HOME.dev / "test.lock").open("a+")
    _held.append(lock)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return f"test{os.getpid()}"
    return "test"


def _start_servers(place: embedded.Place) -> None:
    account = embedded.Account.choose()
    embedded.make_folders(place, account)
    programs = embedded.postgres_binaries(place, account)
    embedded.initialise(place, account, programs)
    _start(place, "postgres", embedded.postgres_command(place, programs, careless=True), account.popen)
    _start(place, "redis", embedded.redis_command(place), {})
    deadline = time.monotonic() + START_SECONDS
    while not (processes.postgres_answers(place) and processes.redis_answers(place)):
        if time.monotonic() > deadline:
            pytest.exit(f"the test servers did not start; see {place.dev / 'logs'}", returncode=4)
        time.sleep(0.02)


def _start(place: embedded.Place, name: str, command: list[str], popen: dict[str, Any]) -> None:
    child = supervisor.Child(
        name=f"{place.name}-{name}",
        command=command,
        env={"PATH": os.defpath, "LC_ALL": "C"},
        log=place.dev / "logs" / f"{place.name}-{name}.log",
        # Nothing in there is worth a clean end.
        stop_with=supervisor.signal.SIGQUIT if name == "postgres" else supervisor.signal.SIGTERM,
        die_with=supervisor.signal.SIGQUIT if name == "postgres" else supervisor.signal.SIGKILL,
        popen=popen,
    )
    supervisor.start(child)
    atexit.register(_end, child)


def _end(child: supervisor.Child) -> None:
    if child.process is None:
        return
    child.process.send_signal(child.stop_with)
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.process.wait(5)


def _administrator(settings: dict[str, Any]) -> "psycopg.Connection[Any]":
    return psycopg.connect(
        dbname="postgres", host=settings["HOST"], user=settings["USER"], password=settings["PASSWORD"] or None,
        port=settings["PORT"] or None, autocommit=True,
    )  # fmt: skip


def _template(administrator: "psycopg.Connection[Any]", settings: dict[str, Any]) -> str:
    """Return the name of the template for the migrations as they are, building it if need be."""
    name = f"template_{_fingerprint()}"
    administrator.execute("select pg_advisory_lock(%s)", [BUILD_LOCK])
    try:
        known = [row[0] for row in administrator.execute("select datname from pg_database").fetchall()]
        if name not in known:
            for old in known:
                if old.startswith("template_"):
                    administrator.execute(f'drop database "{old}" with (force)')
            _build(administrator, f"{name}_part", settings)
            administrator.execute(f'alter database "{name}_part" rename to "{name}"')
    finally:
        administrator.execute("select pg_advisory_unlock(%s)", [BUILD_LOCK])
    return name


def _build(administrator: "psycopg.Connection[Any]", name: str, settings: dict[str, Any]) -> None:
    from django.core.management import call_command
    from django.db import connection

    administrator.execute(f'create database "{name}"')
    mine, settings["NAME"] = settings["NAME"], name
    try:
        with connection.cursor() as cursor:
            cursor.execute("set statement_timeout = 0")
        call_command("migrate", verbosity=0, interactive=False)
        call_command("createcachetable", verbosity=0)
    finally:
        connection.close()
        settings["NAME"] = mine


def _clone(administrator: "psycopg.Connection[Any]", template: str, name: str) -> None:
    administrator.execute(f'drop database if exists "{name}" with (force)')
    administrator.execute(f'create database "{name}" template "{template}" strategy file_copy')


def _fingerprint() -> str:
    """Return a hash of everything that decides what a migrated database looks like."""
    total = hashlib.sha256((PROJECT / "requirements.txt").read_bytes())
    for file in sorted(Path(PROJECT).glob("*/migrations/*.py")):
        total.update(file.name.encode() + file.read_bytes())
    return total.hexdigest()[:16]
