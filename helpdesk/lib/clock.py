"""The two clocks of the desk. Nothing else asks the machine for the time."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta

_told: ContextVar[datetime | None] = ContextVar("told", default=None)
# How far the workspace's clock is ahead of the machine's; no time but on desks that play (agents/timing.py).
_shift = timedelta(0)


def now() -> datetime:
    """Return the workspace's time (aware, UTC): what customers and agents live by."""
    return _told.get() or shown(real())


def real() -> datetime:
    """Return the machine's time (aware, UTC): for claims, sweeps, signatures and sessions."""
    return datetime.now(UTC)


def shown(moment: datetime) -> datetime:
    """Return what the workspace's clock showed, or will show, at a moment of the machine's."""
    return moment + _shift if _shift else moment


def shift(seconds: int) -> None:
    """Let the workspace's clock be so far ahead in this process, from now on."""
    global _shift
    _shift = timedelta(seconds=seconds)


def shift_seconds() -> int:
    """Return how far the workspace's clock is ahead."""
    return round(_shift.total_seconds())


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Tell of another time: within, the workspace's clock stands at that moment. For the seeds."""
    token = _told.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _told.reset(token)
