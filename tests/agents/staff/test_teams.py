"""Teams: who is in them, and what others see of their work. Who may open the pages: tests/test_access.py."""

from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import IntegrityError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agents.models import Agent, AuditRow, Membership, Team
from agents.staff import teams
from agents.staff.administering import Refused
from agents.staff.teams import Wanted
from conversations import seeing_anew_sql
from conversations.models import Conversation, Entry
from customers.models import Customer
from tests.conftest import Hints
from tests.factories import make_agent, make_channel, make_conversation, make_team
from tests.sockets import Sockets, play
from tests.waiting import together

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client: Client) -> Agent:
    agent = make_agent(name="Ada Keller", role="admin")
    client.force_login(agent)
    return agent


def audits() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    return list(AuditRow.objects.filter(thing="teams").order_by("pk").values_list("before", "after"))


def test_a_team_is_added_with_its_people(client: Client, admin: Agent, agent: Agent) -> None:
    data = {"name": "Reclamații  Bănci", "is_private": "on", "members": [agent.pk]}
    assert "Reclamații Bănci" in client.post("/settings/teams/new/", data, follow=True).content.decode()
    row = Team.objects.get(slug="reclamatii-banci")
    assert (row.is_private, list(row.agents.all())) == (True, [agent])
    assert audits()[0][1]["members"] == [agent.email]


def test_who_is_let_in_or_out_meanwhile_stays_so(client: Client, admin: Agent, team: Team, agent: Agent) -> None:
    """Each says what they change; a list as it was drawn puts nobody back."""
    late, gone = make_agent(name="Late"), make_agent(name="Gone", teams=(team,))
    data = {"name": team.name, "slug": team.slug, "were": [agent.pk, gone.pk], "members": [agent.pk, late.pk, gone.pk]}
    Membership.objects.filter(agent=gone).delete()
    client.post(f"/settings/teams/{team.pk}/", data)
    assert set(team.agents.all()) == {agent, late}


def test_a_name_of_two_teams_is_refused(client: Client, admin: Agent, team: Team) -> None:
    other = make_team(name="Billing")
    for data in ({"name": "FRONT"}, {"name": ""}, {"name": "New", "slug": "front"}, {"name": "N", "slug": "a b"}):
        assert client.post(f"/settings/teams/{other.pk}/", data).status_code == 422
    assert audits() == []


def test_a_form_that_says_more_changes_no_more(client: Client, admin: Agent, team: Team) -> None:
    client.post(f"/settings/teams/{team.pk}/", {"name": "Front", "slug": "f", "id": "99", "conversations": "1"})
    assert Team.objects.values_list("pk", "slug").get() == (team.pk, "f")


def test_a_team_that_something_belongs_to_stays(client: Client, admin: Agent, conversation: Conversation) -> None:
    answer = client.post(f"/settings/teams/{conversation.team_id}/removal/")
    page = answer.content.decode()
    assert answer.status_code == 409 and "conversations: 1" in page and "channels: 1" in page
    assert Team.objects.filter(pk=conversation.team_id).exists()


def test_an_empty_team_goes_and_its_people_are_told(
    admin: Agent, team: Team, agent: Agent, live: Hints, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        teams.remove(team, by=admin)
    assert (Team.objects.count(), live.audiences("kick")) == (0, {f"agent.{agent.pk}"})
    said = {"team": "front", "name": "Front", "is_private": False, "calendar": "", "members": [agent.email]}
    assert audits()[-1] == (said, {})


@pytest.mark.django_db(transaction=True)
def test_a_team_that_gets_work_while_it_is_deleted_stays() -> None:
    team, admin, conversation = make_team(), make_agent(role="admin"), make_conversation(channel=make_channel())

    def remove() -> str:
        try:
            teams.remove(team, by=admin)
        except Refused:
            return "refused"
        return "gone"

    def give() -> str:
        try:
            conversation.assign(by=admin, team=team)
        except IntegrityError:
            return "refused"
        return "given"

    assert together(remove, give) in (["refused", "given"], ["gone", "refused"])
    conversation.refresh_from_db()
    assert Team.objects.filter(pk=team.pk).exists() == (conversation.team_id is not None)


def test_what_becomes_private_vanishes_and_open_pages_load_again(
    client: Client, admin: Agent, conversation: Conversation, outsider: Agent, live: Hints,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    make_conversation(customer=conversation.customer, channel=make_channel())
    seen = Entry.objects.filter(conversation=conversation)
    assert seen.visible_to(outsider).exists()
    before, team = Customer.objects.get().last_seq, conversation.team
    assert team is not None
    data = {"name": team.name, "slug": team.slug, "is_private": "on"}
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/settings/teams/{team.pk}/", data)
    assert not seen.visible_to(outsider).exists()
    customer = Customer.objects.get()
    assert customer.reset_seq == customer.last_seq == before + 1
    assert Entry.objects.filter(seq=customer.last_seq).count() == 0
    name = f"customer.{customer.pk}"
    assert (live.audiences("rewatch"), name in live.audiences("hint")) == ({name}, True)
    client.force_login(outsider)
    assert client.get(f"/customers/{customer.pk}/entries/?after={before}").headers["X-Reload"] == "1"


def test_a_thousand_customers_are_one_statement(
    conversation: Conversation, channel: Any, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(4):
        make_conversation(channel=channel)
    monkeypatch.setattr(seeing_anew_sql, "BATCH", 3)
    with CaptureQueriesContext(connection) as asked:
        seeing_anew_sql.of_team(team.pk)
    assert len(asked) == 1 + 2
    assert {one.reset_seq == one.last_seq for one in Customer.objects.all()} == {True}


def test_a_name_alone_loads_nothing_again(
    admin: Agent, conversation: Conversation, live: Hints, django_capture_on_commit_callbacks: Any
) -> None:
    assert conversation.team is not None
    with django_capture_on_commit_callbacks(execute=True):
        teams.change(conversation.team, Wanted("Other"), by=admin)
    assert (live.published, audits()[-1]) == (
        [],
        ({"team": "front", "name": "Front"}, {"team": "front", "name": "Other"}),
    )


@pytest.mark.django_db(transaction=True)
def test_who_joins_hears_the_team_after_coming_again() -> None:
    admin, team, agent = make_agent(role="admin"), make_team(), make_agent(name="Tea")
    channel = make_channel(team=team)

    async def scene(sockets: Sockets) -> None:
        socket = await sockets.open(agent)
        wanted = Wanted(team.name, joins=frozenset([agent.pk]))
        await sync_to_async(teams.change)(team, wanted, by=admin)
        await socket.closed()
        again = await sockets.open(agent)
        made = await sync_to_async(make_conversation)(channel=channel)
        assert (await again.next("hint"))["conversation"] == made.pk

    play(scene)
