"""Bringing the database up to date."""

import io
import json

import psycopg
import pytest
from django.core.management import CommandError, call_command

from agents.models import Agent
from helpdesk import health
from helpdesk.management.commands import prepare


@pytest.mark.django_db(transaction=True)
def test_prepared_database_stays_as_it_is() -> None:
    out = io.StringIO()
    call_command("prepare", stdout=out)
    assert json.loads(out.getvalue()) == {}


# Not transactional: emptying the tables would take the rows that migrations made.
@pytest.mark.slow
@pytest.mark.django_db
def test_demo_data_is_loaded_once() -> None:
    stories, counts = [], []
    for _ in range(2):
        out = io.StringIO()
        call_command("prepare", demo=True, stdout=out)
        stories.append(json.loads(out.getvalue()))
        counts.append(Agent.objects.count())
    assert counts[0] == counts[1] == len(stories[0]["demo"])
    assert stories[0]["demo"] == stories[1]["demo"]
    assert set(stories[0]) == {"demo", "demo_mailbox", "api_token"}


@pytest.mark.django_db(transaction=True)
def test_two_at_once_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepare, "WAIT_SECONDS", -60)
    with psycopg.connect(**health._parameters()) as stranger:
        stranger.execute("select pg_advisory_lock(%s)", [prepare.LOCK])
        with pytest.raises(CommandError, match="another `prepare`"):
            call_command("prepare")
