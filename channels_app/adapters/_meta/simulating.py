"""Playing Meta: its signature, its envelope for accounts, its errors and its Send API. Shared by three sandboxes.

Written as the provider sees it: nothing here knows how the adapters read or write.
"""

import email
import email.policy
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

from django.utils.translation import gettext, gettext_noop

from channels_app.adapters._sandbox import Played, PlayedMessage, Simulator, Webhook, typed_name
from channels_app.models import Channel
from helpdesk.lib import clock
from helpdesk.lib.events import Event, EventFile, EventKind
from helpdesk.lib.http import Answer, Ask

Json = dict[str, Any]
# Which secrets sign, in the order in which they are tried.
SIGNED_WITH = ("app_secret", "instagram_app_secret", "app_secret_next", "instagram_app_secret_next")
NO_SECRET = gettext_noop("Give the channel an app secret first; any word will do in a sandbox.")
NOT_TOLD = gettext_noop("Meta does not tell this.")


@dataclass(frozen=True, slots=True)
class Asked:
    """A request of the desk's, read. path: without the version; fields: of its JSON or its form; files: their names."""

    method: str
    path: str
    query: dict[str, str]
    fields: Json = field(default_factory=dict)
    files: tuple[str, ...] = ()


def read(ask: Ask) -> Asked:
    """Read what the desk asks."""
    parts = urlsplit(ask.url)
    version, _, path = parts.path.strip("/").partition("/")
    path = path if version.startswith("v") else parts.path.strip("/")
    headers = {name.lower(): value for name, value in ask.headers.items()}
    kind = headers.get("content-type", "")
    fields, files = _form(kind, ask.body) if kind.startswith("multipart/") else (_json(ask.body), ())
    return Asked(ask.method, path, dict(parse_qsl(parts.query)), fields, files)


def signed(channel: Channel, body: Json) -> Webhook:
    """Write a webhook as Meta does, non-ASCII escaped, and sign it. Raises ValueError without a secret."""
    secret = next((str(found) for name in SIGNED_WITH if (found := channel.config.get(name))), "")
    if not secret:
        raise ValueError(gettext(NO_SECRET))
    written = json.dumps(body).encode()
    mark = hmac.new(secret.encode(), written, hashlib.sha256).hexdigest()
    return Webhook(written, {"content-type": "application/json", "X-Hub-Signature-256": f"sha256={mark}"})


def told(given: Json) -> Answer:
    """Write an answer that went well."""
    return Answer(200, {"content-type": "application/json"}, json.dumps(given).encode())


def trouble(status: int, code: int, subcode: int = 0) -> Answer:
    """Write an answer that did not; who is too fast is told how long to wait."""
    inner: Json = {"message": f"(#{code}) Played by the sandbox", "type": "OAuthException", "code": code}
    inner |= {"fbtrace_id": secrets.token_hex(6)} | ({"error_subcode": subcode} if subcode else {})
    headers = {"content-type": "application/json"} | ({"retry-after": "5"} if status == 429 else {})
    return Answer(status, headers, json.dumps({"error": inner}).encode())


def seconds(at: datetime | None) -> int:
    """Return a time as whole seconds."""
    return int((at or clock.now()).timestamp())


def new_id(prefix: str) -> str:
    """Return an id that was never given before."""
    return f"{prefix}{secrets.token_hex(10)}"


