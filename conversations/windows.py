"""How long one may write freely after somebody wrote, and what is left of it."""

from datetime import datetime, timedelta

from conversations.models.thread import Thread
from helpdesk.lib import clock
from helpdesk.lib.outbound import Capabilities

OPEN, HUMAN, CLOSED = "open", "human", "closed"


def window_of(thread: Thread, capabilities: Capabilities) -> str:
    """Return open, human (a person may still write, by hand) or closed; '' where there is no window.

    Under a comment there is none: it can be answered as long as it stands.
    """
    if not capabilities.reply_window_hours or thread.kind == Thread.Kind.COMMENT:
        return ""
    now = clock.now()
    if _is_ahead(thread.reply_window_until, now) or _is_ahead(_after(thread, capabilities.reply_window_hours), now):
        return OPEN
    return HUMAN if _is_ahead(_after(thread, capabilities.human_window_hours), now) else CLOSED


def _after(thread: Thread, hours: int | None) -> datetime | None:
    return thread.last_in_at + timedelta(hours=hours) if thread.last_in_at and hours else None


def _is_ahead(until: datetime | None, now: datetime) -> bool:
    return until is not None and now < until
