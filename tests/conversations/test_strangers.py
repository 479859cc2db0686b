"""Timelines do not name customers whom their reader may not know."""

import pytest
from django.test import Client

from agents.models import Agent, Team
from channels_app.models import Channel
from conversations.merging import merge, parting, rejoining, suggesting
from conversations.merging.strangers import strangers_in
from conversations.models import Conversation, Entry, MergeRecord
from customers.models import Customer
from tests import factories

pytestmark = pytest.mark.django_db
HIDDEN = "Severine"


def person(channel: Channel, address: str, name: str) -> Customer:
    inbound = factories.make_inbound(address=address, name=name, text=f"This is {name}")
    return factories.receive(channel=channel, inbound=inbound).customer


@pytest.fixture
def anna(channel: Channel) -> Customer:
    return person(channel, "anna@example.test", "Anna")


@pytest.fixture
def board() -> Team:
    return factories.make_team(name="Board", is_private=True)


@pytest.fixture
def hidden(board: Team) -> Customer:
    """Somebody who only ever wrote to a private team."""
    return person(factories.make_channel(team=board), "severine@example.test", HIDDEN)


def page(client: Client, agent: Agent, customer: Customer) -> str:
    """Everything that an agent is shown of a customer: the sheet, and what is fetched after a hint."""
    client.force_login(agent)
    fetched = client.get(f"/customers/{customer.pk}/entries/?since=0")
    answer = client.get(f"/customers/{customer.pk}/")
    assert (answer.status_code, fetched.status_code) == (200, 200)
    return answer.content.decode() + fetched.content.decode()


def test_a_split_names_the_other_only_to_who_may_know(
    client: Client, anna: Customer, hidden: Customer, agent: Agent, supervisor: Agent
) -> None:
    identity = factories.make_identity(address="work@example.test", customer=anna)
    parting.split(anna, identity, by=supervisor, to=hidden)
    words = page(client, agent, anna)
    assert "split work@example.test off to another customer" in words
    assert HIDDEN not in words and f"/customers/{hidden.pk}/" not in words and "/undoing/" not in words
    words = page(client, supervisor, anna)
    assert f"off to {HIDDEN}" in words and "/undoing/" in words


def test_what_is_brought_back_names_nobody_either(
    client: Client, anna: Customer, hidden: Customer, agent: Agent, supervisor: Agent
) -> None:
    identity = factories.make_identity(address="work@example.test", customer=anna)
    rejoining.undo(parting.split(anna, identity, by=supervisor, to=hidden), by=supervisor)
    suggesting.reject(anna, hidden, by=supervisor)
    assert HIDDEN not in page(client, agent, anna)
    assert page(client, supervisor, anna).count(HIDDEN) >= 2


def test_moved_messages_do_not_tell_where_they_went(
    client: Client, anna: Customer, hidden: Customer, board: Team, agent: Agent, supervisor: Agent
) -> None:
    entry = factories.receive(
        channel=factories.make_channel(), inbound=factories.make_inbound(address="anna@example.test", text="More")
    )
    parting.move([entry], to=hidden, by=supervisor)
    Conversation.objects.filter(customer=hidden).update(team=board)
    words = page(client, agent, anna)
    assert "moved 1 message to another customer" in words and HIDDEN not in words


def test_who_was_merged_is_known_by_what_came_along(
    client: Client, anna: Customer, hidden: Customer, channel: Channel, agent: Agent, supervisor: Agent
) -> None:
    for other in (hidden, person(channel, "giu@example.test", "Giulia")):
        merge.merge(anna, other, by=supervisor)
    words = page(client, agent, anna)
    assert "merged Giulia into this customer" in words and "merged another customer into" in words
    assert HIDDEN not in words and words.count("/undoing/") == 2
    merge.undo(MergeRecord.objects.latest("pk"), by=supervisor)
    merge.undo(MergeRecord.objects.earliest("pk"), by=supervisor)
    words = page(client, agent, anna)
    assert "parted from another customer again" in words and "parted from Giulia again" in words
    assert HIDDEN not in words


def test_the_previews_of_a_merge_name_no_strangers(
    client: Client, anna: Customer, hidden: Customer, channel: Channel, agent: Agent, supervisor: Agent
) -> None:
    suggesting.reject(anna, hidden, by=supervisor)
    other = person(channel, "giu@example.test", "Giulia")
    client.force_login(agent)
    words = client.get(f"/customers/{anna.pk}/merge/?with={other.pk}").content.decode()
    assert "noted: another customer is somebody else" in words and HIDDEN not in words


def test_who_sees_everything_is_asked_nothing_more(
    anna: Customer, hidden: Customer, supervisor: Agent, django_assert_num_queries: object
) -> None:
    suggesting.reject(anna, hidden, by=supervisor)
    supervisor = Agent.objects.select_related("role").get(pk=supervisor.pk)
    rows = list(Entry.objects.filter(kind="merge"))
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert strangers_in(rows, supervisor) == set()
