"""What an agent must see of customers to part them again, or to move what was said: asked by the pages and the API."""

from django.db.models import QuerySet

from agents.models import Agent
from conversations import parting
from conversations.models.conversation import Conversation
from conversations.models.entry import Entry
from conversations.models.mergerecord import MergeRecord
from customers.models import Customer


def sees_both(agent: Agent, record: MergeRecord) -> bool:
    """Whether the agent would see both customers again: one conversation of each, or there is none."""
    if record.kind != MergeRecord.Kind.MERGE:
        both = {record.kept_id, record.other_id}
        return Customer.objects.visible_to(agent).filter(pk__in=both).count() == len(both)
    rows = Conversation.objects.filter(customer=record.kept_id)
    came = rows.filter(pk__in=record.moved["conversations.Conversation"])
    sides = (came, rows.exclude(pk__in=came.values("pk")))
    return all(side.visible_to(agent).exists() or not side.exists() for side in sides)


def sees_all(agent: Agent, conversations: set[int]) -> bool:
    """Whether the agent sees each of these conversations."""
    return Conversation.objects.visible_to(agent).filter(pk__in=conversations).count() == len(conversations)


def movable(agent: Agent, person: Customer) -> "QuerySet[Entry]":
    """Return the messages and notes of conversations the agent may write to."""
    seen = Conversation.objects.visible_to(agent).filter(customer=person)
    return Entry.objects.filter(customer=person, conversation__in=seen, kind__in=parting.MOVABLE)
