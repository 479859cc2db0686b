"""A whole desk, run by the real `serve` in a copy of this checkout whose path holds a space."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpdesk.embedded import PROJECT
from tests.waiting import until

# As long as a machine may take that has a dozen other things to do.
START_SECONDS = 240
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", ".dev", "node_modules", "__pycache__", ".*_cache", "tests", "docs")


@dataclass
class RunningDesk:
    """The desk and its supervisor's process."""

    folder: Path
    process: "subprocess.Popen[str]"

    @property
    def facts(self) -> dict[str, Any]:
        """What `run.json` says now."""
        return dict(json.loads((self.folder / ".dev" / "run.json").read_text()))

    @property
    def is_up(self) -> bool:
        """Whether `run.json` is there and ours: a killed run leaves its own behind."""
        return (self.folder / ".dev" / "run.json").exists() and self.facts["pid"] == self.process.pid

    @property
    def output(self) -> str:
        """What the terminal would have shown so far."""
        return (self.folder / "output").read_text()

    def do(self, code: str) -> None:
        """Run a few lines of Python inside the desk, on its database."""
        command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", code]
        subprocess.run(command, cwd=self.folder, env=plain_env(), check=True, capture_output=True, timeout=120)

    def stop(self) -> float:
        """Press Ctrl-C; return the seconds until it has ended."""
        began_at = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        self.process.wait(20)
        return time.monotonic() - began_at


def copy_checkout(folder: Path) -> None:
    """Copy what a fresh clone holds, and borrow the installed packages."""
    shutil.copytree(PROJECT, folder, ignore=LEFT_OUT, dirs_exist_ok=True)
    if not (folder / ".venv").exists():
        (folder / ".venv").symlink_to(PROJECT / ".venv")


def plain_env() -> dict[str, str]:
    """Return an environment that holds nothing of ours."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}


def serve(folder: Path, **settings: str) -> "subprocess.Popen[str]":
    """Start `manage.py serve` there, in an environment that holds nothing of ours but `settings`."""
    env = plain_env() | settings
    with (folder / "output").open("w") as output:
        command = [sys.executable, "manage.py", "serve"]
        # In its own group, as a shell would start it.
        return subprocess.Popen(
            command, cwd=folder, env=env, stdout=output, stderr=output, text=True, start_new_session=True
        )


@contextmanager
def running_desk(
    folder: Path, prepare: Callable[[Path], None] = lambda folder: None, **settings: str
) -> Iterator[RunningDesk]:
    """Run a desk in `folder` until the block ends; the demo data is loaded and the page answers.

    prepare: changes the copy before it starts.
    """
    copy_checkout(folder)
    prepare(folder)
    desk = RunningDesk(folder, serve(folder, **settings))
    try:
        until(lambda: desk.is_up or desk.process.poll() is not None, seconds=START_SECONDS)
        assert desk.process.poll() is None, desk.output
        yield desk
    finally:
        if desk.process.poll() is None:
            desk.stop()
