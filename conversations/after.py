"""What happens after an entry: the steps named in settings.AFTER_ENTRY, each once."""

import logging
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from datetime import timedelta
from functools import cache

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, Subquery
from django.utils.module_loading import import_string

from agents.models import Workspace
from conversations import live
from conversations.models.entry import Entry, EntryQuerySet
from conversations.models.webhook import Webhook
from helpdesk.lib import clock

log = logging.getLogger(__name__)

Step = Callable[[Entry], None]
ATTEMPTS_MAX = 5
WAIT = timedelta(seconds=10)


def run(pks: Iterable[int]) -> None:
    """Run every step for entries that are not done. A step that fails does not stop the others."""
    for entry in with_parts().filter(pk__in=list(pks), done_at=None).order_by("pk"):
        outcomes = [take(step, entry) for step in _steps()]
        is_last_try = entry.after_attempts + 1 >= ATTEMPTS_MAX
        done_at = clock.real() if is_last_try or all(outcomes) else None
        Entry.objects.filter(pk=entry.pk, done_at=None).update(after_attempts=F("after_attempts") + 1, done_at=done_at)


def with_parts() -> EntryQuerySet:
    """Return entries with what the steps ask of them, in one query."""
    pattern = Workspace.objects.values("order_pattern")[:1]
    rows = Entry.objects.select_related("conversation", "customer", "by", "message")
    return rows.annotate(order_pattern=Subquery(pattern), is_hooked=Exists(Webhook.objects.filter(is_on=True)))


def alone(step: Step) -> Step:
    """Mark a step that asks for no transaction around it: what it writes is one statement, or has its own."""
    vars(step)["is_alone"] = True
    return step


def take(step: Step, entry: Entry) -> bool:
    """Take one step, in a transaction of its own unless it is marked; return whether it came to its end."""
    try:
        with nullcontext() if vars(step).get("is_alone") else transaction.atomic():
            step(entry)
    except Exception:
        # A step belongs to an upper room and may fail in its own ways; the message is safe.
        log.exception("A step after an entry failed", extra={"entry": entry.pk})
        return False
    return True


def left_behind(limit: int) -> list[int]:
    """Return the oldest entries whose steps did not run within ten seconds."""
    rows = Entry.objects.filter(done_at=None, recorded_at__lt=clock.now() - WAIT)
    return list(rows.order_by("recorded_at").values_list("pk", flat=True)[:limit])


def announce_again(pks: Iterable[int]) -> None:
    """Hint once more at entries left behind: whoever wrote them may have died before telling."""
    rows = Entry.objects.filter(pk__in=list(pks), done_at=None)
    for entry in rows.select_related("conversation__team").order_by("pk"):
        live.announce(entry)


@cache
def _steps() -> tuple[Step, ...]:
    return tuple(import_string(name) for name in settings.AFTER_ENTRY)
