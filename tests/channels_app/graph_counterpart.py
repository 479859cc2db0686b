"""Meta's Graph API as its documentation tells it, on loopback: tokens, proofs, versions, errors, limits and faults.

Written from the documentation (read 2026-11) apart from what speaks to it. The products are in <kind>/counterpart.py.
"""

import email
import email.policy
import hashlib
import hmac
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.channels_app.meta import SECRET, TOKEN

Json = dict[str, Any]
Told = tuple[int, Json | bytes]


@dataclass
class Asked:
    """A request as it came. fields: of JSON or of a form; files: by the name of their field."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    fields: Json = field(default_factory=dict)
    files: dict[str, tuple[str, str, bytes]] = field(default_factory=dict)


@dataclass
class Counterpart:
    """One product of the API. faults: answered first, one after another; swallows: takes it and says nothing."""

    token: str = TOKEN
    secret: str = SECRET
    port: int = 0
    asked: list[Asked] = field(default_factory=list)
    faults: list[tuple[int, Json, dict[str, str]]] = field(default_factory=list)
    swallows: bool = False
    # Sends that are left until the limit says stop; None: no limit.
    left: int | None = None
    sent: list[Json] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def fail(self, code: int, subcode: int = 0, *, status: int = 400, **headers: str) -> None:
        """Answer the next request with one of Meta's errors."""
        self.faults.append(
            (status, trouble(code, subcode), {name.replace("_", "-"): value for name, value in headers.items()})
        )

    def answer(self, asked: Asked) -> Told:
        """Check what every request needs, then let the product answer."""
        found = re.fullmatch(r"/v\d+\.\d+/(.+)", asked.path)
        if found is None:
            return self.unversioned(asked)
        if asked.headers.get("authorization") != f"Bearer {self.token}":
            return 401, trouble(190, 463)
        proof = hmac.new(self.secret.encode(), self.token.encode(), hashlib.sha256).hexdigest()
        if asked.query.get("appsecret_proof", proof) != proof:
            return 400, trouble(100)
        if self.left is not None and asked.method == "POST":
            self.left -= 1
            if self.left < 0:
                return 400, trouble(self.limit_code())
        return self.product(asked, found.group(1))

    def unversioned(self, asked: Asked) -> Told:
        return 404, trouble(2500)

    def limit_code(self) -> int:
        return 4

    def product(self, asked: Asked, path: str) -> Told:
        raise NotImplementedError


def trouble(code: int, subcode: int = 0) -> Json:
    """Write an error as Meta does."""
    inner: Json = {"message": f"(#{code}) Something", "type": "OAuthException", "code": code, "fbtrace_id": "AbC123"}
    return {"error": inner | ({"error_subcode": subcode} if subcode else {})}


@contextmanager
def speaking(counterpart: Counterpart, settings: Any) -> Iterator[Counterpart]:
    """Let it listen on loopback, and let the desk reach it."""

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            asked = _read(self)
            counterpart.asked.append(asked)
            if counterpart.faults:
                status, given, headers = counterpart.faults.pop(0)
                return self.tell(status, given, headers)
            status, told = counterpart.answer(asked)
            if counterpart.swallows and status == 200 and asked.method == "POST":
                self.close_connection = True
                return None
            return self.tell(status, told, {})

        do_GET = do_POST = do_DELETE = handle_any

        def tell(self, status: int, told: Json | bytes, headers: dict[str, str]) -> None:
            body = told if isinstance(told, bytes) else json.dumps(told).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-type", "image/png" if isinstance(told, bytes) else "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        counterpart.port = server.server_port
        settings.PRIVATE_HOSTS_ALLOWED = [*settings.PRIVATE_HOSTS_ALLOWED, f"127.0.0.1:{counterpart.port}"]
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield counterpart
        server.shutdown()


def _read(handler: BaseHTTPRequestHandler) -> Asked:
    parts = urlsplit(handler.path)
    headers = {name.lower(): value for name, value in handler.headers.items()}
    body = handler.rfile.read(int(headers.get("content-length", 0)))
    asked = Asked(str(handler.command), parts.path, dict(parse_qsl(parts.query)), headers, body)
    kind = headers.get("content-type", "")
    if kind.startswith("application/json") and body:
        asked.fields = json.loads(body)
    elif kind.startswith("multipart/form-data"):
        _read_form(asked, kind)
    return asked


def _read_form(asked: Asked, kind: str) -> None:
    whole = f"content-type: {kind}\r\n\r\n".encode() + asked.body
    for part in email.message_from_bytes(whole, policy=email.policy.HTTP).iter_parts():  # type: ignore[attr-defined]
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if part.get_filename():
            asked.files[name] = (part.get_filename(), part.get_content_type(), content)
        else:
            written = content.decode()
            asked.fields[name] = json.loads(written) if written[:1] in "{[" else written
