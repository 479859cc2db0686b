"""The outbox of a desk that was restored from a backup: nothing leaves until an administrator says so.

While it is held no delivery is claimed, no mailbox is polled and nobody is woken (Workspace.held_since).
What arrives is taken and filed as always.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from agents import audit
from agents.models import Agent, Workspace
from channels_app import delivery
from conversations.models import Delivery


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a held outbox holds. old: it waited in the backup already; new: written since."""

    since: datetime
    old: int
    new: int


def waiting() -> Waiting | None:
    """Return what is held back, or None when nothing is."""
    since = Workspace.held().values_list("held_since", flat=True).first()
    if since is None:
        return None
    rows = _rows()
    old = rows.filter(made_at__lte=since).count()
    return Waiting(since, old, rows.count() - old)


def release(*, by: Agent | None, sends_old: bool = False) -> Waiting | None:
    """Let the outbox go; return what it held, or None when it was not held.

    What waited in the backup may have been sent by the desk the backup was taken of, so it becomes
    unknown and a person decides; sends_old: nothing ran since the backup, so it may go out.
    Safe to call twice and at once, and again after a crash.
    """
    held = waiting()
    if held is None:
        return None
    if not sends_old:
        for pk in list(_rows().filter(made_at__lte=held.since).order_by("pk").values_list("pk", flat=True)):
            delivery.give_up_unsent(pk)
    with transaction.atomic():
        if not Workspace.held().update(held_since=None):
            return None
        before = {"held_since": held.since.isoformat(), "old": held.old, "new": held.new}
        audit.changed(by, "outbox", before, {"held_since": None, "sends_old": sends_old})
    return held


def _rows() -> "QuerySet[Delivery]":
    return Delivery.objects.filter(state__in=[Delivery.State.QUEUED, Delivery.State.RETRY])
