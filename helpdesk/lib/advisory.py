"""Locks that stand in no table: the database frees them when the process that holds them dies."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum, unique

from django.db import Error, connection, transaction

from helpdesk.lib import sql

_TAKE = "SELECT pg_try_advisory_lock(%(space)s, %(number)s)"
_FREE = "SELECT pg_advisory_unlock(%(space)s, %(number)s)"


@unique
class Space(IntEnum):
    """What the numbers of a lock count. All of them stand here: two that shared a value would hold each other up."""

    DELIVERIES = 0x7E1A10
    SWEEPS = 0x7E1A11
    MAILBOXES = 0x7E1A12
    WEBHOOK_LANES = 0x7E1A13
    IMPORTS = 0x7E1A14
    EXPORTS = 0x7E1A15


@unique
class Sweep(IntEnum):
    """The numbers in Space.SWEEPS."""

    DELIVERIES = 1
    EVENTS = 2
    WEBHOOKS = 3
    MEDIA = 4
    CHANNELS = 5


@contextmanager
def session_lock(space: Space, number: int) -> Iterator[bool]:
    """Hold a lock of this session without a transaction; yield whether it was free. It says that its holder lives."""
    key = {"space": space.value, "number": number % 2**31}
    is_mine = _ask(_TAKE, key)
    try:
        yield is_mine
    finally:
        if is_mine:
            _free(key)


@contextmanager
def only_one(space: Space, number: int) -> Iterator[bool]:
    """Open a transaction that holds a lock to its end; yield whether it was free."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [space.value, number])
        yield bool(cursor.fetchone()[0])


def _free(key: dict[str, int]) -> None:
    try:
        _ask(_FREE, key)
    except Error:
        # The session may live on and the lock with it.
        connection.close()


def _ask(statement: str, key: dict[str, int]) -> bool:
    row = sql.run(statement, key).fetchone()
    return row is not None and bool(row[0])
