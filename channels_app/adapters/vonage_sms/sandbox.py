"""Plays Vonage: its calls with its signatures, and its answers. Written as Vonage sees it, apart from the adapter."""

import base64
import hashlib
import hmac
import json
import secrets
import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from channels_app.adapters._sandbox import Played, PlayedMessage, Simulator, Webhook
from helpdesk.lib import clock
from helpdesk.lib.events import Event, EventKind
from helpdesk.lib.http import Answer, Ask

if TYPE_CHECKING:
    from channels_app.models import Channel

JSON = {"content-type": "application/json"}
# Of the SMS API: its status and its words; of the Messages API: HTTP status, code and title.
SMS_FAULTS = {
    "throttled": ("1", "Throughput Rate Exceeded - please wait [ 1000 ms] and retry"),
    "provider_error": ("5", "Internal Error"),
    "credentials": ("4", "Invalid credentials"),
    "rejected_recipient": ("7", "Number barred"),
    "account": ("9", "Partner quota violation"),
}
FAULTS = {
    "throttled": (429, "1000", "Throttled"),
    "provider_error": (503, "1030", "Internal error"),
    "credentials": (401, "unauthorized", "You did not provide correct credentials."),
    "rejected_recipient": (422, "1050", "Number barred"),
    "account": (402, "1070", "Partner quota exceeded"),
}
DIGESTS = {"md5": hashlib.md5, "sha1": hashlib.sha1, "sha256": hashlib.sha256, "sha512": hashlib.sha512}
DOCS = "https://developer.vonage.com/api-errors/messages#"


class VonageSimulator(Simulator):
    """A number's customers, and Vonage between them and us."""

    kinds = ("message",)
    faults = tuple(SMS_FAULTS)
    statuses = ("delivered",)
    files = ("image", "video", "file")

    def webhook(self, channel: "Channel", event: Event) -> Webhook:
        """Write an event as the chosen interface would. Raises ValueError."""
        if event.kind not in {EventKind.MESSAGE, EventKind.STATUS}:
            raise ValueError(f"Vonage has no {event.kind.value}.")
        if _is_messages(channel):
            given = _message_status(event) if event.kind == EventKind.STATUS else _message(channel, event)
            body = json.dumps(given).encode()
            return Webhook(body, {**JSON, "authorization": f"Bearer {_token(channel, body)}"})
        given = _receipt(event) if event.kind == EventKind.STATUS else _sms(channel, event)
        given |= {"timestamp": str(int(clock.real().timestamp())), "nonce": secrets.token_hex(8)}
        return Webhook(json.dumps({**given, "sig": _signature(channel, given)}).encode(), JSON)

    def answer(self, channel: "Channel", ask: Ask, fault: str = "") -> Played:
        """Answer a request of the adapter's."""
        path = urlsplit(ask.url).path
        if path.endswith("/sms/json"):
            return _sms_answer({name: values[0] for name, values in parse_qs(ask.body.decode()).items()}, fault)
        if fault:
            return Played(_error(*FAULTS.get(fault, FAULTS["provider_error"])))
        if path.endswith("/v1/messages"):
            return _message_answer(json.loads(ask.body))
        return Played(Answer(200, JSON, json.dumps(_known(channel, path)).encode()))


def _is_messages(channel: "Channel") -> bool:
    return channel.config.get("interface") == "messages"


def _sms(channel: "Channel", event: Event) -> dict[str, str]:
    if event.files:
        raise ValueError("The SMS API carries no files.")
    return {
        "msisdn": _number(event.sender_id),
        "to": str(channel.config.get("address", "")).lstrip("+"),
        "messageId": event.message_id or secrets.token_hex(8).upper(),
        "text": event.text,
        "type": "unicode",
        "keyword": event.text.partition(" ")[0].upper(),
        "message-timestamp": f"{clock.now():%Y-%m-%d %H:%M:%S}",
    }


def _receipt(event: Event) -> dict[str, str]:
    return {
        "msisdn": _number(event.recipient_id),
        "messageId": event.target_id,
        "status": event.status,
        "err-code": event.error_code or ("1" if event.status == "failed" else "0"),
        "scts": f"{clock.now():%y%m%d%H%M}",
        "message-timestamp": f"{clock.now():%Y-%m-%d %H:%M:%S}",
        "client-ref": str(event.details.get("piece_key", "")),
    }


