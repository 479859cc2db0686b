"""Keeps a set of child processes running: starts them, restarts the fallen, stops them in order, leaves no orphan.

It knows nothing of the desk; `helpdesk.processes` says which children there are.
"""

import asyncio
import contextlib
import ctypes
import os
import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

POLL_SECONDS = 0.05
FAILURES_MAX = 5
FAILURES_SECONDS = 30.0
BACKOFF_SECONDS = (0.0, 0.2, 0.5, 1.0, 2.0)
LOG_MAX_BYTES = 10 * 1024 * 1024
PR_SET_PDEATHSIG = 1


class GaveUp(RuntimeError):
    """A child fell too often; the text names it and its log."""


class TooSlow(GaveUp):
    """Something did not come about in its time."""


@dataclass
class Child:
    """One process to keep running. `popen` holds further arguments of Popen, `fds` sockets it inherits."""

    name: str
    command: list[str]
    env: dict[str, str]
    log: Path
    cwd: Path = Path("/")
    fds: tuple[int, ...] = ()
    stop_with: signal.Signals = signal.SIGTERM
    # What the kernel sends when the supervisor dies: work is safe in the database, so nobody says good-bye.
    die_with: signal.Signals = signal.SIGKILL
    popen: dict[str, Any] = field(default_factory=dict)
    process: "subprocess.Popen[bytes] | None" = None
    fell_at: deque[float] = field(default_factory=lambda: deque(maxlen=FAILURES_MAX))
    start_again_at: float = 0.0

    @property
    def is_running(self) -> bool:
        """Whether the process is alive; reaps it when it is not."""
        return self.process is not None and self.process.poll() is None


class Supervisor:
    """The children in the order of their start. `changed` is called whenever a process id has changed."""

    def __init__(self, changed: Callable[[], None], say: Callable[[str], None]) -> None:
        self.children: dict[str, Child] = {}
        self.changed = changed
        self.say = say

    @property
    def pids(self) -> dict[str, int]:
        """The process id of each running child."""
        return {name: child.process.pid for name, child in self.children.items() if child.process}

    def add(self, child: Child) -> None:
        """Start a child and keep it running from now on."""
        self.children[child.name] = child
        start(child)
        self.changed()

    async def run(self, child: Child) -> bytes:
        """Run a child to its end and return its output, at most 64 KiB. Raises GaveUp when it fails."""
        process = subprocess.Popen(
            child.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=child.env, cwd=child.cwd,
            start_new_session=True, preexec_fn=_leash(signal.SIGKILL),
        )  # fmt: skip
        try:
            while process.poll() is None:
                self.mend()
                await asyncio.sleep(POLL_SECONDS)
        finally:
            process.kill()
        if process.wait():
            raise GaveUp(f"{child.name} failed; the lines above say why")
        assert process.stdout is not None
        return process.stdout.read()

    async def until(self, is_ready: Callable[[], bool], what: str, seconds: float) -> None:
        """Wait for a condition while the children are kept running. Raises TooSlow after `seconds`."""
        deadline = time.monotonic() + seconds
        while not is_ready():
            if time.monotonic() > deadline:
                raise TooSlow(f"{what} did not get ready within {seconds:.0f} s; see {self._logs()}")
            self.mend()
            await asyncio.sleep(POLL_SECONDS)

    async def watch(self) -> None:
        """Restart what falls, until cancelled. Raises GaveUp when a child falls 5 times in 30 s."""
        while True:
            self.mend()
            await asyncio.sleep(POLL_SECONDS)

    def mend(self) -> None:
        """Look at every child once and start again those whose time has come."""
        for child in self.children.values():
            if child.is_running:
                continue
            if child.process is not None:
                self._note_fall(child)
            if time.monotonic() >= child.start_again_at:
                start(child)
                self.changed()

    async def stop(self, names: Iterable[str], seconds: float) -> None:
        """Ask these children to end, and after `seconds` make them."""
        children = [self.children.pop(name) for name in names if name in self.children]
        for child in children:
            if child.is_running and child.process:
                child.process.send_signal(child.stop_with)
        deadline = time.monotonic() + seconds
        while any(child.is_running for child in children) and time.monotonic() < deadline:
            await asyncio.sleep(POLL_SECONDS)
        for child in children:
            kill_group(child)

    def _note_fall(self, child: Child) -> None:
        assert child.process is not None
        code, now = child.process.returncode, time.monotonic()
        # Whatever the dead one left behind in its session must not work beside its successor.
        kill_group(child)
        child.process = None
        recent = [at for at in child.fell_at if now - at < FAILURES_SECONDS]
        if len(recent) + 1 >= FAILURES_MAX:
            raise GaveUp(f"{child.name} ended {FAILURES_MAX} times within {FAILURES_SECONDS:.0f} s; see {child.log}")
        child.fell_at.append(now)
        child.start_again_at = now + BACKOFF_SECONDS[min(len(recent), len(BACKOFF_SECONDS) - 1)]
        self.say(f"{child.name} ended ({_ending(code)}); starting it again")

    def _logs(self) -> str:
        return ", ".join(sorted({str(child.log.parent) for child in self.children.values()})) or "above"


def start(child: Child) -> None:
    """Start a child once; the kernel ends it when this process dies."""
    child.log.parent.mkdir(parents=True, exist_ok=True)
    if child.log.exists() and child.log.stat().st_size > LOG_MAX_BYTES:
        child.log.replace(child.log.with_suffix(".log.1"))
    with child.log.open("ab") as log:
        child.process = subprocess.Popen(
            child.command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=child.env,
            cwd=child.cwd,
            pass_fds=child.fds,
            # Of its own session: Ctrl-C in the terminal reaches only the supervisor, which stops the rest in order.
            start_new_session=True,
            # Safe here: this process runs no threads.
            preexec_fn=_leash(child.die_with),
            **child.popen,
        )


def _leash(ending: signal.Signals) -> Callable[[], None]:
    """Return what a child does before exec, so that the kernel ends it when the supervisor dies (Linux)."""
    parent = os.getpid()
    try:
        prctl = ctypes.CDLL(None).prctl
    except AttributeError:
        return lambda: None

    def hold() -> None:
        prctl(PR_SET_PDEATHSIG, int(ending))
        if os.getppid() != parent:
            os._exit(1)

    return hold


def kill_group(child: Child) -> None:
    """Kill a child with everything in its session, at once."""
    if child.process is None:
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.process.pid, signal.SIGKILL)
    child.process.wait()


def _ending(code: int | None) -> str:
    if code is not None and code < 0:
        return signal.Signals(-code).name
    return f"exit code {code}"
