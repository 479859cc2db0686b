"""A customer ends a chat, and whether it is over for them: what is unanswered stays open (docs/decisions/0022)."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from conversations import changes, ending_sql, timeline
from conversations.locks import lock_customer
from conversations.models.entry import Entry

if TYPE_CHECKING:
    from agents.models import Agent
    from conversations.models.conversation import Conversation

ENDED = "ended"


@dataclass(frozen=True, slots=True)
class End:
    """Since when a chat is over, and who closed it: the customer, an agent, or neither of them (a rule, a sweep)."""

    at: datetime
    is_customers: bool
    by: "Agent | None" = None


def end(conversation: "Conversation") -> Entry | None:
    """Write down that the customer ended the chat; None where it is over already. Takes the customer's lock.

    It is resolved only where nothing waits for an answer: whoever leaves in anger must not close their own question.
    """
    with lock_customer(conversation) as (customer, locked):
        if end_of(locked) is not None:
            return None
        is_waiting = locked.waiting_since is not None
        after: dict[str, Any] = {"status": locked.status}
        if not is_waiting:
            after = changes.status_fields(locked, "resolved", None)
        before = {name: getattr(locked, name) for name in after}
        for name, value in after.items():
            setattr(locked, name, value)
        locked.version += 1
        locked.save(update_fields=[*after, "version"])
        said = {"act": ENDED, "before": changes.plain(before), "after": changes.plain(after)}
        return timeline.record(
            timeline.New(
                kind=Entry.Kind.STATUS, customer=customer, conversation=locked, actor=Entry.Actor.CUSTOMER, data=said
            )
        )


def end_of(conversation: "Conversation") -> End | None:
    """Return how a chat ended; None while it goes on, or has gone on since."""
    last = ending_sql.last_status(conversation.pk)
    if conversation.resolved_at is not None:
        by = last.by if last is not None else None
        return End(conversation.resolved_at, last is not None and last.data.get("act") == ENDED, by)
    if last is None or last.data.get("act") != ENDED:
        return None
    said = Entry.objects.filter(conversation=conversation, kind=Entry.Kind.MESSAGE, pk__gt=last.pk)
    # A copy by mail, or a mail of what was missed, is nothing that is said anew.
    is_going_on = said.filter(visibility=Entry.Visibility.PUBLIC).exclude(data__has_key="follows").exists()
    return None if is_going_on else End(last.occurred_at, is_customers=True)
