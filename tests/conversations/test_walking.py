"""Lists that walk through all customers show the rows of visible_to, whichever way they go."""

import pytest

from agents.models import Agent
from conversations.lists import walking
from conversations.models import Conversation
from conversations.models.notification import Mention
from customers.models import Customer
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("few", [0, 1, 5_000])
@pytest.mark.parametrize("sight", ["all", "teams", "own"])
def test_both_ways_lead_to_the_same_customers(
    conversation: Conversation, colleague: Agent, sight: str, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walking, "FEW", few)
    mine, private = factories.make_team(), factories.make_team(is_private=True)
    agent = factories.make_agent(name="Nora", role=factories.make_role(sight=sight), teams=(mine,))
    named, followed = (factories.make_conversation(team=private) for _number in range(2))
    Mention.objects.create(entry=named.note(by=colleague, text="Look"), agent=agent)
    followed.followers.create(agent=agent)
    factories.make_conversation(team=mine)
    factories.make_conversation(team=private)
    factories.make_conversation(team=private, assignee=agent)
    factories.make_customer(name="Nothing said")
    Customer.objects.filter(pk=factories.make_customer().pk).update(merged_into=conversation.customer)
    seen = set(walking.seen_customers(agent))
    assert seen == set(Customer.objects.visible_to(agent).present())
    assert len(seen) == {"all": 7, "teams": 5, "own": 4}[sight]
