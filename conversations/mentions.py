"""Who is named in a note, as "@Ana Vieru" (or "@Ana", when there is only one): they are told of it."""

import re
from collections import Counter
from typing import TYPE_CHECKING

from agents.models import Agent
from conversations.models.entry import Entry
from conversations.models.notification import Mention

if TYPE_CHECKING:
    from conversations.models.conversation import Conversation


def named_in(text: str, conversation: "Conversation", *, by: Agent) -> list[Agent]:
    """Return the colleagues that a note names and who may read it."""
    return [agent for agent in _named(text, by) if _may_read(agent, conversation)]


def kept_out(text: str, conversation: "Conversation", *, by: Agent) -> list[Agent]:
    """Return the colleagues that a note names although they may not read it: nobody will tell them."""
    return [agent for agent in _named(text, by) if not _may_read(agent, conversation)]


def _may_read(agent: Agent, conversation: "Conversation") -> bool:
    return type(conversation).objects.visible_to(agent).filter(pk=conversation.pk).exists()


def _named(text: str, by: Agent) -> list[Agent]:
    if "@" not in text:
        return []
    agents = list(Agent.objects.people().exclude(pk=by.pk).select_related("role"))
    first_names = Counter(agent.first_name.casefold() for agent in agents)
    return [
        agent
        for agent in agents
        if _stands_in(text, agent.name)
        or (first_names[agent.first_name.casefold()] == 1 and _stands_in(text, agent.first_name))
    ]


def keep(entry: Entry, agents: list[Agent]) -> None:
    """Write down who was named, in the transaction of the note."""
    Mention.objects.bulk_create(Mention(entry=entry, agent=agent) for agent in agents)


def _stands_in(text: str, name: str) -> bool:
    return bool(name) and bool(re.search(rf"(?<!\w)@{re.escape(name)}(?!\w)", text, re.IGNORECASE))
