"""Edits, deletions and reactions: done to the message they speak of, kept until it comes where it has not come yet."""

from conversations.events import changing, reacting, targets
from conversations.events.happening import Happening, keep, kept
from conversations.models.delivery import PendingStatus
from conversations.models.message import Message
from helpdesk.lib.events import EventKind

ACTS = {
    EventKind.EDIT: changing.edit,
    EventKind.ECHO_EDIT: changing.edit,
    EventKind.CHANNEL_EDIT: changing.edit,
    EventKind.DELETE: changing.delete,
    EventKind.ECHO_DELETE: changing.delete,
    EventKind.REACTION: reacting.react,
}


def file(happening: Happening) -> str:
    """Do an act to every message it names, or keep it for them. Locks their customers."""
    for name in happening.targets:
        message = targets.lock_message(happening.channel, name)
        if message is None:
            keep(happening, name)
        else:
            act(message, happening)
    return "applied" if happening.targets else "ignored"


def act(message: Message, happening: Happening) -> None:
    """Do one act to a message. Its customer is locked."""
    ACTS[happening.event.kind](message, happening)


def is_act(row: PendingStatus) -> bool:
    """Whether a kept row is an act and no status."""
    return row.event.get("kind") in ACTS


def apply_kept(message: Message, name: str) -> None:
    """Do to a message what came before it. Its customer is locked."""
    rows = list(PendingStatus.objects.filter(channel=message.channel_id, external_id=name).select_related("channel"))
    for row in sorted(rows, key=lambda row: row.pk):
        if is_act(row):
            act(message, kept(row))
    if rows:
        PendingStatus.objects.filter(pk__in=[row.pk for row in rows]).delete()
