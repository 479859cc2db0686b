"""The two clocks of the desk. Nothing else asks the machine for the time."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the workspace's time (aware, UTC): what customers and agents live by."""
    return real()


def real() -> datetime:
    """Return the machine's time (aware, UTC): for claims, sweeps, signatures and sessions."""
    return datetime.now(UTC)
