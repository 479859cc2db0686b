"""Health checks of containers: `python -m helpdesk.probe http | worker | sender | process NAME | tcp HOST:PORT`.

Exits 0 or 1. Needs no Django, so that a check every few seconds costs little.
"""

import http.client
import json
import os
import socket
import sys
from pathlib import Path

SECONDS = 4
WORKER_LIMIT_SECONDS = 60


def main(arguments: list[str]) -> bool:
    """Ask what the arguments say; the web server is asked when they say nothing."""
    what, *rest = arguments or ["http"]
    if what == "process":
        return _runs(rest[0])
    if what == "tcp":
        return _listens(rest[0])
    if what == "http":
        return _answers("127.0.0.1:8000", "/healthz") is not None
    return _beats(what)


def _answers(place: str, path: str) -> "dict[str, object] | None":
    link = http.client.HTTPConnection(place, timeout=SECONDS)
    # A host the desk answers for; a health check from inside has no other.
    host = (os.environ.get("ALLOWED_HOSTS") or "localhost").split(",")[0].strip()
    try:
        link.request("GET", path, headers={"Host": host})
        facts = json.loads(link.getresponse().read())
    except (OSError, ValueError, http.client.HTTPException):
        return None
    return dict(facts)


def _beats(worker: str) -> bool:
    facts = _answers(f"{os.environ.get('WEB_HOST', 'web')}:8000", "/healthz")
    # When the web server is away, that is not this container's fault.
    return facts is None or not any(str(reason).startswith(f"{worker}:") for reason in facts.get("reasons", []))  # type: ignore[attr-defined]


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
