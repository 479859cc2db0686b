"""The embedded PostgreSQL, for as long as a command needs it, when `make run` is not running."""

import contextlib
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

from helpdesk import embedded, env, processes, supervisor

START_SECONDS = 60
STOP_SECONDS = 30


@contextmanager
def running() -> Iterator[None]:
    """Make sure that our own PostgreSQL answers; with DATABASE_URL given, that is somebody else's business."""
    place = embedded.HOME
    if env.text("DATABASE_URL") or processes.postgres_answers(place):
        yield
        return
    child = processes.postgres_child(processes.Desk(place=place))
    supervisor.start(child)
    try:
        _wait(place)
        yield
    finally:
        _end(child)


def _wait(place: embedded.Place) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not processes.postgres_answers(place):
        if time.monotonic() > deadline:
            raise embedded.NotHere(f"PostgreSQL did not start; see {place.dev / 'logs'}")
        time.sleep(0.05)


def _end(child: supervisor.Child) -> None:
    assert child.process is not None
    child.process.send_signal(child.stop_with)
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.process.wait(STOP_SECONDS)
