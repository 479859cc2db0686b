"""The people who work here: let in, given a place, locked out. Who may open the pages: tests/test_access.py."""

import re
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.core import mail
from django.test import Client

from agents import presence
from agents.models import Agent, ApiToken, AuditRow, Invitation, Team
from agents.staff import listing, people
from agents.staff.administering import Refused
from agents.staff.people import Place
from conversations import consumers
from conversations.models import Conversation, Entry
from helpdesk.lib import clock
from tests.conftest import Hints
from tests.factories import PASSWORD, built_in_role, make_agent, make_team
from tests.sockets import Sockets, play, sign_in
from tests.waiting import together

pytestmark = pytest.mark.django_db
NEW = "un bel telaio azzurro"


@pytest.fixture
def admin(client: Client) -> Agent:
    agent = make_agent(name="Ada Keller", role="admin")
    client.force_login(agent)
    return agent


def audits() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    return list(AuditRow.objects.filter(thing="people").order_by("pk").values_list("before", "after"))


def link_in(page: str) -> str:
    found = re.search(r"http://testserver(/invitation/[^\"]+/)", page)
    assert found is not None, page
    return found[1]


def invite(client: Client, **fields: Any) -> str:
    data = {"name": "Tea Neri", "email": "Tea@Example.test", "role": built_in_role(slug="agent").pk, **fields}
    return link_in(client.post("/settings/people/new/", data).content.decode())


def test_somebody_is_let_in_by_a_link(client: Client, admin: Agent, team: Team) -> None:
    link, guest = invite(client, teams=[team.pk]), Client()
    tea = Agent.objects.get(email="tea@example.test")
    assert (tea.is_invited, tea.role.slug, list(tea.teams.all())) == (True, "agent", [team])
    assert "Tea Neri" in guest.get(link).content.decode()
    assert guest.post(link, {"name": "Tea N.", "password": NEW}).url == "/login/"
    assert "_auth_user_id" not in guest.session
    assert guest.post("/login/", {"login": "tea@example.test", "password": NEW}).url == "/"
    assert Agent.objects.get(pk=tea.pk).name == "Tea N."
    assert [after.get("person") for _before, after in audits()] == ["tea@example.test"] * 2


def test_a_link_works_once_and_seven_days(client: Client, admin: Agent) -> None:
    used, guest = invite(client), Client()
    guest.post(used, {"name": "Tea", "password": NEW})
    late = invite(client, email="late@example.test")
    Invitation.objects.filter(agent__email="late@example.test").update(expires_at=clock.real() - timedelta(seconds=1))
    pages = [guest.get(link) for link in (used, late, "/invitation/nonsense/")]
    assert [page.status_code for page in pages] == [404] * 3
    assert len({re.sub(rb'value="[^"]*"', b"", page.content) for page in pages}) == 1
    kept = Invitation.objects.first()
    assert kept is not None and kept.expires_at - kept.made_at == timedelta(days=7)


def test_the_secret_is_kept_nowhere(client: Client, admin: Agent) -> None:
    secret = invite(client).split("/")[2]
    assert len(secret) >= 43
    assert secret not in str(list(Invitation.objects.values())) + str(list(AuditRow.objects.values()))


def test_an_easy_password_is_refused_and_uses_nothing_up(client: Client, admin: Agent) -> None:
    link, guest = invite(client), Client()
    for password in ("telaio", "", "x" * 129):
        assert guest.post(link, {"name": "Tea", "password": password}).status_code == 422
    assert guest.get(link).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_two_who_use_a_link_at_once_are_one() -> None:
    tea = make_agent(name="Tea")
    found = Invitation.find(Invitation.issue(tea, by=tea))
    assert found is not None
    come = [lambda word=word: people.come(found, "Tea", word, language="en") for word in (NEW, NEW + "!")]
    assert sorted(together(*come)) == [False, True]


def test_a_new_link_voids_the_one_before(client: Client, admin: Agent) -> None:
    first = invite(client)
    tea = Agent.objects.get(email="tea@example.test")
    second = link_in(client.post(f"/settings/people/{tea.pk}/invitation/").content.decode())
    assert [Client().get(link).status_code for link in (first, second)] == [404, 200]


