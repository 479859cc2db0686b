"""Tokens and services: made, shown once, narrowed, expired, revoked; a service is nobody who can be given work."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from time_machine import Traveller

from agents import permissions
from agents.models import Agent, ApiToken, AuditRow, Role, Team
from agents.programs import issuing
from agents.programs.scopes import Scope, every
from conversations.forms import AssignmentForm
from tests.factories import built_in_role, make_agent

pytestmark = pytest.mark.django_db
SAID = {"name": "Shop", "scopes": ["customers:read"], "days": "90"}


@pytest.fixture
def admin(db: None) -> Agent:
    return make_agent(name="Ada Admin", role="admin")


@pytest.fixture
def service(admin: Agent, team: Team) -> Agent:
    return issuing.add_service("Robot", built_in_role(slug="agent"), [team], by=admin)


def browser(agent: Agent) -> Client:
    client = Client()
    client.force_login(agent)
    return client


def secret_of(page: Any) -> str:
    return str(page.context["secret"])


def test_a_token_of_ones_own_is_shown_once(agent: Agent) -> None:
    client = browser(agent)
    made = client.post(reverse("own_token"), SAID)
    secret, row = secret_of(made), ApiToken.objects.get()
    assert (made.status_code, ApiToken.find(secret)) == (200, row)
    assert (row.agent, row.scopes, row.hint) == (agent, ["customers:read"], secret[:10])
    assert "no-store" in made.headers["Cache-Control"]
    shown = client.get(reverse("own_tokens")).content.decode()
    assert row.hint in shown and secret not in shown
    audited = AuditRow.objects.get()
    assert (audited.by, audited.after["program"], secret in str(audited.after)) == (agent, "Shop", False)


@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"scopes": []}, {"scopes": ["root"]}, {"days": "3650"}, {"name": "x" * 81}], ids=str
)
def test_a_token_that_cannot_be_is_422(agent: Agent, wrong: dict[str, Any]) -> None:
    assert browser(agent).post(reverse("own_token"), {**SAID, **wrong}).status_code == 422
    assert ApiToken.objects.count() == 0


def test_an_expired_token_opens_nothing(agent: Agent, clock: Traveller) -> None:
    secret = secret_of(browser(agent).post(reverse("own_token"), {**SAID, "days": "30"}))
    clock.shift(timedelta(days=30, seconds=-1))
    assert ApiToken.find(secret) is not None
    clock.shift(timedelta(seconds=1))
    assert ApiToken.find(secret) is None


def test_the_last_use_is_noted_once_a_minute(agent: Agent, clock: Traveller) -> None:
    row, secret = ApiToken.issue(agent, "Shop")
    ApiToken.find(secret)
    first = ApiToken.objects.get(pk=row.pk).last_used_at
    clock.shift(timedelta(seconds=59))
    ApiToken.find(secret)
    assert ApiToken.objects.get(pk=row.pk).last_used_at == first
    clock.shift(timedelta(seconds=1))
    ApiToken.find(secret)
    assert ApiToken.objects.get(pk=row.pk).last_used_at != first


def test_ones_own_token_is_revoked_at_once_and_nobody_elses(agent: Agent, colleague: Agent) -> None:
    row, secret = ApiToken.issue(agent, "Shop")
    path = reverse("own_token_revocation", args=[row.pk])
    assert (browser(colleague).post(path).status_code, ApiToken.find(secret)) == (404, row)
    assert browser(agent).post(path).status_code == 302
    assert ApiToken.find(secret) is None
    assert AuditRow.objects.get().before["program"] == "Shop"
    assert (browser(agent).post(path).status_code, AuditRow.objects.count()) == (302, 1)


def test_nobody_in_particular_sees_no_tokens(agent: Agent) -> None:
    for name in ("own_tokens", "own_token"):
        assert Client().get(reverse(name)).headers["Location"].startswith("/login/")


def test_an_administrator_sees_and_revokes_all_tokens(admin: Agent, agent: Agent) -> None:
    row, secret = ApiToken.issue(agent, "Shop")
    client = browser(admin)
    page = client.get(reverse("programs")).content.decode()
    assert row.hint in page and agent.name in page
    assert client.post(reverse("token_revocation", args=[row.pk])).status_code == 302
    assert ApiToken.find(secret) is None


def test_a_service_is_taken_on_changed_and_retired(admin: Agent, team: Team) -> None:
    client, said = browser(admin), {"name": "Robot", "role": built_in_role(slug="agent").pk, "teams": [team.pk]}
    assert client.post(reverse("service_new"), said).status_code == 302
    service = Agent.objects.get(is_service=True)
    assert (service.name, list(service.teams.all())) == ("Robot", [team])
    secret = secret_of(client.post(reverse("service_token", args=[service.pk]), SAID))
    assert client.post(reverse("service", args=[service.pk]), {**said, "teams": []}).status_code == 302
    assert permissions.sight_of(Agent.objects.get(pk=service.pk)).team_ids == frozenset()
    assert client.post(reverse("service_retirement", args=[service.pk])).status_code == 302
    service.refresh_from_db()
    assert (service.is_active, ApiToken.find(secret)) == (False, None)
    assert client.get(reverse("service", args=[service.pk])).status_code == 404
    assert [row.after.get("service") for row in AuditRow.objects.order_by("pk")] == ["Robot", None, "Robot", None, None]


def test_services_pages_lead_to_no_people(admin: Agent, agent: Agent) -> None:
    for name in ("service", "service_token"):
        assert browser(admin).get(reverse(name, args=[agent.pk])).status_code == 404
    assert browser(admin).post(reverse("service_retirement", args=[agent.pk])).status_code == 404
    assert Agent.objects.get(pk=agent.pk).is_active


def test_a_service_cannot_sign_in_whatever_it_has(client: Client, service: Agent) -> None:
    assert not service.has_usable_password()
    service.set_password("correct horse battery")
    service.save()
    answer = client.post("/login/", {"login": service.email, "password": "correct horse battery"})
    assert (answer.status_code, answer.url, "_auth_user_id" in client.session) == (302, "/login/inactive/", False)
    assert mail.outbox == []


def test_a_service_is_given_no_work_and_not_named(service: Agent, agent: Agent) -> None:
    assert set(Agent.objects.people()) == set(Agent.objects.filter(is_service=False))
    assert not AssignmentForm({"agent": service.pk}).is_valid()


def test_scopes_are_a_contract() -> None:
    assert every() == [
        "customers:read", "customers:write", "conversations:read", "conversations:write", "messages:send",
        "settings:read",
    ]  # fmt: skip
    assert ApiToken._meta.get_field("scopes").get_default() == list(Scope.values)


def test_a_token_never_widens_a_role(team: Team) -> None:
    reader = make_agent(name="Lia Verdi", role=Role.objects.get(slug="light"), teams=(team,))
    row, _secret = ApiToken.issue(reader, "all", scopes=every())
    assert not permissions.can(row.agent, "reply")