class AccountSimulator(Simulator):
    """Plays a Page or an Instagram account: `messaging` items and the Send API."""

    OBJECT: ClassVar[str]
    OWN_KEY: ClassVar[str]
    COMMENTS_EDGE: ClassVar[str]
    HIDE_KEY: ClassVar[str]
    STICKER: ClassVar[str] = "sticker"
    files: tuple[str, ...] = ("image", "voice", "video", "file", "sticker", "location")
    statuses: tuple[str, ...] = ("delivered", "read")
    faults: tuple[str, ...] = ("throttled", "window_closed", "provider_error", "credentials", "rejected_recipient")
    FAULTS: ClassVar[dict[str, tuple[int, int, int]]] = {
        "throttled": (429, 613, 0),
        "window_closed": (400, 10, 2018278),
        "provider_error": (500, 2, 0),
        "credentials": (401, 190, 463),
        "rejected_recipient": (400, 551, 1545041),
    }

    def webhook(self, channel: Channel, event: Event) -> Webhook:
        """Write an event as Meta's request. Raises ValueError for what Meta does not tell."""
        own = self.own(channel)
        public = self.public(own, event)
        inner = {"changes": [public]} if public else {"messaging": [self.item(own, event)]}
        entry = {"id": own, "time": seconds(event.occurred_at) * 1000, **inner}
        return signed(channel, {"object": self.OBJECT, "entry": [entry]})

    def own(self, channel: Channel) -> str:
        """Return the account's id."""
        return str(channel.config.get(self.OWN_KEY) or "100000000000001")

    def public(self, own: str, event: Event) -> Json:
        """Write what happens in public; {} for what does not."""
        raise NotImplementedError

    def item(self, own: str, event: Event) -> Json:
        """Write one item of `messaging`. Raises ValueError."""
        is_out = event.kind == EventKind.ECHO
        person = event.recipient_id if event.direction == "out" else event.sender_id
        sides = ({"id": own}, {"id": person}) if is_out else ({"id": person}, {"id": own})
        item = {"sender": sides[0], "recipient": sides[1], "timestamp": seconds(event.occurred_at) * 1000}
        return {**item, **self.happened(event)}

    def happened(self, event: Event) -> Json:
        """Write the key that says what happened. Raises ValueError."""
        if event.kind == EventKind.STATUS:
            return self.status(event)
        if event.kind == EventKind.REACTION:
            action = "unreact" if event.is_removed else "react"
            return {
                "reaction": {"mid": event.target_id, "action": action, "emoji": event.reaction, "reaction": "other"}
            }
        if event.kind == EventKind.EDIT:
            return {"message_edit": {"mid": event.target_id, "text": event.text, "num_edit": 1}}
        if event.kind == EventKind.POSTBACK:
            return {"postback": {"mid": event.message_id, "title": event.text, "payload": event.payload}}
        if event.kind == EventKind.REFERRAL:
            return {"referral": {"ref": event.text or "sandbox", "source": "ADS", "type": "OPEN_THREAD", "ad_id": "7"}}
        if event.kind == EventKind.DELETE:
            return {"message": {"mid": event.target_id, "is_deleted": True}}
        return {"message": self.message(event)}

    def message(self, event: Event) -> Json:
        """Write a message. Raises ValueError for an event that is none."""
        message: Json = {"mid": event.message_id} | ({"text": event.text} if event.text else {})
        if event.kind == EventKind.ECHO:
            return message | {"is_echo": True, "app_id": 1}
        if event.kind == EventKind.UNSUPPORTED:
            return {"mid": event.message_id, "is_unsupported": True}
        if event.kind == EventKind.STORY_MENTION:
            return message | {"attachments": [{"type": "story_mention", "payload": {"url": event.story_url}}]}
        if event.kind != EventKind.MESSAGE:
            raise ValueError(gettext(NOT_TOLD))
        if event.files:
            message["attachments"] = [self.attachment(one) for one in event.files]
        return message | ({"reply_to": {"mid": event.reply_to}} if event.reply_to else {})

    def attachment(self, file: EventFile) -> Json:
        """Write one attachment."""
        if file.type == "location":
            return {"type": "location", "payload": {"coordinates": {"lat": file.lat, "long": file.lng}}}
        payload: Json = {"url": file.url}
        if file.type == "sticker":
            return {"type": self.STICKER, "payload": {**payload, "sticker_id": 369239263222822}}
        return {"type": file.type, "payload": payload}

    def status(self, event: Event) -> Json:
        """Write how far a message got. Raises ValueError for a word Meta does not have."""
        if event.status == "delivered":
            return {"delivery": {"mids": [event.target_id], "watermark": seconds(event.occurred_at) * 1000 + 999}}
        if event.status == "read":
            return {"read": {"watermark": seconds(event.occurred_at) * 1000 + 999}}
        raise ValueError(gettext(NOT_TOLD))

    def answer(self, channel: Channel, ask: Ask, fault: str = "") -> Played:
        """Answer a request as the Graph API would."""
        if fault:
            status, code, subcode = self.FAULTS[fault]
            return Played(trouble(status, code, subcode))
        if not ask.headers.get("authorization"):
            return Played(trouble(401, 190))
        asked = read(ask)
        name, _, edge = asked.path.partition("/")
        if edge == "messages":
            return self.sent(asked.fields, asked.files)
        if edge == self.COMMENTS_EDGE or edge == "mentions":
            return self.answered(name, asked.fields)
        if asked.method == "POST" and not edge and not isinstance(asked.fields.get(self.HIDE_KEY), bool):
            # Of a comment nothing else can be changed.
            return Played(trouble(400, 100))
        return Played(told(self.other(channel, asked)))

    def sent(self, given: Json, files: tuple[str, ...]) -> Played:
        """Take a message for a customer."""
        recipient = given.get("recipient", {})
        person = str(recipient.get("id") or recipient.get("comment_id") or "")
        if "sender_action" in given:
            return Played(told({"recipient_id": person}))
        message = given.get("message", {})
        text = str(message.get("text", ""))
        if not person or self.is_too_long(text):
            return Played(trouble(400, 100))
        name = new_id("m_sandbox_")
        details: Json = {"files": list(files), "tag": given.get("tag", ""), "comment": recipient.get("comment_id", "")}
        details["buttons"] = [one.get("title", "") for one in message.get("quick_replies", [])]
        played = PlayedMessage(name, person, text, {key: value for key, value in details.items() if value})
        known = {} if "comment_id" in recipient else {"recipient_id": person}
        return Played(told({**known, "message_id": name}), (played,))

    def is_too_long(self, text: str) -> bool:
        """Whether Meta refuses a text for its length."""
        return len(text) > 2000

    def answered(self, comment: str, given: Json) -> Played:
        """Take a public answer."""
        name = new_id(f"{comment}_")
        details = {"comment": str(given.get("comment_id") or comment), "public": True}
        return Played(told({"id": name}), (PlayedMessage(name, comment, str(given.get("message", "")), details),))

    def other(self, channel: Channel, asked: Asked) -> Json:
        """Answer what reaches nobody: names, subscriptions, hiding."""
        own = self.own(channel)
        if asked.path.startswith("refresh_access_token"):
            return {"access_token": new_id("IGAA-sandbox-"), "token_type": "bearer", "expires_in": 5184000}
        if asked.path in {own, "me"}:
            fields = asked.query.get("fields", "")
            mention = {"username": "ada.example", "text": "@us: do you open on Sunday?", "id": "1"}
            key = fields.partition(".")[0]
            return {key: mention, "id": own} if key.startswith("mentioned_") else {"id": own, "user_id": own}
        if asked.method != "GET":
            return {"success": True}
        return {"id": asked.path, **_names(typed_name(channel, asked.path), asked.query.get("fields", ""))}


def _names(name: str, fields: str) -> Json:
    """Write a typed name as it is asked for: whole, or as two names."""
    if not name or "first_name" not in fields:
        return {"name": name} if name else {}
    first, _, last = name.partition(" ")
    return {"first_name": first, "last_name": last}


def _json(body: bytes) -> Json:
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _form(kind: str, body: bytes) -> tuple[Json, tuple[str, ...]]:
    """Read a form: its fields, JSON where they hold it, and the names of its files."""
    parts = email.message_from_bytes(f"content-type: {kind}\r\n\r\n".encode() + body, policy=email.policy.HTTP)
    fields: Json = {}
    files: list[str] = []
    for part in parts.iter_parts():
        filename = part.get_filename()
        if filename:
            files.append(filename)
            continue
        written = bytes(part.get_payload(decode=True) or b"").decode("utf-8", "replace")
        name = str(part.get_param("name", header="content-disposition"))
        fields[name] = _json(written.encode()) if written.startswith("{") else written
    return fields, tuple(files)