def test_a_link_is_mailed_where_there_is_a_mail_server(client: Client, admin: Agent, settings: Any) -> None:
    invite(client)
    assert mail.outbox == []
    settings.SMTP_URL = "smtp://mail.example.test"
    link = invite(client, email="second@example.test")
    assert mail.outbox[0].to == ["second@example.test"] and link in mail.outbox[0].body


@pytest.mark.parametrize(
    "data", [{"email": "x"}, {"email": "ADA@desk.example.test"}, {"name": " "}, {"name": "x" * 121}, {"role": "999999"}]
)
def test_who_cannot_be_let_in_is_refused(client: Client, admin: Agent, data: dict[str, str]) -> None:
    Agent.objects.filter(pk=admin.pk).update(email="ada@desk.example.test")
    whole = {"name": "Tea", "email": "tea@example.test", "role": str(admin.role_id), **data}
    assert client.post("/settings/people/new/", whole).status_code == 422
    assert (Agent.objects.count(), audits()) == (1, [])


def test_a_place_is_changed_and_nothing_else(client: Client, admin: Agent, agent: Agent, team: Team) -> None:
    other, before = make_team(name="Billing"), Agent.objects.values().get(pk=agent.pk)
    mine = {"is_superuser": "on", "is_active": "", "password": "x", "email": "x@example.test", "signature": "x",
            "last_login": "2020-01-01", "language": "ro", "id": str(admin.pk)}  # fmt: skip
    light = built_in_role(slug="light")
    client.post(f"/settings/people/{agent.pk}/", {"name": "Ana V.", "role": light.pk, "teams": [other.pk], **mine})
    after = Agent.objects.values().get(pk=agent.pk)
    assert after == {**before, "name": "Ana V.", "role_id": light.pk}
    assert list(agent.teams.all()) == [other]
    assert audits()[-1][0] == {"person": agent.email, "name": "Ana Ionescu", "role": "agent", "teams": ["front"]}


def test_whoever_gets_a_role_that_does_not_administer_does_not(db: None) -> None:
    admin, root = make_agent(role="admin"), make_agent(role="admin")
    Agent.objects.filter(pk=root.pk).update(is_superuser=True)
    people.change(root, Place("Root", built_in_role(slug="agent")), by=admin)
    assert not Agent.objects.get(pk=root.pk).is_superuser


def test_the_last_who_administers_keeps_the_right(db: None) -> None:
    admin, role = make_agent(role="admin"), built_in_role(slug="agent")
    with pytest.raises(Refused, match="Somebody must be left"):
        people.change(admin, Place("Ada", role), by=admin)
    assert Agent.objects.get(pk=admin.pk).role.slug == "admin"
    with pytest.raises(Refused, match="deactivate yourself"):
        people.deactivate(admin, by=admin)


@pytest.mark.django_db(transaction=True)
def test_two_who_deactivate_each_other_leave_one() -> None:
    first, second = make_agent(role="admin"), make_agent(role="admin")

    def deactivate(agent: Agent, by: Agent) -> bool:
        try:
            people.deactivate(agent, by=by)
        except Refused:
            return False
        return True

    assert sorted(together(lambda: deactivate(first, second), lambda: deactivate(second, first))) == [False, True]
    assert Agent.objects.filter(is_active=True).count() == 1


def test_whoever_is_deactivated_is_out_for_good(client: Client, admin: Agent, agent: Agent) -> None:
    theirs = Client()
    theirs.post("/login/", {"login": agent.email, "password": PASSWORD})
    assert theirs.get("/me/preferences/").status_code == 200
    secret, link = ApiToken.issue(agent, "script")[1], Invitation.issue(agent, by=admin)
    assert client.post(f"/settings/people/{agent.pk}/deactivation/").status_code == 302
    assert theirs.get("/me/preferences/").status_code == 302
    client.post(f"/settings/people/{agent.pk}/activation/")
    assert theirs.get("/me/preferences/").status_code == 302
    assert (ApiToken.find(secret), Invitation.find(link)) == (None, None)
    assert Client().post("/login/", {"login": agent.email, "password": PASSWORD}).url == "/"
    assert [after["is_active"] for _before, after in audits()] == [False, True]


