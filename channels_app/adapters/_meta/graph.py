"""Asking the Graph API: addresses, the token, JSON and files; its errors in our words.

The token travels as a header, never in an address. `appsecret_proof` goes along where the app's secret is known.
"""

import json
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from django.utils.translation import gettext_noop as _

from channels_app import asking
from channels_app.adapters._meta import signing
from channels_app.adapters._meta.errors import Judge, error_of
from helpdesk.lib.http import Ask
from helpdesk.lib.outbound import OutboundFile, SendError

if TYPE_CHECKING:
    from channels_app.models import Channel

VERSION = "v26.0"
FACEBOOK = "https://graph.facebook.com"
INSTAGRAM = "https://graph.instagram.com"
PAGES_MAX = 50


@dataclass(frozen=True, slots=True)
class Call:
    """A request to the Graph API. what: its name for people; sends: something reaches a customer by it."""

    path: str
    what: str
    method: str = "GET"
    query: dict[str, str] = field(default_factory=dict)
    body: dict[str, Any] | None = None
    file: OutboundFile | None = None
    file_field: str = "file"
    sends: bool = False
    seconds: float = 12


class Graph:
    """One channel's way to the Graph API."""

    def __init__(self, channel: "Channel", judge: Judge) -> None:
        self.channel, self.judge = channel, judge
        self.config = channel.config
        self.token = str(self.config.get("access_token") or "")
        self.base = str(self.config.get("base_url") or FACEBOOK).rstrip("/")

    def ask(self, call: Call) -> dict[str, Any]:
        """Return an answer's object. Raises SendError, with the provider's reason in our words."""
        answer = asking.call(self.channel, self.request(call), what=call.what, sends=call.sends)
        error = error_of(answer, self.judge)
        if error is not None:
            raise error
        found = asking.json_of(answer)
        if not found and call.sends:
            # Taken, and said in a way that we cannot read: nobody may ask again.
            raise SendError("provider_error", _("Meta took it, but its answer could not be read."), maybe_sent=True)
        return found

    def request(self, call: Call) -> Ask:
        """Write a request. Raises SendError without a token."""
        if not self.token:
            raise SendError("not_configured", _("This account has no access token."), our_fault=True)
        headers, body = {"authorization": f"Bearer {self.token}"}, b""
        if call.file is not None:
            headers["content-type"], body = multipart(call.body or {}, call.file, call.file_field)
        elif call.body is not None:
            headers["content-type"] = "application/json"
            body = json.dumps(call.body, ensure_ascii=True).encode()
        return Ask(
            url=self.url(call.path, call.query),
            method=call.method,
            headers=headers,
            body=body,
            redirects_max=0,
            timeout_seconds=call.seconds,
            is_ours=True,
        )

    def url(self, path: str, query: dict[str, str]) -> str:
        """Return an address below our version of the API."""
        version = str(self.config.get("graph_version") or VERSION).strip("/")
        secret = str(self.config.get("app_secret") or "")
        # Instagram's own log-in has another app's secret; only Facebook's host asks for the proof.
        if secret and self.base != INSTAGRAM and self.config.get("login") != "instagram":
            query = {**query, "appsecret_proof": signing.proof_of(self.token, secret)}
        return f"{self.base}/{version}/{quote(path, safe='/')}{'?' + urlencode(query) if query else ''}"

    def pages(self, call: Call) -> list[dict[str, Any]]:
        """Return the rows of all pages. The cursor is taken, never the address: that might lead elsewhere."""
        rows: list[dict[str, Any]] = []
        query = dict(call.query)
        for _page in range(PAGES_MAX):
            found = self.ask(Call(call.path, call.what, query=query))
            data, paging = found.get("data"), found.get("paging")
            rows += [row for row in data if isinstance(row, dict)] if isinstance(data, list) else []
            paging = paging if isinstance(paging, dict) else {}
            cursors = paging.get("cursors")
            after = cursors.get("after") if isinstance(cursors, dict) else None
            if not paging.get("next") or not isinstance(after, str):
                break
            query["after"] = after
        return rows


def multipart(fields: dict[str, Any], file: OutboundFile, name: str) -> tuple[str, bytes]:
    """Write a form with one file: its content type and its bytes."""
    boundary = f"----{secrets.token_hex(16)}"
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{_field(value)}\r\n'.encode()
        for key, value in fields.items()
    ]
    filename = "".join("_" if sign in '"\\\r\n\0' else sign for sign in file.filename) or "file"
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
    kind = "".join(file.content_type.split()) or "application/octet-stream"
    parts.append(f"{head}Content-Type: {kind}\r\n\r\n".encode() + file.data + b"\r\n")
    return f"multipart/form-data; boundary={boundary}", b"".join(parts) + f"--{boundary}--\r\n".encode()


def _field(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=True)
