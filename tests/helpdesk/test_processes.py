"""What a running desk is made of."""

import json
import os
import socket
from pathlib import Path

import pytest

from helpdesk.embedded import Place
from helpdesk.processes import AlreadyRunning, Desk, PortTaken, desk_children

Monkey = pytest.MonkeyPatch


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: Monkey) -> Desk:
    for name in ("PORT", "SMTP_URL", "PUBLIC_URL", "PRIVATE_HOSTS_ALLOWED", "DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    desk = Desk(Place(tmp_path / ".dev"))
    desk.lock()
    desk.listen()
    return desk


def test_second_start_is_told_where_the_first_is(desk: Desk) -> None:
    desk.write({"web": 1})
    with pytest.raises(AlreadyRunning, match=f"running at {desk.url} .process {os.getpid()}"):
        Desk(desk.place).lock()


def test_second_start_during_the_first_is_refused_too(desk: Desk) -> None:
    with pytest.raises(AlreadyRunning, match="already starting"):
        Desk(desk.place).lock()


def test_ports_are_kept_for_the_next_start(desk: Desk) -> None:
    kept = {name: desk.port(name) for name in desk.sockets}
    for sock in desk.sockets.values():
        sock.close()
    again = Desk(desk.place)
    again.listen()
    assert {name: again.port(name) for name in again.sockets} == kept


def test_taken_port_that_was_asked_for_is_an_error(desk: Desk, monkeypatch: Monkey) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        monkeypatch.setenv("PORT", str(other.getsockname()[1]))
        with pytest.raises(PortTaken, match="PORT: "):
            Desk(desk.place).listen()


def test_children_find_databases_and_outbox(desk: Desk) -> None:
    env = desk.env
    assert env["DATABASE_URL"] == desk.place.database_url
    assert env["SMTP_URL"] == f"smtp://{desk.at('outbox')}"
    assert env["PRIVATE_HOSTS_ALLOWED"] == desk.at("outbox")


def test_given_servers_are_used(desk: Desk, monkeypatch: Monkey) -> None:
    given = {"DATABASE_URL": "postgresql://db/desk", "REDIS_URL": "redis://cache", "SMTP_URL": "smtp://mail"}
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert given.items() <= desk.env.items()
    assert "PRIVATE_HOSTS_ALLOWED" not in desk.env


def test_our_processes(desk: Desk) -> None:
    assert [child.name for child in desk_children(desk)] == ["web", "worker", "sender", "hooks", "beat", "mail"]


def test_run_json_is_ours_alone_and_complete(desk: Desk) -> None:
    desk.story = {"demo": [], "demo_mailbox": {}, "api_token": "tel_x"}
    desk.write({"web": 7})
    file = desk.dev / "run.json"
    facts = json.loads(file.read_text())
    assert set(facts) == {"url", "smtp", "lmtp", "pid", "processes", "outbox", "demo", "demo_mailbox", "api_token"}
    assert file.stat().st_mode & 0o777 == 0o600
    assert (desk.dev / "pids" / "web.pid").read_text() == "7\n"


def test_nothing_is_told_after_the_end(desk: Desk) -> None:
    desk.write({"web": 7})
    desk.clear()
    assert not (desk.dev / "run.json").exists()
    assert list((desk.dev / "pids").iterdir()) == []
