"""Who sees which conversations, entries and customers: one place each."""

import pytest

from agents.models import Agent, Team
from agents.permissions import audiences, can, keep_sight, sight_of
from conversations.models import Conversation, Entry, Follower, Mention
from conversations.views.sheet import sheet_for
from customers.models import Customer
from tests.factories import (
    make_agent,
    make_channel,
    make_conversation,
    make_customer,
    make_inbound,
    make_role,
    make_team,
    receive,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def private(db: None) -> Team:
    return make_team(name="Complaints", is_private=True)


@pytest.fixture
def insider(private: Team) -> Agent:
    return make_agent(name="Ines Costa", teams=(private,))


def sees(agent: Agent, conversation: Conversation) -> tuple[bool, bool, bool]:
    """Whether the agent sees the conversation, its entries, its customer."""
    return (
        Conversation.objects.filter(pk=conversation.pk).visible_to(agent).exists(),
        Entry.objects.filter(conversation=conversation).visible_to(agent).exists(),
        Customer.objects.filter(pk=conversation.customer_id).visible_to(agent).exists(),
    )


YES, NO = (True, True, True), (False, False, False)


def test_a_team_member_sees_the_teams(conversation: Conversation, agent: Agent) -> None:
    assert sees(agent, conversation) == YES


def test_an_outsider_sees_nothing_of_another_teams(conversation: Conversation, outsider: Agent) -> None:
    assert sees(outsider, conversation) == NO


def test_a_supervisor_sees_everything(conversation: Conversation, supervisor: Agent) -> None:
    assert sees(supervisor, conversation) == YES


def test_what_belongs_to_no_team_is_everybodys(outsider: Agent) -> None:
    assert sees(outsider, make_conversation(channel=make_channel())) == YES


def test_the_owner_sees_it_whatever_the_team(conversation: Conversation, outsider: Agent) -> None:
    conversation.assign(by=None, agent=outsider)
    assert sees(outsider, conversation) == YES


def test_a_follower_sees_it(conversation: Conversation, outsider: Agent) -> None:
    Follower.objects.create(agent=outsider, conversation=conversation)
    assert sees(outsider, conversation) == YES


def test_who_is_mentioned_sees_it(conversation: Conversation, agent: Agent, outsider: Agent) -> None:
    entry = conversation.note(by=agent, text="Otto, please look.")
    Mention.objects.create(entry=entry, agent=outsider)
    assert sees(outsider, conversation) == YES


def test_whose_sight_is_their_own_sees_only_that(conversation: Conversation, team: Team) -> None:
    loner = make_agent(name="Luca Neri", role=make_role(sight="own"), teams=(team,))
    assert sees(loner, conversation) == NO
    conversation.assign(by=None, agent=loner)
    assert sees(loner, conversation) == YES


def test_a_private_teams_conversation_does_not_exist_for_others(private: Team, agent: Agent, insider: Agent) -> None:
    secret = make_conversation(channel=make_channel(team=private))
    assert (sees(agent, secret), sees(insider, secret)) == (NO, YES)


def test_a_visible_customers_whole_timeline_is_readable(
    conversation: Conversation, customer: Customer, outsider: Agent
) -> None:
    own = make_conversation(customer=customer, channel=make_channel(team=outsider.teams.get()))
    readable = Entry.objects.filter(customer=customer).visible_to(outsider)
    assert set(readable.values_list("conversation", flat=True)) == {own.pk, conversation.pk}


def test_but_not_its_private_part(customer: Customer, private: Team, agent: Agent, team: Team) -> None:
    own = make_conversation(customer=customer, channel=make_channel(team=team))
    make_conversation(customer=customer, channel=make_channel(team=private))
    readable = Entry.objects.filter(customer=customer).visible_to(agent)
    assert set(readable.values_list("conversation", flat=True)) == {own.pk}


def test_a_role_that_reads_no_whole_timelines_sees_only_its_conversations(
    conversation: Conversation, customer: Customer
) -> None:
    desk = make_team(name="Side desk")
    reader = make_agent(name="Rita Blu", role=make_role(reads_whole_timelines=False), teams=(desk,))
    own = make_conversation(customer=customer, channel=make_channel(team=desk))
    readable = Entry.objects.filter(customer=customer).visible_to(reader)
    assert set(readable.values_list("conversation", flat=True)) == {own.pk}


def test_a_customer_without_conversations_is_everybodys(outsider: Agent) -> None:
    nobody = make_customer(name="Silent")
    assert Customer.objects.filter(pk=nobody.pk).visible_to(outsider).exists()


def test_leaving_a_team_ends_its_sight_at_once(conversation: Conversation, agent: Agent) -> None:
    agent.memberships.all().delete()
    assert sees(agent, conversation) == NO


def test_whoever_sees_the_teams_hears_the_teams(agent: Agent, team: Team) -> None:
    assert list(audiences(sight_of(agent))) == [f"agent.{agent.pk}", "team.0", f"team.{team.pk}"]


def test_whoever_sees_everything_hears_everything(supervisor: Agent) -> None:
    assert list(audiences(sight_of(supervisor))) == [f"agent.{supervisor.pk}", "all"]


@pytest.mark.parametrize(
    ("role", "verb", "allowed"),
    [
        ("agent", "reply", True),
        ("light", "reply", False),
        ("agent", "supervise", False),
        ("supervisor", "supervise", True),
        ("supervisor", "administer", False),
        ("admin", "administer", True),
    ],
)
def test_a_role_allows_verbs(db: None, role: str, verb: str, allowed: bool) -> None:
    assert can(make_agent(role=role), verb) is allowed


def test_whoever_left_may_do_nothing(agent: Agent) -> None:
    agent.is_active = False
    assert not can(agent, "reply")


def test_a_private_teams_channel_leaves_no_band_on_the_patch(
    private: Team, outsider: Agent, supervisor: Agent, customer: Customer
) -> None:
    address = customer.identities.get().value
    for team in (None, private):
        receive(channel=make_channel(team=team), inbound=make_inbound(address=address))
    assert [len(sheet_for(one, customer, None).patch) for one in (outsider, supervisor)] == [1, 2]


def test_a_patch_is_woven_of_the_newest_messages(
    supervisor: Agent, customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = customer.identities.get().value
    for kind in ("paper", "sandbox"):
        config = {"address": "shop", "looks_like": "chat"}
        receive(channel=make_channel(kind=kind, config=config), inbound=make_inbound(address=address))
    assert len(sheet_for(supervisor, customer, None).patch) == 2
    monkeypatch.setattr("conversations.views.sheet.WOVEN_MAX", 1)
    assert [icon for icon, _height in sheet_for(supervisor, customer, None).patch] == ["chat"]


def test_a_sight_is_kept_by_one_object_only(agent: Agent) -> None:
    kept = keep_sight(Agent.objects.get(pk=agent.pk))
    agent.memberships.all().delete()
    assert sight_of(kept).team_ids and not sight_of(agent).team_ids
    assert not sight_of(Agent.objects.get(pk=agent.pk)).team_ids
