"""Children that fall, and a supervisor that is killed."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from helpdesk.embedded import PROJECT
from helpdesk.supervisor import Child, GaveUp, Supervisor
from tests import waiting

LIMIT_SECONDS = 10


def child(tmp_path: Path, code: str, **given: object) -> Child:
    log = tmp_path / "logs" / "some.log"
    return Child(name="some", command=[sys.executable, "-c", code], env=dict(os.environ), log=log, **given)


def is_alive(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


async def until(supervisor: Supervisor, condition: Callable[[], bool]) -> None:
    await supervisor.until(condition, "the test", LIMIT_SECONDS)


def test_killed_child_is_started_again(tmp_path: Path) -> None:
    told: list[dict[str, int]] = []
    said: list[str] = []

    async def life() -> None:
        supervisor = Supervisor(lambda: told.append(supervisor.pids), said.append)
        supervisor.add(child(tmp_path, "import time; time.sleep(60)"))
        os.kill(told[0]["some"], signal.SIGKILL)
        await until(supervisor, lambda: len(told) == 2)
        await supervisor.stop(["some"], 2)

    asyncio.run(life())
    assert told[0] != told[1]
    assert said == ["some ended (SIGKILL); starting it again"]
    assert not any(is_alive(pids["some"]) for pids in told)


def test_child_that_falls_five_times_ends_it(tmp_path: Path) -> None:
    async def life() -> None:
        supervisor = Supervisor(lambda: None, lambda _: None)
        supervisor.add(child(tmp_path, "raise SystemExit(7)"))
        await asyncio.wait_for(supervisor.watch(), LIMIT_SECONDS)

    with pytest.raises(GaveUp, match=r"some ended 5 times within 30 s; see .*some\.log"):
        asyncio.run(life())


def test_grandchildren_of_a_dead_child_do_not_stay(tmp_path: Path) -> None:
    code = "import subprocess, time; print(subprocess.Popen(['sleep', '60']).pid, flush=True); time.sleep(60)"
    pids: list[int] = []

    def reported() -> bool:
        pids[:] = [int(line) for line in (tmp_path / "logs" / "some.log").read_text().split()]
        return bool(pids)

    async def life() -> None:
        supervisor = Supervisor(lambda: None, lambda _: None)
        supervisor.add(child(tmp_path, code))
        await until(supervisor, reported)
        orphan = pids[0]
        os.kill(supervisor.pids["some"], signal.SIGKILL)
        await until(supervisor, lambda: not is_alive(orphan))
        await supervisor.stop(["some"], 2)

    asyncio.run(life())


def test_child_that_will_not_end_is_killed(tmp_path: Path) -> None:
    code = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    )

    async def life() -> float:
        supervisor = Supervisor(lambda: None, lambda _: None)
        supervisor.add(child(tmp_path, code))
        await until(supervisor, lambda: "deaf" in (tmp_path / "logs" / "some.log").read_text())
        began_at = time.monotonic()
        await supervisor.stop(["some"], 0.3)
        return time.monotonic() - began_at

    assert 0.3 <= asyncio.run(life()) < 2


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_killed_supervisor_leaves_no_orphan(tmp_path: Path) -> None:
    code = (
        "import asyncio, os, sys, pathlib; from helpdesk.supervisor import *\n"
        f"log = pathlib.Path({str(tmp_path)!r}) / 'log'\n"
        "s = Supervisor(lambda: None, print)\n"
        "s.add(Child('some', [sys.executable, '-c', 'import time; time.sleep(60)'], dict(os.environ), log))\n"
        "print(s.pids['some'], flush=True); asyncio.run(s.watch())"
    )
    supervisor = subprocess.Popen([sys.executable, "-c", code], cwd=PROJECT, stdout=subprocess.PIPE, text=True)
    assert supervisor.stdout is not None
    orphan = int(supervisor.stdout.readline())
    supervisor.kill()
    supervisor.wait()
    waiting.until(lambda: not is_alive(orphan), seconds=LIMIT_SECONDS)


def test_child_inherits_the_sockets_it_is_given(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    code = f"import os; os.write({writer}, b'here'); import time; time.sleep(60)"

    async def life() -> bytes:
        supervisor = Supervisor(lambda: None, lambda _: None)
        supervisor.add(child(tmp_path, code, fds=(writer,)))
        heard = await asyncio.to_thread(os.read, reader, 4)
        await supervisor.stop(["some"], 2)
        return heard

    assert asyncio.run(life()) == b"here"
    os.close(reader)
    os.close(writer)
