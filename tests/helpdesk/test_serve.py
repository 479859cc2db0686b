"""The real `serve`, from a path with a space: what a new user's first minutes rely on."""

import http.client
import os
import signal
import smtplib
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.desk import RunningDesk, running_desk
from tests.waiting import until

PROCESSES = ["web", "worker", "sender", "hooks", "beat", "mail", "redis", "postgres"]
MAIL = "From: Giulia <giulia@example.test>\nTo: {to}\nSubject: Parcel\nMessage-ID: <first@example.test>\n\nHello\n"


def get(desk: RunningDesk, path: str) -> tuple[int, str]:
    link = http.client.HTTPConnection(urlsplit(desk.facts["url"]).netloc, timeout=15)
    link.request("GET", path)
    response = link.getresponse()
    return response.status, response.read().decode()


def api(desk: RunningDesk, path: str) -> str:
    link = http.client.HTTPConnection(urlsplit(desk.facts["url"]).netloc, timeout=15)
    link.request("GET", path, headers={"Authorization": f"Bearer {desk.facts['api_token']}"})
    return link.getresponse().read().decode()


def in_session(desk: RunningDesk, pids: list[int]) -> list[str]:
    """Return the processes of this desk that are still there, by place or by id."""
    mine = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            place = str((folder / "cwd").readlink())
        except OSError:
            continue
        if int(folder.name) in pids or place == str(desk.folder):
            mine.append(f"{folder.name} {line}")
    return mine


def heal(desk: RunningDesk, name: str) -> None:
    """Kill one process and wait for its successor."""
    before = desk.facts["processes"][name]
    os.kill(before, signal.SIGKILL)
    until(lambda: desk.facts["processes"].get(name) != before, seconds=20)


def test_desk_runs_heals_refuses_a_second_and_leaves_nothing(tmp_path: Path) -> None:
    with running_desk(tmp_path / "a desk") as desk:
        facts = desk.facts
        assert sorted(facts["processes"]) == sorted(PROCESSES)
        assert get(desk, "/login/")[0] == 200
        until(lambda: get(desk, "/healthz")[0] == 200, seconds=20)
        _says_how_to_begin(desk, facts)
        _takes_a_mail(desk, facts)
        for name in ("web", "worker", "redis", "postgres"):
            heal(desk, name)
        until(lambda: get(desk, "/healthz")[0] == 200, seconds=30)
        assert "Hello" in api(desk, "/api/v1/entries/?address=giulia@example.test")
        _refuses_a_second(desk, facts)
        pids = [desk.process.pid, *desk.facts["processes"].values()]
        assert desk.stop() <= 5
        assert in_session(desk, pids) == []
        assert not (desk.folder / ".dev" / "run.json").exists()


@pytest.mark.slow
def test_killed_supervisor_leaves_no_orphan_and_no_loss(tmp_path: Path) -> None:
    folder = tmp_path / "a desk"
    with running_desk(folder) as desk:
        _takes_a_mail(desk, desk.facts)
        pids = list(desk.facts["processes"].values())
        desk.process.kill()
        desk.process.wait()
        until(lambda: not in_session(desk, pids), seconds=10)
    with running_desk(folder) as desk:
        assert "Hello" in api(desk, "/api/v1/entries/?address=giulia@example.test")


@pytest.mark.slow
def test_two_checkouts_run_side_by_side(tmp_path: Path) -> None:
    with running_desk(tmp_path / "one") as one, running_desk(tmp_path / "another one") as another:
        assert one.facts["url"] != another.facts["url"]
        assert get(one, "/login/")[0] == get(another, "/login/")[0] == 200


def _says_how_to_begin(desk: RunningDesk, facts: dict[str, Any]) -> None:
    until(lambda: "Ctrl-C" in desk.output, seconds=20)
    assert facts["url"] in desk.output
    assert facts["demo"][0]["password"] in desk.output
    assert "smtplib" in desk.output
    pid_file = desk.folder / ".dev" / "pids" / "web.pid"
    assert int(pid_file.read_text()) == facts["processes"]["web"]


def _takes_a_mail(desk: RunningDesk, facts: dict[str, Any]) -> None:
    host, port = facts["smtp"].split(":")
    address = facts["demo_mailbox"]["address"]
    with smtplib.SMTP(host, int(port), timeout=15) as link:
        link.sendmail("giulia@example.test", [address], MAIL.format(to=address))
    until(lambda: "Hello" in api(desk, "/api/v1/entries/?address=giulia@example.test"), seconds=30)


def _refuses_a_second(desk: RunningDesk, facts: dict[str, Any]) -> None:
    command = [sys.executable, "manage.py", "serve"]
    env = {"PATH": os.environ["PATH"]}
    second = subprocess.run(command, cwd=desk.folder, env=env, capture_output=True, text=True, timeout=30)
    assert second.returncode == 3
    assert facts["url"] in second.stderr
