"""Who should be told of an entry. Run after commit; writing its key makes it tell once."""

from conversations import live
from conversations.models.entry import Entry
from conversations.models.notification import Notification

Kind = Notification.Kind


def after_entry(entry: Entry) -> None:
    """Make the notifications of one entry. Running it twice makes them once."""
    for agent_id, kind in _concerned(entry).items():
        _, is_new = Notification.objects.get_or_create(agent_id=agent_id, entry=entry, defaults={"kind": kind})
        if is_new:
            live.nudge(f"agent.{agent_id}", "notification", entry.pk)


def _concerned(entry: Entry) -> dict[int, str]:
    """Say who should be told, and why; nobody of what they did themselves."""
    if entry.kind == Entry.Kind.NOTE:
        return {row.agent_id: Kind.MENTION for row in entry.mentions.all() if row.agent_id}
    conversation, kind = entry.conversation, _kind(entry)
    if kind == Kind.PROMISE:
        return _promisers(entry)
    if not kind or conversation is None or conversation.assignee_id in {None, entry.by_id}:
        return {}
    return {conversation.assignee_id: kind}


def _promisers(entry: Entry) -> dict[int, str]:
    """An overdue promise is the owner's; where nobody owns it, whose word it was."""
    owner = entry.conversation.assignee_id if entry.conversation is not None else None
    told = owner or (entry.cause.by_id if entry.cause is not None else None)
    return {told: Kind.PROMISE} if told else {}


def _kind(entry: Entry) -> str:
    if entry.kind == Entry.Kind.MESSAGE and entry.actor == Entry.Actor.CUSTOMER:
        return Kind.REPLY
    if entry.kind == Entry.Kind.ASSIGNMENT:
        return Kind.ASSIGNED
    if entry.kind == Entry.Kind.FACT and entry.data.get("act") == "overdue":
        return Kind.PROMISE
    return ""
