"""Reads mails in one long-lived child process with limits; a hostile mail costs only the child.

One child per process of ours, made at first use, replaced when it dies, hangs or was forked away.
"""

import atexit
import contextlib
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, BinaryIO, cast

from channels_app.adapters.email import frames
from channels_app.adapters.email.limits import Limits
from channels_app.adapters.email.parsed import ParsedMail, from_frames
from helpdesk.lib.inbound import Malformed

START_SECONDS = 20
MAILS_PER_CHILD = 2_000

_ROOT = Path(__file__).resolve().parents[3]


class _Killed(Exception):
    """Somebody else ended the child."""


class Child:
    """One child process. `read` may be called by several threads; they take turns."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0
        self._read_count = 0

    @property
    def pid(self) -> int | None:
        """The process id of the child, None while there is none."""
        return self._process.pid if self._process else None

    def read(self, raw: bytes, limits: Limits) -> ParsedMail:
        """Understand one mail. Raises Malformed when it breaks a limit or the child."""
        if len(raw) > limits.size_bytes:
            raise Malformed(f"The mail is larger than {limits.size_bytes // 2**20} MiB.")
        with self._lock:
            try:
                fields, blobs = self._ask(self._ready(), raw, limits)
            except _Killed:
                fields, blobs = self._again(raw, limits)
        if "malformed" in fields:
            raise Malformed(str(fields["malformed"]))
        return from_frames(fields, blobs)

    def _again(self, raw: bytes, limits: Limits) -> frames.Frame:
        """Try once more: somebody killed the child, which need not be the mail's fault."""
        try:
            return self._ask(self._ready(), raw, limits)
        except _Killed:
            raise Malformed("The mail could not be read: the program that reads it is killed.") from None

    def close(self) -> None:
        """End the child; the next `read` starts another."""
        process, self._process = self._process, None
        if process is None or self._owner != os.getpid():
            return
        process.kill()
        for stream in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                stream.close()  # type: ignore[union-attr]
        process.wait()

    def _ready(self) -> "subprocess.Popen[bytes]":
        is_ours = self._owner == os.getpid()
        if self._process and is_ours and self._process.poll() is None and self._read_count < MAILS_PER_CHILD:
            return self._process
        self.close()
        self._process, self._owner, self._read_count = _start(), os.getpid(), 0
        return self._process

    def _ask(self, process: "subprocess.Popen[bytes]", raw: bytes, limits: Limits) -> frames.Frame:
        """Send one mail and wait for its answer; a watchdog kills a child that takes too long."""
        seconds = limits.timeout_seconds + (START_SECONDS if self._read_count == 0 else 0)
        self._read_count += 1
        is_late, answer = threading.Event(), None
        watchdog = threading.Timer(seconds, _give_up, (process, is_late))
        watchdog.daemon = True
        watchdog.start()
        try:
            answer = _exchange(process, {"limits": limits.as_dict()}, raw)
        except (frames.Broken, OSError, ValueError):
            raise self._why(process, is_late.is_set()) from None
        finally:
            watchdog.cancel()
            if answer is None:
                # Also when we are interrupted: the next mail must not get this one's answer.
                self.close()
        return answer

    def _why(self, process: "subprocess.Popen[bytes]", is_late: bool) -> Exception:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=1)
        self.close()
        if is_late or process.returncode == -signal.SIGXCPU:
            return Malformed("Reading the mail took too long.")
        if process.returncode == -signal.SIGKILL:
            return _Killed()
        if process.returncode == frames.EXIT_MEMORY:
            return Malformed("Reading the mail took too much memory.")
        return Malformed("The mail could not be read: the program that reads it broke off.")


def read(raw: bytes, limits: Limits) -> ParsedMail:
    """Understand one mail in this process's child. Raises Malformed."""
    return _CHILD.read(raw, limits)


def _exchange(process: "subprocess.Popen[bytes]", fields: dict[str, Any], raw: bytes) -> frames.Frame:
    requests, answers = cast("BinaryIO", process.stdin), cast("BinaryIO", process.stdout)
    frames.write(requests, fields, [raw])
    answer = frames.read(answers)
    if answer is None:
        raise frames.Broken
    return answer


def _give_up(process: "subprocess.Popen[bytes]", is_late: threading.Event) -> None:
    is_late.set()
    process.kill()


def _start() -> "subprocess.Popen[bytes]":
    environment = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR", "VIRTUAL_ENV") if name in os.environ}
    return subprocess.Popen(
        [sys.executable, "-m", "channels_app.adapters.email.child_main", str(os.getpid())],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=_ROOT,
        env={**environment, "PYTHONPATH": str(_ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        start_new_session=True,
    )


_CHILD = Child()
atexit.register(_CHILD.close)
