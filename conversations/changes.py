"""Changes of a conversation's state: each is one locked transaction with one entry."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from agents.models import Agent, Team
from conversations import timeline
from conversations.locks import lock_customer
from customers.models import Customer
from helpdesk.lib import clock

if TYPE_CHECKING:
    from conversations.models.conversation import Conversation
    from conversations.models.entry import Entry


class Taken(Exception):
    """A colleague became the owner first; `owner` is that colleague."""

    def __init__(self, owner: Agent) -> None:
        super().__init__(str(owner))
        self.owner = owner


def take(conversation: "Conversation", *, by: Agent) -> "Entry | None":
    """Make `by` the owner if there is none. Raises Taken. Taking one's own does nothing."""
    with lock_customer(conversation) as (_customer, locked):
        if locked.assignee is not None and locked.assignee_id != by.pk:
            raise Taken(locked.assignee)
        return _apply(locked, "assignment", {"assignee": by}, by=by)


def give(conversation: "Conversation", owner: Agent, team: Team, *, by: Agent) -> "Entry | None":
    """Put what an agent owns into a team's queue; None when it is not theirs any more."""
    with lock_customer(conversation) as (_customer, locked):
        if locked.assignee_id != owner.pk:
            return None
        return _apply(locked, "assignment", {"assignee": None, "team": team}, by=by)


def change(conversation: "Conversation", kind: str, after: dict[str, Any], *, by: Agent | None) -> "Entry | None":
    """Set fields under the customer's lock; the entry keeps before and after. None: no change."""
    with lock_customer(conversation) as (_customer, locked):
        return _apply(locked, kind, after, by=by)


def set_status(
    conversation: "Conversation",
    status: str,
    *,
    by: Agent | None,
    until: datetime | None = None,
    cause: "Entry | None" = None,
) -> "Entry | None":
    """Move a conversation to a status. until: only for snoozed."""
    with lock_customer(conversation) as (_customer, locked):
        after = status_fields(locked, status, until)
        return _apply(locked, "status", after, by=by, cause=cause)


def wake(conversation: "Conversation") -> "Entry | None":
    """Open a snoozed conversation whose time has come; nothing if somebody moved it since."""
    with lock_customer(conversation) as (_customer, locked):
        if locked.snoozed_until is None or locked.snoozed_until > clock.now():
            return None
        return _apply(locked, "status", status_fields(locked, "open", None), by=None)


def reopen_locked(customer: Customer, locked: "Conversation", *, cause: "Entry", actor: str) -> "Entry | None":
    """Open a conversation that the caller has locked, because of what somebody wrote."""
    locked.customer = customer
    after = status_fields(locked, "open", None)
    return _apply(locked, "status", after, by=None, cause=cause, actor=actor)


def status_fields(conversation: "Conversation", status: str, until: datetime | None) -> dict[str, Any]:
    """Return what a status sets besides itself."""
    is_resolved, was_resolved = status == "resolved", conversation.status == "resolved"
    fields: dict[str, Any] = {"status": status, "snoozed_until": until}
    fields["resolved_at"] = (conversation.resolved_at or clock.now()) if is_resolved else None
    if is_resolved:
        # Nobody waits any more; an undo brings the clock back with the rest.
        fields |= {"waiting_since": None, "next_due_at": None, "next_due_kind": "", "unanswered_count": 0}
    if was_resolved and not is_resolved:
        fields["reopened_count"] = conversation.reopened_count + 1
    return fields


def _apply(
    locked: "Conversation",
    kind: str,
    after: dict[str, Any],
    *,
    by: Agent | None,
    cause: "Entry | None" = None,
    actor: str = "",
) -> "Entry | None":
    before = {name: getattr(locked, name) for name in after}
    if before == after:
        return None
    old_team, old_assignee = locked.team, locked.assignee_id
    for name, value in after.items():
        setattr(locked, name, value)
    if by is not None:
        locked.held_by = locked.HeldBy.PEOPLE
    locked.version += 1
    locked.save(update_fields=[*after, "held_by", "version"])
    entry = timeline.record(
        timeline.New(
            kind=kind,
            customer=locked.customer,
            conversation=locked,
            by=by,
            actor=actor,
            cause=cause,
            data={"before": plain(before), "after": plain(after)},
            also_teams=(old_team.pk if old_team else None,) if old_team != locked.team else (),
            also_agents=(old_assignee,) if old_assignee and old_assignee != locked.assignee_id else (),
        )
    )
    reset_pages(entry, old_team, locked.team)
    return entry


def reset_pages(entry: "Entry", old: Team | None, new: Team | None) -> None:
    """Make open pages load again instead of catching up when rows appear or vanish for outsiders. Locked."""
    if _is_private(old) != _is_private(new):
        Customer.objects.filter(pk=entry.customer_id).update(reset_seq=entry.seq)


def _is_private(team: Team | None) -> bool:
    return team is not None and team.is_private


def plain(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values as JSON knows them: rows by primary key, times in ISO 8601."""
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return getattr(value, "pk", value)
