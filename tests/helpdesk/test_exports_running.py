"""Exports by the page: one at a time, by a worker that may die, for administrators who say who they are."""

import io
import threading
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client

from agents.models import Agent, AuditRow, ExportRun
from helpdesk import tasks
from helpdesk.exports import making, running
from helpdesk.lib import clock
from helpdesk.lib.advisory import Space
from tests.factories import PASSWORD, make_agent


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.EXPORT_DIR = tmp_path / "exports"
    return tmp_path / "exports"


@pytest.fixture
def ada(transactional_db: None) -> Agent:
    return make_agent(name="Ada Lovelace", role="admin")


def acts() -> list[str]:
    return [row.after["act"] for row in AuditRow.objects.filter(thing="export").order_by("pk")]


@pytest.mark.django_db(transaction=True)
def test_an_administrator_gets_the_file_after_saying_who_they_are(ada: Agent, folder: Path) -> None:
    browser = Client()
    browser.force_login(ada)
    assert browser.post("/settings/export/").status_code == 302
    run = ExportRun.objects.get()
    tasks.export(run.pk)
    page = browser.get("/settings/export/").content.decode()
    assert f"/settings/export/{run.pk}/file/" in page and "hx-trigger" not in page.partition('id="exports"')[2]
    asked = browser.get(f"/settings/export/{run.pk}/file/")
    assert asked.status_code == 302 and asked.headers["Location"].startswith("/password/confirm/")
    assert acts() == ["asked for"]
    back = browser.post(asked.headers["Location"], {"password": PASSWORD})
    assert back.headers["Location"] == f"/settings/export/{run.pk}/file/"
    given = browser.get(back.headers["Location"])
    content = b"".join(given)
    assert len(content) == int(given.headers["Content-Length"]) == ExportRun.objects.get().size_bytes
    assert "manifest.json" in zipfile.ZipFile(io.BytesIO(content)).namelist()
    assert folder.stat().st_mode & 0o777 == 0o700
    browser.post(f"/settings/export/{run.pk}/removal/")
    assert list(folder.iterdir()) == []
    assert browser.get(f"/settings/export/{run.pk}/file/").status_code == 404
    assert acts() == ["asked for", "downloaded", "removed"]


@pytest.mark.django_db(transaction=True)
def test_whoever_asks_while_one_is_under_way_gets_that_one(ada: Agent) -> None:
    found: list[int] = []

    def ask() -> None:
        found.append(running.ask(by=ada).pk)
        connections.close_all()

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert acts() == ["asked for"]


@pytest.mark.django_db(transaction=True)
def test_only_one_worker_writes(ada: Agent) -> None:
    run = running.ask(by=ada)
    other, key = connection.copy(), [Space.EXPORTS.value, running.WRITING]
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", key)
        running.write(run.pk)
        assert ExportRun.objects.get().state == "waiting"
        cursor.execute("SELECT pg_advisory_unlock(%s, %s)", key)
    other.close()
    running.write(run.pk)
    assert ExportRun.objects.get().state == "ready"


@pytest.mark.django_db
def test_the_sweep_finds_dead_exports_and_old_files(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    rung: list[Any] = []
    monkeypatch.setattr(running, "ring_now", lambda *args: rung.append(args))
    now, old = clock.real(), clock.real() - timedelta(days=8)
    folder.mkdir()
    (folder / "old.zip").touch()
    rows: list[dict[str, Any]] = [
        {"state": "running", "beaten_at": now}, {"state": "running", "beaten_at": old}, {"state": "waiting"},
        {"state": "waiting", "asked_at": old}, {"state": "ready", "ready_at": now, "file": "new.zip"},
        {"state": "ready", "ready_at": old, "file": "old.zip"},
    ]  # fmt: skip
    runs = [ExportRun.objects.create(**row) for row in rows]
    assert running.sweep() == 3
    assert rung == [("helpdesk.export", runs[1].pk), ("helpdesk.export", runs[3].pk)]
    assert not (folder / "old.zip").exists()
    assert ExportRun.objects.get(pk=runs[5].pk).state == "removed"


@pytest.mark.django_db
def test_an_export_that_kills_its_worker_three_times_is_given_up() -> None:
    run = ExportRun.objects.create(state="running", attempts=3)
    running.write(run.pk)
    run.refresh_from_db()
    assert (run.state, run.attempts) == ("failed", 3)


@pytest.mark.django_db
def test_a_full_disk_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: Any, **_options: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(making, "make", full)
    run = ExportRun.objects.create()
    running.write(run.pk)
    run.refresh_from_db()
    assert (run.state, run.error) == ("failed", "No space left on device")
