"""Services are agents by their rights alone: pages about people leave them out and leave them in peace."""

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent, Team
from agents.programs import issuing
from tests.factories import built_in_role, make_agent

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(db: None) -> Agent:
    return make_agent(name="Ada Admin", role="admin")


@pytest.fixture
def robot(team: Team, admin: Agent) -> Agent:
    return issuing.add_service("Robot Shop", built_in_role(slug="agent"), [team], by=admin)


def test_a_service_is_nobody_in_the_list_of_people(client: Client, admin: Agent, robot: Agent) -> None:
    client.force_login(admin)
    assert robot.name not in client.get(reverse("people")).content.decode()
    assert client.get(reverse("person", args=[robot.pk])).status_code == 404
    assert client.post(reverse("deactivation", args=[robot.pk])).status_code == 404
    robot.refresh_from_db()
    assert robot.is_active


def test_a_team_that_is_saved_keeps_its_services(
    client: Client, admin: Agent, robot: Agent, agent: Agent, team: Team
) -> None:
    client.force_login(admin)
    page = client.get(reverse("team", args=[team.pk]))
    assert robot.name not in page.content.decode()
    said = {"name": team.name, "slug": team.slug, "members": [], "were": [agent.pk]}
    assert client.post(reverse("team", args=[team.pk]), said).status_code == 302
    assert [row.agent_id for row in team.memberships.all()] == [robot.pk]
