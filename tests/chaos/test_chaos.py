"""A real desk is broken while mails and answers are under way: nothing is lost, nothing is sent twice."""

from pathlib import Path

import pytest

from tests.chaos import run

FAST = ["a4_worker_child", "a7_sender", "a12_redis_out"]

pytestmark = pytest.mark.skipif(run.runner() is None, reason="the fault runner does not lie beside this checkout")


def test_a_killed_worker_sender_and_redis_lose_and_double_nothing(tmp_path: Path) -> None:
    _all_pass(FAST, tmp_path)


@pytest.mark.slow
def test_every_fault_of_the_plan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        _all_pass([name for name in run.cases() if name not in FAST], tmp_path)


def _all_pass(names: list[str], folder: Path) -> None:
    lines = []
    for result in run.run(names, folder):
        lines.append(run.line(result))
        print(lines[-1], flush=True)
    assert all(line.startswith("PASS") for line in lines), "\n".join(lines)