def test_a_session_that_begins_while_somebody_is_locked_out_is_dead(admin: Agent, agent: Agent) -> None:
    """Their row was read before, and the session is written after."""
    late, before = Client(), Agent.objects.get(pk=agent.pk)
    people.deactivate(agent, by=admin)
    people.activate(agent, by=admin)
    late.force_login(before)
    assert late.get("/me/preferences/").status_code == 302


@pytest.mark.django_db(transaction=True)
def test_open_sockets_close_and_the_cookie_opens_none() -> None:
    admin, tea = make_agent(role="admin"), make_agent(name="Tea")
    cookie = sign_in(tea)

    async def scene(sockets: Sockets) -> None:
        socket = await sockets.open(tea)
        await sync_to_async(people.deactivate)(tea, by=admin)
        assert await socket.closed() == consumers.SIGNED_OUT
        await sync_to_async(people.activate)(tea, by=admin)
        again = type(socket)(cookie)
        assert await again.connect()
        assert await again.closed() == consumers.SIGNED_OUT

    play(scene)


def test_what_somebody_leaves_is_given_to_a_queue(
    client: Client, admin: Agent, agent: Agent, conversation: Conversation
) -> None:
    conversation.assign(by=None, agent=agent)
    team = make_team(name="Billing")
    page = client.post(f"/settings/people/{agent.pk}/deactivation/", follow=True).content.decode()
    assert f"#{conversation.number}" in page and "still owns 1 open conversation" in page
    page = client.post(f"/settings/people/{agent.pk}/conversations/", {"team": team.pk}, follow=True).content.decode()
    conversation.refresh_from_db()
    assert (conversation.team, conversation.assignee) == (team, None)
    assert "1 conversation given to Billing" in page and "owns no open conversations" in page
    told = Entry.objects.filter(conversation=conversation, kind="assignment").latest("seq")
    assert (told.by, told.data["before"]["assignee"]) == (admin, agent.pk)


def test_what_an_administrator_does_not_see_is_not_given(
    client: Client, conversation: Conversation, agent: Agent
) -> None:
    conversation.assign(by=None, agent=agent)
    role = built_in_role(slug="agent")
    role.can_administer = True
    role.save()
    client.force_login(make_agent(name="Otto", role=role))
    page = client.post(f"/settings/people/{agent.pk}/conversations/", {"team": conversation.team_id}, follow=True)
    assert f"#{conversation.number}".encode() not in page.content
    conversation.refresh_from_db()
    assert conversation.assignee == agent


def test_what_a_colleague_took_meanwhile_stays_theirs(
    conversation: Conversation, agent: Agent, colleague: Agent, team: Team
) -> None:
    conversation.assign(by=None, agent=colleague)
    assert conversation.assign_from(agent, by=agent, team=team) is None
    conversation.refresh_from_db()
    assert conversation.assignee == colleague


def test_the_list_says_who_is_here_and_who_was(client: Client, admin: Agent, agent: Agent) -> None:
    presence.hear({agent.pk})
    page = client.get("/settings/people/?q=ana").content.decode()
    assert "here now" in page and agent.email in page and admin.email not in page
    assert "Nobody like that" in client.get("/settings/people/?state=deactivated").content.decode()


def test_the_list_goes_on(
    client: Client, admin: Agent, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    monkeypatch.setattr(listing, "PER_PAGE", 2)
    made = [make_agent(name=name, teams=(make_team(),)) for name in ("Bea", "Bea", "Cleo")]
    first = listing.page_of("", "", "")
    assert [line.agent for line in first.lines] == [admin, made[0]]
    assert [line.agent for line in listing.page_of("", "", first.next).lines] == made[1:]
    with django_assert_num_queries(3):
        listing.page_of("", "", "")


@pytest.mark.django_db(transaction=True)
def test_whoever_opens_the_desk_is_heard() -> None:
    tea = make_agent(name="Tea")

    async def scene(sockets: Sockets) -> None:
        await sockets.open(tea)

    play(scene)
    assert tea.pk in presence.last_heard([tea.pk])


def test_a_new_password_closes_the_sockets_of_the_old(
    agent: Agent, live: Hints, django_capture_on_commit_callbacks: Any
) -> None:
    found = Invitation.find(Invitation.issue(agent, by=agent))
    assert found is not None
    with django_capture_on_commit_callbacks(execute=True):
        assert people.come(found, "Ana", NEW, language="en")
    assert live.audiences("kick") == {f"agent.{agent.pk}"}
