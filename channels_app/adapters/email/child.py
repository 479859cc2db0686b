"""Reads mails in one long-lived child process with limits; a hostile mail costs only the child.

One child per process of ours, made at first use, replaced when it dies, hangs or was forked away.
"""

import atexit
import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from channels_app.adapters.email import frames
from channels_app.adapters.email.limits import Limits
from channels_app.adapters.email.parsed import ParsedMail, from_frames
from helpdesk.lib.inbound import Malformed

START_SECONDS = 20
MAILS_PER_CHILD = 2_000
TOO_LONG = "Reading the mail took too long."

_ROOT = Path(__file__).resolve().parents[3]


class _Killed(Exception):
    """Somebody else ended the child."""


class Child:
    """One child process. `read` may be called by several threads; they take turns."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._line: frames.Line | None = None
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
                fields, blobs = self._ask(raw, limits)
            except _Killed:
                fields, blobs = self._again(raw, limits)
        if "malformed" in fields:
            raise Malformed(str(fields["malformed"]))
        return from_frames(fields, blobs)

    def _again(self, raw: bytes, limits: Limits) -> frames.Frame:
        """Try once more: somebody killed the child, which need not be the mail's fault."""
        try:
            return self._ask(raw, limits)
        except _Killed:
            raise Malformed("The mail could not be read: the program that reads it is killed.") from None

    def close(self) -> None:
        """End the child; the next `read` starts another."""
        process, line = self._process, self._line
        self._process, self._line = None, None
        if line is not None:
            line.close()
        if process is not None and self._owner == os.getpid():
            process.kill()
            process.wait()

    def _ready(self) -> "tuple[subprocess.Popen[bytes], frames.Line]":
        is_ours = self._owner == os.getpid()
        is_fresh = is_ours and self._read_count < MAILS_PER_CHILD
        if self._process and self._line and is_fresh and self._process.poll() is None:
            return self._process, self._line
        self.close()
        self._process, self._line = _start()
        self._owner, self._read_count = os.getpid(), 0
        return self._process, self._line

    def _ask(self, raw: bytes, limits: Limits) -> frames.Frame:
        """Send one mail and wait for its answer; a child that takes too long is killed."""
        process, line = self._ready()
        line.until(limits.timeout_seconds + (START_SECONDS if self._read_count == 0 else 0))
        self._read_count += 1
        answer = None
        try:
            answer = _exchange(line, {"limits": limits.as_dict()}, raw)
        except TimeoutError:
            raise Malformed(TOO_LONG) from None
        except (frames.Broken, OSError, ValueError):
            raise self._why(process) from None
        finally:
            if answer is None:
                # Also when we are interrupted: the next mail must not get this one's answer.
                self.close()
        return answer

    def _why(self, process: "subprocess.Popen[bytes]") -> Exception:
        """Say what ended the child."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=1)
        self.close()
        if process.returncode == -signal.SIGXCPU:
            return Malformed(TOO_LONG)
        if process.returncode == -signal.SIGKILL:
            return _Killed()
        if process.returncode == frames.EXIT_MEMORY:
            return Malformed("Reading the mail took too much memory.")
        return Malformed("The mail could not be read: the program that reads it broke off.")


def read(raw: bytes, limits: Limits) -> ParsedMail:
    """Understand one mail in this process's child. Raises Malformed."""
    return _CHILD.read(raw, limits)


def _exchange(line: frames.Line, fields: dict[str, Any], raw: bytes) -> frames.Frame:
    frames.write(line, fields, [raw])
    answer = frames.read(line)
    if answer is None:
        raise frames.Broken
    return answer


def _start() -> "tuple[subprocess.Popen[bytes], frames.Line]":
    environment = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR", "VIRTUAL_ENV") if name in os.environ}
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", "channels_app.adapters.email.child_main", str(os.getpid())],
            stdin=theirs.fileno(),
            stdout=theirs.fileno(),
            cwd=_ROOT,
            env={**environment, "PYTHONPATH": str(_ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
            start_new_session=True,
        )
    return process, frames.Line(ours)


_CHILD = Child()
atexit.register(_CHILD.close)
