"""Plays Viber: its callbacks with its signature, and its answers, which are all 200. Written as Viber sees it."""

import hashlib
import hmac
import json
import secrets
from typing import TYPE_CHECKING, Any

from channels_app.adapters._sandbox import Played, PlayedMessage, Simulator, Webhook
from helpdesk.lib import clock
from helpdesk.lib.events import Event, EventFile, EventKind
from helpdesk.lib.http import Answer, Ask

if TYPE_CHECKING:
    from channels_app.models import Channel

Json = dict[str, Any]

TEXT_MAX, NAME_MAX = 7000, 28
FAULTS = {
    "throttled": (12, "tooManyRequests"),
    "credentials": (2, "invalidAuthToken"),
    "rejected_recipient": (5, "receiverNotRegistered"),
    "opted_out": (6, "receiverNotSubscribed"),
}
EVENTS = {EventKind.FOLLOW: "subscribed", EventKind.CONVERSATION_STARTED: "conversation_started"}


class ViberSimulator(Simulator):
    """People who write to a bot, and Viber between them and us."""

    kinds = ("message", "follow", "opt_out", "conversation_started")
    faults = (*FAULTS, "provider_error")
    statuses = ("delivered", "seen")
    files = ("image", "video", "file", "sticker", "location", "contact")

    def webhook(self, channel: "Channel", event: Event) -> Webhook:
        """Write an event as Viber's callback. Raises ValueError."""
        at = round((event.occurred_at or clock.now()).timestamp() * 1000)
        body = json.dumps(
            {**_content(event), "timestamp": at, "chat_hostname": "SN-SANDBOX"}, ensure_ascii=False
        ).encode()
        signature = hmac.new(str(channel.config.get("token", "")).encode(), body, hashlib.sha256).hexdigest()
        return Webhook(body, {"content-type": "application/json", "X-Viber-Content-Signature": signature})

    def answer(self, channel: "Channel", ask: Ask, fault: str = "") -> Played:
        """Answer a call."""
        if fault == "provider_error":
            return Played(Answer(503, {}, b""))
        if fault:
            return Played(_told(*FAULTS.get(fault, (3, "badData"))))
        method, given = ask.url.rpartition("/")[2], json.loads(ask.body)
        if method == "send_message":
            return _taken(given)
        if method == "get_user_details":
            user = {"id": given.get("id"), "name": "Ada Example", "language": "en", "country": "IT"}
            return Played(_told(0, "ok", user=user))
        return Played(
            _told(0, "ok", id="pa:1", name="Sandbox", uri="sandbox", event_types=given.get("event_types", []))
        )


def _content(event: Event) -> Json:
    token = {"message_token": int(event.message_id) if event.message_id.isdigit() else secrets.randbelow(2**62)}
    if event.kind == EventKind.STATUS:
        failed = {"desc": event.error or "The message could not be delivered."} if event.status == "failed" else {}
        name = {"message_token": int(event.target_id) if event.target_id.isdigit() else event.target_id}
        return {"event": event.status, **name, "user_id": event.recipient_id, **failed}
    if event.kind == EventKind.OPT_OUT:
        return {"event": "unsubscribed", "user_id": event.sender_id, **token}
    who = {
        "id": event.sender_id,
        "name": event.sender_name or "Guest",
        "language": "en",
        "country": "IT",
        "api_version": 10,
    }
    if event.kind in EVENTS:
        more = {"type": "open", "context": event.ref, "subscribed": False} if event.kind != EventKind.FOLLOW else {}
        return {"event": EVENTS[event.kind], "user": who, **token, **more}
    if event.kind == EventKind.MESSAGE:
        file = next(iter(event.files), None)
        message = _file(file, event.text) if file else {"type": "text", "text": event.text}
        return {"event": "message", "sender": who, **token, "message": message, "silent": False}
    raise ValueError(f"Viber has no {event.kind.value}.")


def _file(file: EventFile, text: str) -> Json:
    if file.type == "location":
        return {"type": "location", "location": {"lat": file.lat, "lon": file.lng}}
    if file.type == "contact":
        return {"type": "contact", "contact": {"name": file.name, "phone_number": next(iter(file.phones), "")}}
    if file.type == "sticker":
        return {"type": "sticker", "sticker_id": 40100, "media": file.url}
    if file.type == "image":
        return {"type": "picture", "text": text, "media": file.url, "thumbnail": file.url, "file_name": file.name}
    kind = "video" if file.type == "video" else "file"
    return {"type": kind, "media": file.url, "file_name": file.name, "file_size": file.size_bytes or 1, "text": text}


def _taken(given: Json) -> Played:
    """Take a message, or refuse it."""
    name, text, kind = str(given.get("sender", {}).get("name", "")), str(given.get("text", "")), given.get("type")
    if not 1 <= len(name) <= NAME_MAX or len(text) > TEXT_MAX:
        return Played(_told(3, "badData"))
    if not given.get("receiver") or not (text if kind == "text" else given.get("media")):
        return Played(_told(4, "missingData"))
    token = secrets.randbelow(2**62)
    shown = ("type", "media", "file_name", "keyboard", "sender")
    details: Json = {field: given[field] for field in shown if field in given}
    message = PlayedMessage(str(token), str(given["receiver"]), text, details)
    return Played(_told(0, "ok", message_token=token, chat_hostname="SN-SANDBOX", billing_status=1), (message,))


def _told(status: int, message: str, **more: Any) -> Answer:
    body = json.dumps({"status": status, "status_message": message, **more}).encode()
    return Answer(200, {"content-type": "application/json"}, body)


simulator = ViberSimulator()
