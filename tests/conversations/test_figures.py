"""What a customer's history comes to, counted as far as one may see it."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from agents.models import Agent
from agents.permissions import keep_sight
from channels_app.models import Channel
from conversations.figures import Figures, figures_of
from conversations.models import Conversation
from conversations.undo import undo_send
from customers.models import Customer
from helpdesk.lib import clock as now
from tests import factories

pytestmark = pytest.mark.django_db


def test_a_history_is_counted(
    conversation: Conversation, agent: Agent, channel: Channel, clock: time_machine.Traveller
) -> None:
    began = conversation.opened_at
    clock.shift(timedelta(minutes=30) - (now.now() - began))
    conversation.reply(by=agent, text="Soon.", to=factories.route_to(conversation))
    clock.shift(timedelta(hours=1))
    conversation.resolve(by=agent)
    conversation.refresh_from_db()
    conversation.reopen(by=agent)
    second = factories.make_conversation(customer=conversation.customer, channel=channel, messages=2)
    assert second.pk == conversation.pk or second.customer == conversation.customer
    found = figures_of(conversation.customer, agent)
    rows = Conversation.objects.filter(customer=conversation.customer)
    assert (found.conversations, found.unresolved, found.reopened) == (rows.count(), rows.unresolved().count(), 1)
    assert (found.theirs, found.ours, found.messages) == (3, 1, 4)
    assert found.first_answer_seconds == pytest.approx(1_800, abs=1)
    assert (
        found.first_at is not None
        and found.last_at is not None
        and found.last_at - found.first_at >= timedelta(hours=1)
    )


def test_the_first_answer_is_the_median_of_those_that_were_answered(customer: Customer, supervisor: Agent) -> None:
    for minutes in (10, 20, 600, None):
        row = factories.make_conversation(customer=customer, channel=factories.make_channel())
        at = row.opened_at + timedelta(minutes=minutes) if minutes else None
        Conversation.objects.filter(pk=row.pk).update(first_reply_at=at)
    assert figures_of(customer, supervisor).first_answer_seconds == 20 * 60


def test_nothing_is_nothing(supervisor: Agent) -> None:
    assert figures_of(factories.make_customer(), supervisor) == Figures()


def test_what_was_taken_back_was_not_said(conversation: Conversation, agent: Agent) -> None:
    said = conversation.reply(by=agent, text="No.", to=factories.route_to(conversation), hold_seconds=10)
    assert figures_of(conversation.customer, agent).ours == 1
    undo_send(said, by=agent)
    assert figures_of(conversation.customer, agent).ours == 0


def test_one_may_count_only_what_one_may_see(customer: Customer, outsider: Agent, supervisor: Agent) -> None:
    private = factories.make_channel(team=factories.make_team(name="Board", is_private=True))
    open_to_all = factories.make_channel()
    factories.make_conversation(customer=customer, channel=open_to_all)
    factories.make_conversation(customer=customer, channel=private, messages=3)
    everything, theirs = figures_of(customer, supervisor), figures_of(customer, outsider)
    assert (everything.conversations, everything.messages) == (2, 4)
    assert (theirs.conversations, theirs.messages) == (1, 1)


def test_one_statement_counts_it_all(conversation: Conversation, agent: Agent, django_assert_num_queries: Any) -> None:
    keep_sight(agent)
    customer = conversation.customer
    with django_assert_num_queries(1):
        figures_of(customer, agent)


def test_the_panel_asks_for_the_figures_when_they_come_into_sight(
    client: Client, conversation: Conversation, agent: Agent
) -> None:
    client.force_login(agent)
    url = f"/customers/{conversation.customer_id}/figures/"
    panel = client.get(f"/customers/{conversation.customer_id}/panel/").content.decode()
    assert f'hx-get="{url}" hx-trigger="intersect once"' in panel
    part = client.get(url, headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith("<section") and "1 from them, 0 from us" in part and "Never" in part
    assert "<h1" in client.get(url).content.decode()
