"""The child process that reads mails: `python -m channels_app.adapters.email.child_main`.

Imports only what reading needs (no Django). Frames: child.py. One request, one answer, in order.
"""

import os
import resource
import signal
import socket
import sys
import threading
import time

from channels_app.adapters.email import frames
from channels_app.adapters.email.limits import Limits
from channels_app.adapters.email.parse import parse
from channels_app.adapters.email.parsed import to_frames

PARENT_CHECK_SECONDS = 0.5


def main() -> None:
    """Answer what comes through the socket on standard input until it closes."""
    parent = int(sys.argv[1])
    _die_with(parent)
    line = frames.Line(socket.socket(fileno=os.dup(0)))
    os.dup2(2, 1)
    while request := frames.read(line):
        fields, blobs = request
        limits = Limits(**fields["limits"])
        _limit(limits)
        try:
            answer, contents = to_frames(parse(blobs[0], limits))
        except MemoryError:
            os._exit(frames.EXIT_MEMORY)
        except RecursionError:
            answer, contents = {"malformed": "The mail is nested too deeply."}, []
        frames.write(line, answer, contents)


def _die_with(parent: int) -> None:
    """Never outlive the worker, however it ends.

    Not PR_SET_PDEATHSIG: that follows the thread that started us, and web threads come and go.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(PARENT_CHECK_SECONDS)
    os._exit(0)


def _limit(limits: Limits) -> None:
    """Bound memory, and CPU to what is used so far plus one mail's time."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime + limits.timeout_seconds) + 2
    _, hardest = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, hardest))
    _, hardest = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, hardest))


if __name__ == "__main__":
    main()
