"""Waking what was put away until a time."""

from conversations import changes
from conversations.models.conversation import Conversation
from helpdesk.lib import clock


def wake_due(limit: int) -> int:
    """Open the snoozed conversations whose time has come; return how many."""
    rows = Conversation.objects.filter(status=Conversation.Status.SNOOZED, snoozed_until__lte=clock.now())
    due = list(rows.order_by("snoozed_until")[:limit])
    for conversation in due:
        changes.wake(conversation)
    return len(due)
