"""How providers sign their calls, written from their documentation and apart from the adapters (read 2026-11)."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode

SECRET = "a-long-secret-of-the-tests-1234567890"


@dataclass(frozen=True, slots=True)
class Signed:
    """A call as it goes over the wire. query: what follows the question mark."""

    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    query: str = ""


Sign = Callable[[bytes, str, str], Signed]


def meta(body: bytes, secret: str, url: str) -> Signed:
    """X-Hub-Signature-256 over the raw body with the app secret."""
    return Signed(body, {"X-Hub-Signature-256": f"sha256={_hmac(secret, body, 'sha256').hex()}"})


def telegram(body: bytes, secret: str, url: str) -> Signed:
    """The secret itself, in a header."""
    return Signed(body, {"X-Telegram-Bot-Api-Secret-Token": secret})


def line(body: bytes, secret: str, url: str) -> Signed:
    """Base64 of an HMAC over the raw body with the channel secret."""
    return Signed(body, {"X-Line-Signature": base64.b64encode(_hmac(secret, body, "sha256")).decode()})


def viber(body: bytes, secret: str, url: str) -> Signed:
    """Hexadecimal HMAC over the raw body with the auth token."""
    return Signed(body, {"X-Viber-Content-Signature": _hmac(secret, body, "sha256").hex()})


def twilio(body: bytes, secret: str, url: str) -> Signed:
    """HMAC-SHA1 over the address and the sorted parameters."""
    names: dict[str, set[str]] = {}
    for name, value in parse_qsl(body.decode(), keep_blank_values=True):
        names.setdefault(name, set()).add(value)
    text = url + "".join(f"{name}{value}" for name in sorted(names) for value in sorted(names[name]))
    return Signed(body, {"X-Twilio-Signature": base64.b64encode(_hmac(secret, text.encode(), "sha1")).decode()})


def vonage(body: bytes, secret: str, url: str) -> Signed:
    """SMS: a `sig` among the parameters. Messages: a token that holds the body's hash."""
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict) or "message_uuid" in given:
        now = int(time.time())
        claims = {"iat": now, "jti": hashlib.sha256(body).hexdigest(), "payload_hash": hashlib.sha256(body).hexdigest()}
        return Signed(body, {"Authorization": f"Bearer {_token(claims, secret)}"})
    params = {**{name: value for name, value in given.items() if name != "sig"}, "timestamp": str(int(time.time()))}
    text = "".join(f"&{name}={_vonage_value(params[name])}" for name in sorted(params))
    signature = _hmac(secret, text.encode("utf-8", "replace"), "sha256").hex()
    return Signed(json.dumps({**params, "sig": signature}).encode())


def form(fields: dict[str, str]) -> bytes:
    """Write parameters as a form."""
    return urlencode(fields).encode()


def _token(claims: dict[str, object], secret: str) -> str:
    """A JSON web token, HS256 (RFC 7519)."""
    parts = [{"alg": "HS256", "typ": "JWT"}, claims]
    said = ".".join(_url64(json.dumps(part).encode()) for part in parts)
    return f"{said}.{_url64(_hmac(secret, said.encode(), 'sha256'))}"


def _url64(given: bytes) -> str:
    return base64.urlsafe_b64encode(given).decode().rstrip("=")


def _vonage_value(value: object) -> str:
    return str(value).encode("utf-8", "replace").decode().replace("&", "_").replace("=", "_")


def _hmac(secret: str, message: bytes, algorithm: str) -> bytes:
    return hmac.new(secret.encode(), message, algorithm).digest()


SIGNS: dict[str, Sign] = {
    "whatsapp": meta,
    "messenger": meta,
    "instagram": meta,
    "telegram": telegram,
    "line": line,
    "viber": viber,
    "twilio_sms": twilio,
    "vonage_sms": vonage,
}
