"""Roles: what can be changed of them, and that somebody is always left to administer. Pages: tests/test_access.py."""

from dataclasses import replace
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import Client

from agents.models import Agent, AuditRow, Role
from agents.permissions import sight_of
from agents.staff import roles
from agents.staff.administering import Refused
from conversations import consumers
from tests.conftest import Hints
from tests.factories import built_in_role, make_agent, make_role
from tests.sockets import Sockets, play
from tests.waiting import together

pytestmark = pytest.mark.django_db
OWN = roles.Rights(sight="own", reads_whole_timelines=False)
FORM = {"name": "Trainee", "sight": "own", "can_reply": "on"}


@pytest.fixture
def admin(client: Client) -> Agent:
    agent = make_agent(name="Ada Keller", role="admin")
    client.force_login(agent)
    return agent


def audits() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    return list(AuditRow.objects.filter(thing="roles").order_by("pk").values_list("before", "after"))


def test_a_role_is_added_and_told(client: Client, admin: Agent) -> None:
    assert "Trainee" in client.post("/settings/roles/new/", FORM, follow=True).content.decode()
    row = Role.objects.get(slug="trainee")
    assert roles.rights_of(row) == roles.Rights(sight="own", reads_whole_timelines=False)
    assert audits()[0][1]["role"] == "trainee"
    assert "Last changed by Ada Keller" in client.get("/settings/roles/").content.decode()


def test_what_is_changed_works_from_the_next_request(client: Client, admin: Agent, supervisor: Agent) -> None:
    boss = make_agent(name="Bea", role=make_role(can_administer=True))
    theirs = Client()
    theirs.force_login(boss)
    assert theirs.get("/settings/roles/").status_code == 200
    client.post(f"/settings/roles/{boss.role_id}/", FORM)
    assert theirs.get("/settings/roles/").status_code == 403
    assert sight_of(Agent.objects.get(pk=boss.pk)).kind == "own"
    assert audits()[-1][0] == {
        "role": boss.role.slug, "name": boss.role.name, "sight": "teams", "reads_whole_timelines": True,
        "can_administer": True,
    }  # fmt: skip


def test_a_form_that_says_more_changes_no_more(client: Client, admin: Agent) -> None:
    role = make_role()
    client.post(f"/settings/roles/{role.pk}/", {**FORM, "slug": "admin", "id": "1", "agents": str(admin.pk)})
    role.refresh_from_db()
    assert (role.slug[:5], role.agents.count()) == ("role-", 0)


@pytest.mark.parametrize(
    "data", [{**FORM, "name": " "}, {**FORM, "name": "x" * 81}, {**FORM, "name": "SUPERVISOR"}, {**FORM, "sight": "x"}]
)
def test_a_role_that_cannot_be_is_refused(client: Client, admin: Agent, data: dict[str, str]) -> None:
    built_in_role(slug="supervisor")
    assert client.post("/settings/roles/new/", data).status_code == 422
    assert audits() == []


def test_there_are_only_so_many(admin: Agent) -> None:
    Role.objects.bulk_create(Role(slug=f"r{n}", name=f"R{n}") for n in range(roles.ROLES_MAX))
    with pytest.raises(Refused):
        roles.add("One more", OWN, by=admin)


def test_the_administrators_role_stays_as_it_is(client: Client, admin: Agent) -> None:
    answer = client.post(f"/settings/roles/{admin.role_id}/", FORM)
    assert answer.status_code == 422
    assert Role.objects.get(slug="admin").can_administer


def test_a_role_that_somebody_has_or_that_is_built_in_stays(client: Client, admin: Agent, agent: Agent) -> None:
    used, light = make_role(), built_in_role(slug="light")
    make_agent(role=used)
    answer = client.post(f"/settings/roles/{used.pk}/removal/")
    assert answer.status_code == 409 and "1 person has this role" in answer.content.decode()
    assert client.post(f"/settings/roles/{light.pk}/removal/").status_code == 409
    assert Role.objects.filter(pk__in=(used.pk, light.pk)).count() == 2


def test_a_role_that_nobody_has_goes(client: Client, admin: Agent) -> None:
    role = make_role()
    assert client.post(f"/settings/roles/{role.pk}/removal/").status_code == 302
    assert not Role.objects.filter(pk=role.pk).exists()
    assert audits()[-1][1] == {}


def test_the_last_who_administer_stay(db: None) -> None:
    role = make_role(can_administer=True, sight="all")
    boss = make_agent(role=role)
    invited = make_agent(role="admin")
    invited.set_unusable_password()
    invited.save()
    with pytest.raises(Refused, match="Somebody must be left"):
        roles.change(role, "Boss", replace(roles.rights_of(role), can_administer=False), by=boss)
    role.refresh_from_db()
    assert (role.can_administer, audits()) == (True, [])


@pytest.mark.django_db(transaction=True)
def test_two_who_take_the_right_away_at_once_leave_one(db: None) -> None:
    first, second = (make_role(can_administer=True) for _ in range(2))
    boss, _other = make_agent(role=first), make_agent(role=second)

    def weaken(role: Role) -> bool:
        try:
            roles.change(role, role.name, OWN, by=boss)
        except Refused:
            return False
        return True

    assert sorted(together(lambda: weaken(first), lambda: weaken(second))) == [False, True]
    assert Role.objects.filter(pk__in=(first.pk, second.pk), can_administer=True).count() == 1


def test_everybody_who_has_the_role_is_told(admin: Agent, live: Hints, django_capture_on_commit_callbacks: Any) -> None:
    role = make_role()
    have = [make_agent(role=role) for _ in range(2)]
    with django_capture_on_commit_callbacks(execute=True):
        roles.change(role, "Only the name", roles.rights_of(role), by=admin)
    assert live.audiences("kick") == set()
    with django_capture_on_commit_callbacks(execute=True):
        roles.change(role, "Trainee", OWN, by=admin)
    assert live.audiences("kick") == {f"agent.{one.pk}" for one in have}


@pytest.mark.django_db(transaction=True)
def test_an_open_socket_is_closed_when_the_role_changes() -> None:
    admin, role = make_agent(role="admin"), make_role()
    trainee = make_agent(name="Tea", role=role)

    async def scene(sockets: Sockets) -> None:
        socket = await sockets.open(trainee)
        await sync_to_async(roles.change)(role, "Trainee", OWN, by=admin)
        assert await socket.closed() == consumers.SIGNED_OUT

    play(scene)


def test_the_quarantine_is_for_supervisors_who_see_everything(client: Client) -> None:
    """Nobody knows yet whose those mails are."""
    answers = {}
    for sight in ("all", "teams"):
        client.force_login(make_agent(role=make_role(sight=sight, can_supervise=True)))
        answers[sight] = (
            client.get("/quarantine/").status_code,
            b'"/quarantine/"' in client.get("/customers/").content,
        )
    assert answers == {"all": (200, True), "teams": (403, False)}
