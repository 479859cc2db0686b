"""Who should be told of an entry. Run after commit; writing its key makes it tell once."""

from conversations import live
from conversations.models.entry import Entry
from conversations.models.notification import Notification

Kind = Notification.Kind


def after_entry(entry: Entry) -> None:
    """Make the notifications of one entry. Running it twice makes them once."""
    conversation = entry.conversation
    if conversation is None or conversation.assignee_id is None:
        return
    if conversation.assignee_id == entry.by_id:
        return
    kind = _kind(entry)
    if kind:
        _, is_new = Notification.objects.get_or_create(
            agent_id=conversation.assignee_id, entry=entry, defaults={"kind": kind}
        )
        if is_new:
            live.nudge(f"agent.{conversation.assignee_id}", "notification", entry.pk)


def _kind(entry: Entry) -> str:
    if entry.kind == Entry.Kind.MESSAGE and entry.actor == Entry.Actor.CUSTOMER:
        return Kind.REPLY
    if entry.kind == Entry.Kind.ASSIGNMENT:
        return Kind.ASSIGNED
    return ""
