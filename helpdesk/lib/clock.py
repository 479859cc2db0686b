"""The two clocks of the desk. Nothing else asks the machine for the time."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_told: ContextVar[datetime | None] = ContextVar("told", default=None)


def now() -> datetime:
    """Return the workspace's time (aware, UTC): what customers and agents live by."""
    return _told.get() or real()


def real() -> datetime:
    """Return the machine's time (aware, UTC): for claims, sweeps, signatures and sessions."""
    return datetime.now(UTC)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Tell of another time: within, the workspace's clock stands at that moment. For the seeds."""
    token = _told.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _told.reset(token)
