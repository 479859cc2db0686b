"""People who work here: what the database refuses, what is written down, who is cut off."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from agents import leaving, presence
from agents.audit import changed
from agents.models import Agent, ApiToken, AuditRow, Brand, Membership, Team, Workspace
from tests.conftest import Hints
from tests.factories import built_in_role, make_agent, make_brand
from tests.waiting import together

pytestmark = pytest.mark.django_db


def test_an_address_is_one_agent_whatever_its_case(agent: Agent) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Agent.objects.create_user(agent.email.upper(), "x", name="Other", role=agent.role)


def test_an_agent_needs_a_real_address() -> None:
    with pytest.raises(ValidationError):
        Agent.objects.create_user("nobody", "x", name="Nobody", role=built_in_role(slug="agent"))


def test_a_password_is_not_kept_as_it_is(agent: Agent) -> None:
    assert "correct horse battery" not in agent.password
    assert agent.check_password("correct horse battery")


@pytest.mark.parametrize(("name", "initials"), [("Ana Ionescu", "AI"), ("Ana", "A"), ("Ana Maria Ionescu", "AI")])
def test_initials(name: str, initials: str) -> None:
    assert make_agent(name=name).initials == initials


def test_one_is_in_a_team_once(agent: Agent, team: Team) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(agent=agent, team=team)


def test_there_is_one_workspace() -> None:
    assert Workspace.get() == Workspace.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Workspace.objects.create(pk=2)


@pytest.mark.django_db(transaction=True)
def test_the_workspace_is_made_once_by_many_at_once() -> None:
    Workspace.objects.all().delete()
    assert len({row.pk for row in together(*[Workspace.get] * 4)}) == 1
    assert Workspace.objects.count() == 1


def test_there_is_one_default_brand() -> None:
    make_brand()
    with pytest.raises(IntegrityError), transaction.atomic():
        Brand.objects.create(name="Second", is_default=True)


def test_a_token_is_found_by_its_secret_only(agent: Agent) -> None:
    token, secret = ApiToken.issue(agent, "test")
    assert ApiToken.find(secret) == token
    assert ApiToken.find(token.digest) is None
    assert ApiToken.find(secret + "x") is None
    assert len(secret) > 40


def test_a_changed_setting_is_written_down_without_its_secrets(agent: Agent) -> None:
    changed(agent, "channel 1", {"name": "Help", "imap_password": "old"}, {"name": "Desk", "imap_password": "new"})
    row = AuditRow.objects.get()
    assert (row.by, row.before["name"], row.after["name"]) == (agent, "Help", "Desk")
    assert "old" not in str(row.before)
    assert "new" not in str(row.after)


def test_whoever_loses_something_has_their_sockets_closed(
    live: Hints, agent: Agent, team: Team, django_capture_on_commit_callbacks: object
) -> None:
    for lose in (
        lambda: leaving.leave_team(agent, team),
        lambda: leaving.change_role(agent, built_in_role(slug="light")),
        lambda: leaving.deactivate(agent),
    ):
        live.published.clear()
        with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
            lose()
        assert live.audiences("kick") == {f"agent.{agent.pk}"}


def test_who_looks_is_remembered_and_forgotten() -> None:
    presence.look(1_000_001, 7)
    presence.look(1_000_001, 8)
    assert presence.viewers(1_000_001) == [7, 8]
    presence.leave(1_000_001, 7)
    assert presence.viewers(1_000_001) == [8]
    presence.leave(1_000_001, 8)
    assert presence.viewers(1_000_001) == []
