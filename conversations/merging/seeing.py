"""What an agent must see to move what was said: asked by the pages and the API."""

from django.db.models import QuerySet

from agents.models import Agent
from conversations.merging import parting
from conversations.models.conversation import Conversation
from conversations.models.entry import Entry
from customers.models import Customer


def sees_all(agent: Agent, conversations: set[int]) -> bool:
    """Whether the agent sees each of these conversations."""
    return Conversation.objects.visible_to(agent).filter(pk__in=conversations).count() == len(conversations)


def movable(agent: Agent, person: Customer) -> "QuerySet[Entry]":
    """Return the messages and notes of conversations the agent may write to."""
    seen = Conversation.objects.visible_to(agent).filter(customer=person)
    return Entry.objects.filter(customer=person, conversation__in=seen, kind__in=parting.MOVABLE)
