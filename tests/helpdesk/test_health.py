"""`/healthz`: numbers, reasons, and never a name."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest
import redis
from django.test import Client

from channels_app.models import RawEvent
from helpdesk import health, heartbeat
from helpdesk.lib import clock
from tests import factories

KEYS = ["ok", "version", "database", "redis", "worker_seconds", "oldest_raw_event_seconds", "oldest_delivery_seconds"]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def beats() -> Iterator["redis.Redis"]:
    """Workers that have just reported."""
    link = heartbeat.connect()
    for name in health.WORKERS:
        link.set(heartbeat.key(name), clock.real().timestamp() - 3)
    yield link
    link.delete(*[heartbeat.key(name) for name in health.WORKERS])


def ask(client: Client) -> tuple[int, dict[str, Any]]:
    response = client.get("/healthz")
    return response.status_code, response.json()


def test_all_is_well(client: Client) -> None:
    status, facts = ask(client)
    assert (status, facts["ok"], facts["reasons"]) == (200, True, [])
    assert list(facts) == [*KEYS, "reasons"]
    assert 3 <= facts["worker_seconds"] < 5
    assert facts["oldest_raw_event_seconds"] == facts["oldest_delivery_seconds"] == 0


def test_one_query_is_all_it_costs(client: Client, django_assert_num_queries: Any) -> None:
    # Its own connection does the asking; the page adds no session, no agent, nothing.
    with django_assert_num_queries(0):
        ask(client)


def test_missing_worker_is_a_reason(client: Client, beats: "redis.Redis") -> None:
    beats.delete(heartbeat.key("sender"))
    status, facts = ask(client)
    assert (status, facts["reasons"], facts["worker_seconds"]) == (503, ["sender: has not reported"], None)


def test_silent_worker_is_a_reason(client: Client, beats: "redis.Redis") -> None:
    beats.set(heartbeat.key("worker"), clock.real().timestamp() - 95)
    status, facts = ask(client)
    assert (status, facts["reasons"]) == (503, ["worker: last reported 95 s ago"])


@pytest.mark.parametrize(("seconds", "status"), [(60, 200), (600, 503)])
def test_events_that_nobody_reads(client: Client, seconds: int, status: int) -> None:
    at = clock.real() - timedelta(seconds=seconds)
    channel = factories.make_channel()
    RawEvent.objects.create(channel=channel, dedupe_key="a", body=b"", body_sha256="", received_at=at)
    found, facts = ask(client)
    assert found == status
    assert facts["oldest_raw_event_seconds"] == pytest.approx(seconds, abs=5)


def test_redis_away_is_a_reason(client: Client, settings: Any) -> None:
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    status, facts = ask(client)
    assert (status, facts["redis"], facts["reasons"]) == (503, False, ["redis: ConnectionError"])


def test_database_away_is_a_reason_without_its_name(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: Any) -> None:
        raise psycopg.OperationalError("connection to db.secret.example failed")

    monkeypatch.setattr(health.psycopg, "connect", refuse)
    status, facts = ask(client)
    assert (status, facts["database"], facts["reasons"]) == (503, False, ["database: OperationalError"])


def test_only_reading(client: Client) -> None:
    assert client.post("/healthz").status_code == 405