def _message(channel: "Channel", event: Event) -> dict[str, Any]:
    said: dict[str, Any] = {
        "message_uuid": event.message_id or str(uuid.uuid4()),
        "channel": "mms" if event.files else "sms",
        "from": _number(event.sender_id),
        "to": str(channel.config.get("address", "")).lstrip("+"),
        "timestamp": clock.now().isoformat(),
    }
    if not event.files:
        return {**said, "message_type": "text", "text": event.text}
    file = event.files[0]
    sort = file.type if file.type in {"image", "audio", "video"} else "file"
    return {**said, "message_type": sort, sort: {"url": file.url, "name": file.name, "caption": event.text}}


def _message_status(event: Event) -> dict[str, Any]:
    said: dict[str, Any] = {
        "message_uuid": event.target_id,
        "channel": "sms",
        "to": _number(event.recipient_id),
        "timestamp": clock.now().isoformat(),
        "status": "undeliverable" if event.status == "failed" else event.status,
        "client_ref": str(event.details.get("piece_key", "")),
    }
    code = event.error_code or "1260"
    error = {"type": f"{DOCS}{code}", "title": code, "detail": "Destination unreachable"}
    return {**said, "error": error} if event.status == "failed" else said


def _signature(channel: "Channel", given: dict[str, str]) -> str:
    secret = str(channel.config.get("signature_secret", ""))
    method = str(channel.config.get("signature_method") or "sha256")
    plain = {name: value.translate(str.maketrans("&=", "__")) for name, value in given.items()}
    said = "".join(f"&{name}={value}" for name, value in sorted(plain.items()))
    if method == "md5hash":
        return hashlib.md5((said + secret).encode(), usedforsecurity=False).hexdigest()
    return hmac.new(secret.encode(), said.encode(), DIGESTS[method]).hexdigest()


def _token(channel: "Channel", body: bytes) -> str:
    now = int(clock.real().timestamp())
    claims = {"iat": now, "exp": now + 60, "jti": str(uuid.uuid4()), "iss": "Vonage",
              "payload_hash": hashlib.sha256(body).hexdigest(), "api_key": channel.config.get("api_key")}  # fmt: skip
    said = ".".join(_packed(json.dumps(one).encode()) for one in ({"alg": "HS256", "typ": "JWT"}, claims))
    secret = str(channel.config.get("signature_secret", ""))
    return f"{said}.{_packed(hmac.digest(secret.encode(), said.encode(), hashlib.sha256))}"


def _packed(given: bytes) -> str:
    return base64.urlsafe_b64encode(given).decode().rstrip("=")


def _sms_answer(given: dict[str, str], fault: str) -> Played:
    if fault or not given.get("api_secret"):
        status, words = SMS_FAULTS.get(fault, SMS_FAULTS["credentials"])
        return Played(_parts([{"status": status, "error-text": words}]))
    if not given.get("to") or not given.get("text"):
        return Played(_parts([{"status": "2", "error-text": "Missing params"}]))
    name = secrets.token_hex(8).upper()
    row = {"to": given["to"], "message-id": name, "status": "0", "remaining-balance": "9.9", "network": "22610"}
    return Played(_parts([row]), (PlayedMessage(name, f"+{given['to']}", given["text"]),))


def _message_answer(given: dict[str, Any]) -> Played:
    name, sort = str(uuid.uuid4()), str(given.get("message_type"))
    if not given.get("to") or not given.get(sort):
        return Played(_error(422, "1150", "Invalid parameters"))
    shown = given[sort] if isinstance(given[sort], dict) else {}
    text = str(given["text"] if sort == "text" else shown.get("caption", ""))
    sent = PlayedMessage(name, f"+{given['to']}", text, {"media": shown["url"]} if shown.get("url") else {})
    return Played(Answer(202, JSON, json.dumps({"message_uuid": name}).encode()), (sent,))


def _known(channel: "Channel", path: str) -> dict[str, Any]:
    number = str(channel.config.get("address", "")).lstrip("+")
    if path.endswith("/account/numbers"):
        return {"count": 1, "numbers": [{"country": "RO", "msisdn": number, "type": "mobile-lvn"}]}
    return {"value": 9.9, "autoReload": False} if path.endswith("/get-balance") else {"error-code": "200"}


def _parts(rows: list[dict[str, str]]) -> Answer:
    return Answer(200, JSON, json.dumps({"message-count": str(len(rows)), "messages": rows}).encode())


def _error(status: int, code: str, words: str) -> Answer:
    said = {"type": f"{DOCS}{code}", "title": code, "detail": words, "instance": secrets.token_hex(8)}
    return Answer(status, {**JSON, "retry-after": "2"} if status == 429 else JSON, json.dumps(said).encode())


def _number(written: str) -> str:
    """Spell a number as Vonage does, without a plus and without blanks; a name stays as it is."""
    digits = "".join(sign for sign in written if sign not in "+ -()/.")
    return digits if digits.isdigit() else written


simulator = VonageSimulator()
