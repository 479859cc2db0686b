"""Plays a gateway as it was described: bodies with everything at the named places. Apart from the adapter."""

import base64
import hmac
import json
import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from channels_app.adapters._sandbox import Played, PlayedMessage, Simulator, Webhook
from helpdesk.lib import clock
from helpdesk.lib.events import Event, EventKind
from helpdesk.lib.http import Answer, Ask

if TYPE_CHECKING:
    from channels_app.models import Channel

JSON = {"content-type": "application/json"}
FAULTS = {
    "throttled": (429, "slow down"),
    "provider_error": (503, "out of order"),
    "credentials": (401, "who are you"),
}
PLACES = {"id_at": "id", "from_at": "from", "to_at": "to", "text_at": "text", "time_at": "timestamp",
          "status_at": "status", "status_id_at": "id", "status_error_at": "error", "response_id_at": "id",
          "response_error_at": "error"}  # fmt: skip


class GatewaySimulator(Simulator):
    """A number's customers, and the gateway between them and us."""

    kinds = ("message",)
    faults = tuple(FAULTS)
    statuses = ("delivered",)
    files = ()

    def webhook(self, channel: "Channel", event: Event) -> Webhook:
        """Write an event at the named places. Raises ValueError."""
        if event.kind not in {EventKind.MESSAGE, EventKind.STATUS}:
            raise ValueError(f"A gateway has no {event.kind.value}.")
        given: Any = {}
        for place, value in _values(channel, event).items():
            given = _put(given, _place(channel, place), value)
        listed = str(channel.config.get("list_at") or "")
        body = json.dumps(_put({}, listed, [given]) if listed else given, ensure_ascii=False).encode()
        return Webhook(body, {**JSON, **_told(channel.config, body)})

    def answer(self, channel: "Channel", ask: Ask, fault: str = "") -> Played:
        """Answer a request of the adapter's."""
        if fault:
            status, words = FAULTS.get(fault, FAULTS["provider_error"])
            return Played(Answer(status, JSON, json.dumps({"error": words}).encode()))
        sent = _read(channel, ask)
        name = f"g-{secrets.token_hex(8)}"
        answer = Answer(200, JSON, json.dumps(_put({}, _place(channel, "response_id_at"), name)).encode())
        return Played(answer, (PlayedMessage(name, sent.get("to", ""), sent.get("text", "")),))


def _place(channel: "Channel", name: str) -> str:
    return str(channel.config.get(name) or PLACES[name])


def _values(channel: "Channel", event: Event) -> dict[str, Any]:
    at = clock.now().isoformat()
    if event.kind == EventKind.STATUS:
        words = {ours: theirs for theirs, ours in (channel.config.get("status_words") or {}).items()}
        told = {"status_id_at": event.target_id, "status_at": words.get(event.status, event.status), "time_at": at}
        return {**told, "status_error_at": event.error_code or "1"} if event.status == "failed" else told
    return {
        "id_at": event.message_id or secrets.token_hex(8),
        "from_at": event.sender_id,
        "to_at": str(channel.config.get("address", "")),
        "text_at": event.text,
        "time_at": at,
    }


def _put(given: Any, place: str, value: Any) -> Any:
    """Write a value at a place such as data.0.text, making what is missing on the way."""
    name, _, rest = place.partition(".")
    if name.isdecimal():
        kept = list(given) if isinstance(given, list) else []
        kept += [{}] * (int(name) + 1 - len(kept))
        kept[int(name)] = _put(kept[int(name)], rest, value) if rest else value
        return kept
    known = dict(given) if isinstance(given, dict) else {}
    return {**known, name: _put(known.get(name, {}), rest, value) if rest else value}


def _told(config: dict[str, Any], body: bytes) -> dict[str, str]:
    """Return the headers by which this gateway's calls are told from others."""
    way, secret = str(config.get("auth") or "header"), str(config.get("auth_secret") or "")
    header = str(config.get("auth_header") or "X-Signature")
    if way == "basic":
        packed = base64.b64encode(f"{config.get('auth_user', '')}:{secret}".encode()).decode()
        return {"authorization": f"Basic {packed}"}
    if way == "hmac":
        digest = hmac.new(secret.encode(), body, str(config.get("auth_algorithm") or "sha256")).digest()
        written = base64.b64encode(digest).decode() if config.get("auth_encoding") == "base64" else digest.hex()
        return {header: f"{config.get('auth_prefix') or ''}{written}"}
    return {header: secret} if way == "header" else {}


def _read(channel: "Channel", ask: Ask) -> dict[str, str]:
    """Find in a request what the description put there: the values whose template is {to} and {text}."""
    try:
        given = json.loads(ask.body)
    except ValueError:
        given = dict(parse_qsl(ask.body.decode("utf-8", "replace"))) or dict(parse_qsl(urlsplit(ask.url).query))
    template = channel.config.get("body") or {"to": "{to}", "text": "{text}"}
    return _found(template, given)


def _found(template: Any, given: Any) -> dict[str, str]:
    if isinstance(template, dict) and isinstance(given, dict):
        return {name: one for key in template for name, one in _found(template[key], given.get(key)).items()}
    if isinstance(template, list) and isinstance(given, list):
        return {name: one for pair in zip(template, given, strict=False) for name, one in _found(*pair).items()}
    return {template.strip("{}"): str(given)} if template in ("{to}", "{text}") else {}


simulator = GatewaySimulator()
