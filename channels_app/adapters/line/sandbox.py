"""Plays LINE: its webhooks with its signature, and its answers. Written as LINE sees it."""

import base64
import hashlib
import hmac
import json
import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from channels_app.adapters._chat import samples
from channels_app.adapters._sandbox import Played, PlayedMessage, Simulator, Webhook, typed_name
from helpdesk.lib import clock
from helpdesk.lib.events import Event, EventFile, EventKind
from helpdesk.lib.http import Answer, Ask

if TYPE_CHECKING:
    from channels_app.models import Channel

Json = dict[str, Any]

TEXT_MAX, MESSAGES_MAX = 5000, 5
SENDS = ("/v2/bot/message/reply", "/v2/bot/message/push")
FAULTS = {
    "throttled": (429, "The API rate limit has been exceeded. Try again later."),
    "provider_error": (500, "The API server is temporarily unavailable."),
    "credentials": (401, "Authentication failed. Confirm that the access token in the authorization header is valid."),
    "rejected_recipient": (400, "The property, 'to', in the request body is invalid (line: -, column: -)"),
    "opted_out": (400, "Failed to send messages"),
}
BOT = {
    "userId": "Usandbox",
    "basicId": "@sandbox",
    "displayName": "Sandbox",
    "chatMode": "bot",
    "markAsReadMode": "manual",
}


class LineSimulator(Simulator):
    """Friends of an account, and LINE between them and us."""

    kinds = ("message", "edit", "delete", "postback", "follow", "unfollow")
    faults = tuple(FAULTS)
    files = ("image", "voice", "video", "file", "sticker", "location")

    def webhook(self, channel: "Channel", event: Event) -> Webhook:
        """Write an event as LINE's request. Raises ValueError."""
        body = json.dumps({"destination": BOT["userId"], "events": [_event(event)]}).encode()
        made = hmac.digest(str(channel.config.get("channel_secret", "")).encode(), body, hashlib.sha256)
        return Webhook(body, {"content-type": "application/json", "x-line-signature": base64.b64encode(made).decode()})

    def answer(self, channel: "Channel", ask: Ask, fault: str = "") -> Played:
        """Answer a call."""
        if fault:
            return Played(_refusal(*FAULTS.get(fault, FAULTS["provider_error"])))
        path = urlsplit(ask.url).path
        if path in SENDS:
            return _taken(channel, json.loads(ask.body), ask.headers.get("x-line-retry-key", ""))
        return Played(_known(channel, path))


def _event(event: Event) -> Json:
    if event.kind.value not in LineSimulator.kinds:
        raise ValueError(f"LINE has no {event.kind.value}.")
    at = round((event.occurred_at or clock.now()).timestamp() * 1000)
    around: Json = {
        "mode": "active", "timestamp": at, "source": {"type": "user", "userId": event.sender_id},
        "webhookEventId": f"01{secrets.token_hex(12).upper()}", "deliveryContext": {"isRedelivery": False},
    }  # fmt: skip
    answered = {**around, "replyToken": secrets.token_hex(16)}
    if event.kind == EventKind.MESSAGE:
        return {**answered, "type": "message", "message": _message(event, event.message_id)}
    if event.kind == EventKind.EDIT:
        return {**around, "type": "messageEdited", "message": _message(event, event.target_id)}
    if event.kind == EventKind.DELETE:
        return {**around, "type": "unsend", "unsend": {"messageId": event.target_id}}
    if event.kind == EventKind.POSTBACK:
        return {**answered, "type": "postback", "postback": {"data": event.payload}}
    if event.kind == EventKind.FOLLOW:
        return {**answered, "type": "follow", "follow": {"isUnblocked": False}}
    return {**around, "type": "unfollow"}


def _message(event: Event, name: str) -> Json:
    found: Json = {"id": name or str(secrets.randbelow(10**18)), "markAsReadToken": secrets.token_hex(16)}
    if event.reply_to:
        found["quotedMessageId"] = event.reply_to
    file = next(iter(event.files), None)
    return {**found, **(_file(file) if file else {"type": "text", "text": event.text, "quoteToken": "q"})}


def _file(file: EventFile) -> Json:
    if file.type == "location":
        title = file.name or file.text or "Here"
        return {"type": "location", "title": title, "address": file.text, "latitude": file.lat, "longitude": file.lng}
    if file.type == "sticker":
        words = {
            "packageId": "446",
            "stickerId": "1988",
            "stickerResourceType": "STATIC",
            "keywords": ["Hello", "Smile"],
        }
        return {"type": "sticker", **words}
    if file.type == "file":
        return {"type": "file", "fileName": file.name or "page.pdf", "fileSize": len(samples.page())}
    # What somebody else keeps, for then LINE tells its address.
    is_external = {"type": "external", "originalContentUrl": file.url, "previewImageUrl": file.url}
    return {"type": file.type, "contentProvider": is_external if file.url else {"type": "line"}}


def _taken(channel: "Channel", given: Json, key: str) -> Played:
    """Take one to five messages, or refuse them; what has a key that was taken is not taken twice."""
    messages = given.get("messages")
    if not isinstance(messages, list) or not 1 <= len(messages) <= MESSAGES_MAX:
        return Played(_refusal(400, "Size must be between 1 and 5"))
    if any(len(str(one.get("text", "")).encode("utf-16-le")) // 2 > TEXT_MAX for one in messages):
        return Played(_refusal(400, "Length must be between 0 and 5000"))
    # A token does not say whose it is: the newest who wrote is who is answered.
    recipient = str(given.get("to") or _last_heard(channel))
    seed = (key or str(given.get("replyToken"))).encode()
    names = [str(int.from_bytes(hashlib.sha256(seed + bytes([place])).digest()[:7], "big"))
             for place in range(len(messages))]  # fmt: skip
    told = {"sentMessages": [{"id": name, "quoteToken": "q"} for name in names]}
    sent = (
        PlayedMessage(name, recipient, str(one.get("text", "")), one) for name, one in zip(names, messages, strict=True)
    )
    return Played(_success(told), tuple(sent))


def _last_heard(channel: "Channel") -> str:
    threads = channel.threads.exclude(last_in_at=None).order_by("-last_in_at")
    return str(threads.values_list("external_id", flat=True).first() or "")


def _known(channel: "Channel", path: str) -> Answer:
    """Answer what reaches no customer."""
    if path.endswith("/content/transcoding"):
        return _success({"status": "succeeded"})
    if path.endswith("/content"):
        return Answer(200, {"content-type": "application/pdf"}, samples.page())
    if path.endswith("/sticker.png"):
        return Answer(200, {"content-type": "image/png"}, samples.picture())
    if path == "/v2/bot/info":
        return _success(BOT)
    if path == "/v2/bot/channel/webhook/test":
        return _success({"success": True, "statusCode": 200, "reason": "OK", "detail": "200"})
    if path.startswith("/v2/bot/profile/"):
        person = path.rpartition("/")[2]
        name = typed_name(channel, person) or "Ada Example"
        return _success({"userId": person, "displayName": name, "language": "en"})
    return _success({})


def _success(told: Json) -> Answer:
    return Answer(200, {"content-type": "application/json"}, json.dumps(told).encode())


def _refusal(status: int, message: str) -> Answer:
    return Answer(status, {"content-type": "application/json"}, json.dumps({"message": message}).encode())


simulator = LineSimulator()
