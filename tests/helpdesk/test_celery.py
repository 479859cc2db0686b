"""What stands around every task: its connection to the database outlives it, a dead one does not."""

from types import SimpleNamespace
from unittest.mock import patch

import psycopg
import pytest
from billiard import pool
from celery.fixups.django import DjangoWorkerFixup
from django.db import connection

from conversations.models import Entry
from helpdesk import celery
from helpdesk.bench.ingest import settings_url
from helpdesk.lib import sql

TASK = SimpleNamespace(request=SimpleNamespace(is_eager=False))
BACKEND = "SELECT pg_backend_pid()"


def backend() -> int:
    row = sql.run(BACKEND, {}).fetchone()
    assert row is not None
    return int(row[0])


@pytest.fixture
def worker() -> DjangoWorkerFixup:
    """What Celery does to connections around a task."""
    return DjangoWorkerFixup(celery.app)


@pytest.mark.django_db(transaction=True)
def test_a_task_finds_the_connection_of_the_last_one(worker: DjangoWorkerFixup) -> None:
    before = backend()
    for _task in range(3):
        worker.on_task_prerun(TASK)
        celery.let_go(TASK)
        assert backend() == before
        worker.on_task_postrun(TASK)
        celery.let_go(TASK)


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_died_between_two_tasks_is_made_anew(worker: DjangoWorkerFixup) -> None:
    before = backend()
    worker.on_task_postrun(TASK)
    celery.let_go(TASK)
    with psycopg.connect(settings_url(), autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [before])
    worker.on_task_prerun(TASK)
    celery.let_go(TASK)
    assert backend() != before
    assert not Entry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_a_task_left_open_ends_with_it() -> None:
    connection.set_autocommit(False)
    before = backend()
    celery.let_go(TASK)
    assert backend() != before


def test_a_child_that_ends_waits_two_seconds_for_its_last_result_not_thirty() -> None:
    child = pool.Worker.__new__(pool.Worker)
    child.on_ready_counter = SimpleNamespace(value=0)
    waited: list[float] = []
    with patch.object(pool.time, "sleep", waited.append):
        assert not child._ensure_messages_consumed(completed=1)
    assert sum(waited) == pytest.approx(2)
