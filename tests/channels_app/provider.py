"""A provider on loopback for tests: it speaks HTTP, remembers what it was asked and fails when it is told to.

What a kind of provider answers stands in tests/channels_app/<kind>/counterpart.py, written from the providers'
documentation and apart from the adapters.
"""

import json
import socket
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HANG_UP = -1


@dataclass(frozen=True)
class Call:
    """One request."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """One answer. status HANG_UP: the request is dealt with, and the line is cut before any answer."""

    status: int = 200
    body: object = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


class Counterpart:
    """What every provider has. faults: answers to the next calls in place of the right ones; None lets one pass."""

    def __init__(self) -> None:
        self.port = 0
        self.calls: list[Call] = []
        self.faults: deque[Reply | None] = deque()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def handle(self, call: Call) -> Reply:
        """Answer as the provider would."""
        raise NotImplementedError

    def answer(self, call: Call) -> Reply:
        self.calls.append(call)
        fault = self.faults.popleft() if self.faults else None
        if fault is not None and fault.status != HANG_UP:
            return fault
        reply = self.handle(call)
        return fault or reply


@contextmanager
def serving(counterpart: Counterpart) -> Iterator[None]:
    """Let a counterpart answer on a free port."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            reply = counterpart.answer(Call(self.command, self.path, headers, body))
            if reply.status == HANG_UP:
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(reply.content)))
            self.end_headers()
            self.wfile.write(reply.content)

        do_GET = do_PUT = do_DELETE = do_POST

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """Say nothing of a line that was cut."""

    with Server(("127.0.0.1", 0), Handler) as server:
        counterpart.port = server.server_port
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield
        server.shutdown()
