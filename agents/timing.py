"""The workspace's clock: read at the start of requests and tasks, moved by administrators of desks that play.

Times of claims, retries and signatures are the machine's, which nobody moves (helpdesk/lib/clock.py).
"""

import contextlib
import time

from django.conf import settings
from django.db import DatabaseError, transaction

from agents import audit
from agents.models import Agent, Workspace
from helpdesk.lib import clock

THING = "clock"
READ_EVERY = 1.0
AHEAD_MAX_SECONDS = 10 * 366 * 86_400
_read_at = 0.0


class Refused(ValueError):
    """The clock cannot be moved so."""


def keep() -> None:
    """Read how far the clock is ahead, at most once a second in a process. A database that is away changes nothing."""
    global _read_at
    if time.monotonic() - _read_at < READ_EVERY:
        return
    _read_at = time.monotonic()
    with contextlib.suppress(DatabaseError):
        found = Workspace.objects.filter(pk=1).values_list("clock_offset_seconds", flat=True).first()
        clock.shift(found or 0)


def may_play() -> bool:
    """Whether channels may be played by the desk, and its clock be moved: where an administrator said so, or no
    customers are served."""
    return not is_in_production() or Workspace.get().allows_sandboxes


def is_in_production() -> bool:
    """Whether customers are served here, so that playing needs an administrator's word."""
    return bool(settings.PRODUCTION)


def allow_sandboxes(*, is_allowed: bool, by: Agent) -> None:
    """Say whether channels may be played by the desk where customers are served."""
    with transaction.atomic():
        row = _locked()
        if row.allows_sandboxes != is_allowed:
            Workspace.objects.filter(pk=row.pk).update(allows_sandboxes=is_allowed)
            audit.changed(by, THING, {"allows_sandboxes": row.allows_sandboxes}, {"allows_sandboxes": is_allowed})


def advance(seconds: int, *, by: Agent) -> int:
    """Move the clock ahead; return how far it is ahead then. Raises Refused."""
    if seconds <= 0:
        raise Refused("back")
    return _set(seconds, by)


def return_to_real(*, by: Agent) -> int:
    """Let the clock be the machine's again. Also where nothing may be played any more."""
    return _set(None, by)


def _set(more: int | None, by: Agent) -> int:
    with transaction.atomic():
        row = _locked()
        if more is not None and not may_play():
            raise Refused("not here")
        ahead = 0 if more is None else row.clock_offset_seconds + more
        if ahead > AHEAD_MAX_SECONDS:
            raise Refused("far")
        Workspace.objects.filter(pk=row.pk).update(clock_offset_seconds=ahead)
        if ahead != row.clock_offset_seconds:
            audit.changed(by, THING, {"ahead_seconds": row.clock_offset_seconds}, {"ahead_seconds": ahead})
        # This process at once; the others within a second.
        transaction.on_commit(lambda: clock.shift(ahead))
        return ahead


def _locked() -> Workspace:
    return Workspace.objects.select_for_update(no_key=True).get(pk=Workspace.get().pk)
