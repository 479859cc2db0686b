"""Health checks of containers: `python -m helpdesk.probe http | worker | sender | hooks | process NAME | tcp PLACE`.

Exits 0 or 1. Needs no Django, so that a check every few seconds costs little.
"""

import json
import os
import socket
import sys
from pathlib import Path
from typing import Any

# The web container, by its name in docker-compose.yml.
WEB = "web:8000"
SECONDS = 4
ANSWER_MAX_BYTES = 65_536


def main(arguments: list[str]) -> bool:
    """Ask what the arguments say; the web server is asked when they say nothing."""
    what, *rest = arguments or ["http"]
    if what == "process":
        return _runs(rest[0])
    if what == "tcp":
        return _listens(rest[0])
    if what == "http":
        return ask("127.0.0.1:8000") is not None
    return _beats(what)


def ask(place: str) -> "dict[str, Any] | None":
    """Return what the web server at host:port says of its health; None when it says nothing."""
    # A host the desk answers for; a health check from inside has no other.
    host = (os.environ.get("ALLOWED_HOSTS") or "localhost").split(",")[0].strip()
    name, _, port = place.rpartition(":")
    try:
        with socket.create_connection((name, int(port)), timeout=SECONDS) as link:
            link.sendall(f"GET /healthz HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
            with link.makefile("rb") as answer:
                return dict(json.loads(answer.read(ANSWER_MAX_BYTES).partition(b"\r\n\r\n")[2]))
    except (OSError, ValueError):
        return None


def _beats(worker: str) -> bool:
    facts = ask(WEB)
    # When the web server is away, that is not this container's fault.
    return facts is None or not any(str(reason).startswith(f"{worker}:") for reason in facts.get("reasons", []))


def _listens(place: str) -> bool:
    host, _, port = place.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=SECONDS).close()
    except OSError:
        return False
    return True


def _runs(name: str) -> bool:
    lines = (file.read_bytes() for file in Path("/proc").glob("[0-9]*/cmdline"))
    return any(name.encode() in line and b"helpdesk.probe" not in line for line in lines)


if __name__ == "__main__":
    sys.exit(0 if main(sys.argv[1:]) else 1)
