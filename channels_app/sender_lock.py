"""What says that a sender lives: a session lock on its delivery, which the database frees when the process dies."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

LOCK_SPACE = 0x7E1A10


@contextmanager
def sender_lock(pk: int) -> Iterator[bool]:
    """Hold the delivery's session lock; yield whether it was free. Freed when the process dies."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK_SPACE, _lock_id(pk)])
        is_mine = bool(cursor.fetchone()[0])
    try:
        yield is_mine
    finally:
        if is_mine and not connection.is_usable():
            # The session may live on and the lock with it.
            connection.close()
        elif is_mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK_SPACE, _lock_id(pk)])


def _lock_id(pk: int) -> int:
    return pk % 2**31
