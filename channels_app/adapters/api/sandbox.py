"""Plays the other system of an API channel. Written as docs/api-channel.md tells it, apart from the adapter."""

import hashlib
import hmac
import json
import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from channels_app.adapters._sandbox import Played, PlayedMessage, Simulator, Webhook
from helpdesk.lib import clock
from helpdesk.lib.events import Event, EventKind
from helpdesk.lib.http import Answer, Ask

if TYPE_CHECKING:
    from channels_app.models import Channel

JSON = {"content-type": "application/json"}
FAULTS = {
    "throttled": 429,
    "provider_error": 503,
    "credentials": 401,
    "rejected_recipient": 404,
    "rejected_content": 422,
}


class ApiSimulator(Simulator):
    """The other system and its people."""

    kinds = ("message", "edit", "delete", "reaction", "typing")
    faults = tuple(FAULTS)
    statuses = ("delivered", "read")
    files = ("image", "voice", "video", "file", "sticker")

    def webhook(self, channel: "Channel", event: Event) -> Webhook:
        """Write an event as the other system's call, signed. Raises ValueError."""
        method, path, given = _call(event)
        body = json.dumps(given).encode() if given else b""
        at = int(clock.real().timestamp())
        secret = str(channel.config.get("secret", "")).encode()
        mac = hmac.digest(secret, f"{at}.".encode() + body, hashlib.sha256).hex()
        headers = {**JSON, "x-signature": f"t={at},v1={mac}", "idempotency-key": secrets.token_hex(8)}
        return Webhook(body, headers, method, path)

    def answer(self, channel: "Channel", ask: Ask, fault: str = "") -> Played:
        """Answer a call of the desk's."""
        if fault:
            return Played(_answer(FAULTS.get(fault, 503), {"error": fault}))
        given = json.loads(ask.body)
        if given.get("type") != "message":
            return Played(_answer(200, {}))
        said = given["message"]
        name = f"theirs-{said['id']}"
        details = {"files": [one["filename"] for one in said["attachments"]]} if said["attachments"] else {}
        sent = PlayedMessage(name, said["contact"]["external_id"], said["text"], details)
        return Played(_answer(200, {"id": name}), (sent,))


def _call(event: Event) -> tuple[str, str, dict[str, Any]]:
    person = {"external_id": event.sender_id, "name": event.sender_name or None}
    at = clock.now().isoformat()
    if event.kind == EventKind.MESSAGE:
        files = [{"url": one.url, "type": _sort(one.type), "filename": one.name, "content_type": one.mime}
                 for one in event.files if one.url]  # fmt: skip
        return "POST", "messages/", {
            "external_id": event.message_id or secrets.token_hex(8), "contact": person, "text": event.text,
            "attachments": files, "reply_to": event.reply_to or None, "occurred_at": at,
        }  # fmt: skip
    about = f"messages/{quote(event.target_id, safe='')}/"
    if event.kind == EventKind.EDIT:
        return "PATCH", about, {"text": event.text, "occurred_at": at}
    if event.kind == EventKind.DELETE:
        return "DELETE", about, {}
    if event.kind == EventKind.REACTION:
        emoji = "" if event.is_removed else event.reaction
        return "POST", "events/", {"type": "reaction", "contact": person, "message_id": event.target_id, "emoji": emoji}
    if event.kind == EventKind.TYPING:
        return "POST", "events/", {"type": "typing", "contact": person}
    if event.kind == EventKind.STATUS:
        error = {"code": event.error_code or "lost", "detail": "They cannot be reached."}
        told = {"message_id": event.target_id, "status": event.status, "occurred_at": at}
        return "POST", "statuses/", {**told, "error": error} if event.status == "failed" else told
    raise ValueError(f"The API has no {event.kind.value}.")


def _sort(kind: str) -> str:
    return kind if kind in {"image", "audio", "video", "sticker"} else "file"


def _answer(status: int, given: dict[str, Any]) -> Answer:
    return Answer(status, {**JSON, "retry-after": "2"} if status == 429 else JSON, json.dumps(given).encode())


simulator = ApiSimulator()
