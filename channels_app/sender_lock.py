"""What says that a sender lives: a session lock on its delivery, which the database frees when the process dies."""

from contextlib import AbstractContextManager

from helpdesk.lib.advisory import Space, session_lock


def sender_lock(pk: int) -> AbstractContextManager[bool]:
    """Hold the delivery's session lock; yield whether it was free. Freed when the process dies."""
    return session_lock(Space.DELIVERIES, pk)
