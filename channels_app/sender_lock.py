"""What says that a sender lives: a session lock on its delivery, which the database frees when the process dies."""

from contextlib import AbstractContextManager

from helpdesk.lib.advisory import session_lock

LOCK_SPACE = 0x7E1A10


def sender_lock(pk: int) -> AbstractContextManager[bool]:
    """Hold the delivery's session lock; yield whether it was free. Freed when the process dies."""
    return session_lock(LOCK_SPACE, pk)
