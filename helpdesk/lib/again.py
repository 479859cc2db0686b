"""Once more after a deadlock: what the database undid through nobody's fault is done again at once."""

from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError

T = TypeVar("T")

TRIES = 3
# SQLSTATE: deadlock and serialisation (class 40), a lock that came too late. All of them undid the whole transaction.
UNDONE = ("40", "55P03")


def insist(act: Callable[[], T]) -> T:
    """Run something that is exactly one transaction, up to three times while the database undoes it."""
    for left in reversed(range(TRIES)):
        try:
            return act()
        except OperationalError as error:
            if not left or not _is_undone(error):
                raise
    raise AssertionError("not reached")


def _is_undone(error: OperationalError) -> bool:
    return (getattr(error.__cause__, "sqlstate", None) or "").startswith(UNDONE)
