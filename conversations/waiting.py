"""Who waits for whom, and what is due when. Every change happens under the customer's lock."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from agents.models import Workspace
from conversations import waiting_sql
from conversations.models.entry import Entry

if TYPE_CHECKING:
    from conversations.models.conversation import Conversation

FIELDS = ["waiting_since", "next_due_at", "next_due_kind", "unanswered_count"]
REPLY = "reply"
# So many waits are looked at, and so few say nothing.
WAITS, WAITS_MIN = 50, 5


def wrote(conversation: "Conversation", at: datetime, workspace: Workspace | None = None) -> None:
    """The customer wrote: the clock of the oldest unanswered message runs. Locked; the caller saves."""
    conversation.unanswered_count += 1
    since = conversation.waiting_since
    conversation.waiting_since = min(since, at) if since else at
    _set_due(conversation, workspace)


def answered(conversation: "Conversation", entry: Entry) -> None:
    """A person answered in public: nothing is waiting any more. Locked."""
    conversation.waiting_since = None
    conversation.unanswered_count = 0
    _set_due(conversation)
    fields = list(FIELDS)
    if conversation.first_reply_at is None:
        conversation.first_reply_at = entry.occurred_at
        fields.append("first_reply_at")
    conversation.save(update_fields=fields)


def set_to(conversation: "Conversation", unanswered: int, since: datetime | None) -> None:
    """Messages went or came: so many are unanswered, the oldest since then. Locked; the caller saves."""
    conversation.unanswered_count, conversation.waiting_since = unanswered, since
    _set_due(conversation)


def ahead_of(conversation: "Conversation") -> int:
    """Count who waits in the same team's queue for longer: open, nobody's, written to by chat like this one."""
    if conversation.waiting_since is None:
        return 0
    icon, since = conversation.last_channel_kind, conversation.waiting_since
    return waiting_sql.ahead(conversation.pk, conversation.team_id, icon, since)


def usual_wait(conversation: "Conversation") -> timedelta | None:
    """Return how long its team's last fifty conversations of this kind waited for their first answer, the median.

    None where too few were answered to say anything honest.
    """
    return usual_wait_of(conversation.team_id, conversation.last_channel_kind)


def usual_wait_of(team_id: int | None, icon: str) -> timedelta | None:
    """Return the same of a team and a kind of channel, by the icon that conversations keep of it."""
    count, median = waiting_sql.usual(team_id, icon, WAITS)
    return median if count >= WAITS_MIN else None


def _set_due(conversation: "Conversation", workspace: Workspace | None = None) -> None:
    conversation.next_due_at = due_at(conversation.waiting_since, workspace)
    conversation.next_due_kind = REPLY if conversation.next_due_at else ""


def due_at(waiting_since: datetime | None, workspace: Workspace | None = None) -> datetime | None:
    """Return when an answer is due; the workspace's target until there are clocks."""
    if waiting_since is None:
        return None
    return waiting_since + timedelta(minutes=(workspace or Workspace.get()).reply_target_minutes)
