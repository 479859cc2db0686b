"""The customers that an agent sees, for lists and counts that may walk through all of them.

Customer.objects.visible_to looks the conversations of each customer up: right for a few customers, and for many where
most are seen, since a list stops when it is full. Who sees few of very many would walk past all the others.
"""

from django.db.models import Exists, OuterRef, Q

from agents.models import Agent
from agents.permissions import Sight, sight_of
from conversations.models.conversation import Conversation, Follower
from conversations.models.notification import Mention
from customers.models import Customer, CustomerQuerySet

FEW = 5_000


def seen_customers(agent: Agent) -> CustomerQuerySet:
    """Return the present customers this agent sees: the rows of visible_to, a test compares them."""
    sight = sight_of(agent)
    present = Customer.objects.present()
    if sight.is_all:
        return present
    known = _few(sight)
    if known is None:
        return present.visible_to(agent)
    theirs = Conversation.objects.filter(customer=OuterRef("pk"))
    return present.filter(Q(pk__in=known) | ~Exists(theirs))


def _few(sight: Sight) -> set[int] | None:
    """The customers whose conversations they see; None when those are many. Each scope is read by itself."""
    plain = Q(assignee=sight.agent_id)
    if sight.is_teams:
        plain |= Q(team=None) | Q(team__in=sight.team_ids)
    followed = Follower.objects.filter(agent=sight.agent_id).values("conversation")
    mentioned = Mention.objects.filter(agent=sight.agent_id).values("entry__conversation")
    known: set[int] = set()
    for scope in (plain, Q(pk__in=followed), Q(pk__in=mentioned)):
        found = list(Conversation.objects.filter(scope).values_list("customer", flat=True)[: FEW + 1])
        if len(found) > FEW:
            return None
        known.update(found)
    return known
