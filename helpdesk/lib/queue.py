"""The doorbell: wake a worker after commit. A lost ring is found by the sweeper."""

import logging
import time
from typing import Any

from celery import current_app
from django.db import transaction

log = logging.getLogger(__name__)

# After a failure nobody waits for the broker again for this long.
REST_SECONDS = 2.0
_silent_until = 0.0


def ring(task_name: str, *args: Any, countdown_seconds: float | None = None) -> None:
    """Send a task by name once the transaction has committed. Never fails the caller."""
    transaction.on_commit(lambda: ring_now(task_name, *args, countdown_seconds=countdown_seconds))


def ring_now(task_name: str, *args: Any, countdown_seconds: float | None = None) -> bool:
    """Send a task by name at once; return whether the broker took it."""
    global _silent_until
    if time.monotonic() < _silent_until:
        return False
    try:
        current_app.send_task(task_name, args=args, countdown=countdown_seconds, retry=False)
    except Exception:
        # The broker may fail in any way it likes: the row is committed and will be swept.
        log.warning("The doorbell is silent", extra={"task": task_name})
        _silent_until = time.monotonic() + REST_SECONDS
        return False
    return True
