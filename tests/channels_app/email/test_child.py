"""The limited process: a hostile mail costs the child, never the worker or the next mail."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from channels_app.adapters.email.child import Child
from channels_app.adapters.email.limits import Limits
from helpdesk.lib.inbound import Malformed
from tests.channels_app.email.letters import letter, part, parts
from tests.waiting import until

SLOW = letter(multipart=parts(part(b"<table><tr><td>x</td></tr></table>" * 10_000, "text/html")))


@pytest.fixture
def child() -> Iterator[Child]:
    one = Child()
    yield one
    one.close()


def test_files_come_back_whole(child: Child) -> None:
    data = b"\t\0\r\n \xff" * 50_000
    raw = letter(multipart=parts(part(b"see"), part(data, "application/x-thing")))
    mail = child.read(raw, Limits())
    assert mail.files[0].data == data
    assert mail.senders[0].address == "giulia@example.test"


def test_one_process_reads_many_mails(child: Child) -> None:
    child.read(letter(), Limits())
    pid = child.pid
    child.read(letter("again"), Limits())
    assert child.pid == pid


def test_a_slow_mail_is_given_up_and_the_next_is_read(child: Child) -> None:
    child.read(letter(), Limits())
    with pytest.raises(Malformed, match="too long"):
        child.read(SLOW, Limits(timeout_seconds=0.1))
    assert child.read(letter("next"), Limits()).new_text == "next"


def test_a_mail_that_needs_too_much_memory_is_given_up(child: Child) -> None:
    raw = letter(multipart=parts(*[part(b"x" * 5_000_000, "application/x-thing")] * 4))
    with pytest.raises(Malformed, match=r"memory|broke off"):
        child.read(raw, Limits(memory_bytes=90 * 2**20))
    assert child.read(letter("next"), Limits()).new_text == "next"


def test_a_killed_child_is_replaced_unseen(child: Child) -> None:
    child.read(letter(), Limits())
    assert child.pid
    os.kill(child.pid, signal.SIGKILL)
    assert child.read(letter("next"), Limits()).new_text == "next"


def test_too_large_a_mail_is_refused_at_once(child: Child) -> None:
    with pytest.raises(Malformed, match="larger than 1 MiB"):
        child.read(b"x" * (2**20 + 1), Limits(size_bytes=2**20))
    assert child.pid is None


def test_threads_take_turns(child: Child) -> None:
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda n=number: found.append(child.read(letter(f"mail {n}"), Limits()).new_text))
        for number in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(found) == [f"mail {number}" for number in range(8)]


def test_the_child_never_outlives_its_worker() -> None:
    script = """
        import sys
        from channels_app.adapters.email.child import Child
        from channels_app.adapters.email.limits import Limits
        child = Child()
        child.read(b"From: a@example.test\\n\\nx", Limits())
        print(child.pid, flush=True)
        sys.stdin.read()
    """
    root = Path(__file__).parents[3]
    worker = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=root
    )
    assert worker.stdout
    pid = int(worker.stdout.readline())
    worker.kill()
    worker.communicate()
    until(lambda: not _is_running(pid))


def _is_running(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2][:3]
    except OSError:
        return False
