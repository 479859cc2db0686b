"""Audit rows: what makes them, and that none is ever changed."""

import pytest
from django.test import Client

from agents import audit
from agents.models import Agent, AuditRow
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db


def test_a_row_is_never_changed_nor_deleted(agent: Agent) -> None:
    audit.changed(agent, "roles", {}, {"name": "Boss"})
    row = AuditRow.objects.get()
    row.thing = "nothing"
    for wrong in (row.save, row.delete, AuditRow.objects.all().delete, lambda: AuditRow.objects.update(thing="x")):
        with pytest.raises(TypeError):
            wrong()
    assert AuditRow.objects.get().thing == "roles"


def test_who_comes_is_written_down(client: Client, agent: Agent) -> None:
    client.post("/login/", {"login": agent.email, "password": PASSWORD}, REMOTE_ADDR="192.0.2.7")
    row = AuditRow.objects.get()
    assert (row.by, row.thing, row.after) == (agent, "login", {"from": "192.0.2.7"})


@pytest.mark.parametrize("email", ["{}", "nobody@example.test"])
def test_who_does_not_get_in_is_written_down_known_or_not(client: Client, agent: Agent, email: str) -> None:
    tried = email.format(agent.email)
    client.post("/login/", {"login": tried, "password": "my secret words"})
    row = AuditRow.objects.get()
    assert (row.by, row.thing, row.after["person"]) == (None, "login_failed", tried)
    assert "secret" not in str(AuditRow.objects.values())


def test_who_tries_too_often_fills_no_table(client: Client, agent: Agent) -> None:
    for _ in range(8):
        client.post("/login/", {"login": agent.email, "password": "wrong password"})
    assert AuditRow.objects.count() == 5
