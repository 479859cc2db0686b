"""The servers of the measurements: an embedded pair of their own, whose data is thrown away."""

import contextlib
import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace

import psycopg

from helpdesk import embedded, processes, supervisor

START_SECONDS = 60
STOP_SECONDS = 20
PLACE = embedded.Place(embedded.HOME.dev, "bench")
# What single measurements ask of PostgreSQL beyond the desk's own settings.
SETTINGS = {"e2e": {"track_commit_timestamp": "on"}}


@contextlib.contextmanager
def running(settings: dict[str, str]) -> Iterator[dict[str, str]]:
    """Run the servers with an empty database; yield the environment that leads to them.

    One measurement at a time in a checkout: a second one waits, for it would empty the first one's database.
    """
    with _alone():
        yield from _running(settings)


def _running(settings: dict[str, str]) -> Iterator[dict[str, str]]:
    desk = processes.Desk(place=PLACE)
    postgres = processes.postgres_child(desk)
    postgres.command += [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    children = [
        replace(child, log=desk.dev / "logs" / f"bench-{child.name}.log")
        for child in (postgres, processes.redis_child(desk))
    ]
    try:
        for child in children:
            supervisor.start(child)
        _wait()
        _empty()
        yield _environment()
    finally:
        for child in children:
            _end(child)


def run_inside(name: str, arguments: list[str]) -> int:
    """Run `manage.py` with the servers of this measurement up; return its exit code."""
    with running(SETTINGS.get(name, {})) as environment:
        command = [sys.executable, str(embedded.PROJECT / "manage.py"), *arguments]
        return subprocess.run(command, env=environment, cwd=embedded.PROJECT, check=False).returncode


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    PLACE.dev.mkdir(parents=True, exist_ok=True)
    with (PLACE.dev / "bench.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.stderr.write("Another measurement runs here; this one begins when it has ended.\n")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _environment() -> dict[str, str]:
    ours = {"DATABASE_URL": PLACE.database_url, "REDIS_URL": PLACE.redis_url, "LOG_LEVEL": "WARNING"}
    # Loading many rows takes longer than any statement of the desk may.
    return {**os.environ, **ours, "DATABASE_STATEMENT_SECONDS": "600"}


def _wait() -> None:
    deadline = time.monotonic() + START_SECONDS
    while not (processes.postgres_answers(PLACE) and processes.redis_answers(PLACE)):
        if time.monotonic() > deadline:
            raise embedded.NotHere(f"the servers did not start; see {PLACE.dev / 'logs'}")
        time.sleep(0.05)


def _empty() -> None:
    """Make the database anew: what an earlier run left would change the figures."""
    with psycopg.connect(
        dbname="postgres", host=str(PLACE.postgres_socket), user=embedded.USER, autocommit=True
    ) as link:
        link.execute(f"drop database if exists {embedded.DATABASE} with (force)")
        link.execute(f"create database {embedded.DATABASE}")


def _end(child: supervisor.Child) -> None:
    if child.process is None:
        return
    child.process.send_signal(child.stop_with)
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.process.wait(STOP_SECONDS)
