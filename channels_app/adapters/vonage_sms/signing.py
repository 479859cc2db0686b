"""How Vonage signs its calls: `sig` over the fields (SMS API), a token over the body (Messages API). Read 2026-11."""

import base64
import hashlib
import hmac
import json
from typing import Any

from django.http import HttpRequest

from channels_app.adapters._sms.reading import pairs, text
from helpdesk.lib import clock
from helpdesk.lib.inbound import InvalidSignature, Malformed

SKEW_SECONDS = 300
PLAIN = "md5hash"
METHODS = {
    PLAIN: hashlib.md5,
    "md5": hashlib.md5,
    "sha1": hashlib.sha1,
    "sha256": hashlib.sha256,
    "sha512": hashlib.sha512,
}
# The smallest body that is more than a claim that nothing came.
TOKEN_MAX = 8_000


def verify(request: HttpRequest, *, secrets: list[str], method: str) -> None:
    """Raise InvalidSignature unless Vonage signed the call with one of the secrets, and did so just now.

    A call that is repeated word for word has the same body, so it is a copy of the first and changes nothing.
    """
    known = [one for one in secrets if one]
    if not known:
        raise InvalidSignature("There is no secret that a signature could be by.")
    body = request.body
    given = request.headers.get("Authorization", "")
    if given.startswith("Bearer "):
        _verify_token(given.removeprefix("Bearer ").strip(), body, known)
        return
    fields = _fields(request, body)
    written = text(fields.get("timestamp"), 20)
    if not written.isdecimal() or abs(clock.real().timestamp() - int(written)) > SKEW_SECONDS:
        raise InvalidSignature("Vonage signed this too long ago, or does not say when.")
    found = text(fields.pop("sig", ""), 200).lower().encode("utf-8", "replace")
    good = [sign(fields, one, method).encode() for one in known]
    if not any(hmac.compare_digest(one, found) for one in good):
        raise InvalidSignature("The signature of Vonage does not fit.")


def sign(fields: dict[str, Any], secret: str, method: str) -> str:
    """Return the signature over fields: sorted, and without the signs that separate them."""
    # As they were written, with whatever no database would keep.
    spelled = {name: _spelled(value) for name, value in fields.items() if name != "sig"}
    said = "".join(f"&{name}={_plain(spelled[name])}" for name in sorted(spelled)).encode("utf-8", "replace")
    if method == PLAIN:
        return hashlib.md5(said + secret.encode(), usedforsecurity=False).hexdigest()
    return hmac.new(secret.encode(), said, METHODS[method]).hexdigest()


def token(claims: dict[str, Any], secret: str) -> str:
    """Return a JSON web token, HS256."""
    head = {"alg": "HS256", "typ": "JWT"}
    said = b".".join(_packed(json.dumps(one, separators=(",", ":")).encode()) for one in (head, claims))
    return (said + b"." + _packed(hmac.digest(secret.encode(), said, hashlib.sha256))).decode()


def _verify_token(written: str, body: bytes, secrets: list[str]) -> None:
    said, _, signature = written[:TOKEN_MAX].encode("utf-8", "replace").rpartition(b".")
    good = [_packed(hmac.digest(one.encode(), said, hashlib.sha256)) for one in secrets]
    if not any(hmac.compare_digest(one, signature) for one in good):
        raise InvalidSignature("The signature of Vonage does not fit.")
    head, claims = (_unpacked(one) for one in (*said.split(b"."), b"", b"")[:2])
    if head.get("alg") != "HS256":
        raise InvalidSignature("Vonage signs with HS256 only.")
    now, issued, ends = clock.real().timestamp(), claims.get("iat"), claims.get("exp")
    if not isinstance(issued, int | float) or abs(now - issued) > SKEW_SECONDS:
        raise InvalidSignature("Vonage signed this too long ago, or does not say when.")
    if ends is not None and not (isinstance(ends, int | float) and now < ends + SKEW_SECONDS):
        raise InvalidSignature("What Vonage signed is no longer valid.")
    found = text(claims.get("payload_hash")).lower().encode("utf-8", "replace")
    if body and not hmac.compare_digest(found, hashlib.sha256(body).hexdigest().encode()):
        raise InvalidSignature("The body is not the one that was signed.")


def _fields(request: HttpRequest, body: bytes) -> dict[str, Any]:
    """Return what is signed: the fields of a form, a query or a JSON object."""
    try:
        if "json" in request.headers.get("Content-Type", "") and body:
            given = json.loads(body)
            return dict(given) if isinstance(given, dict) else {}
        return dict(pairs(body or request.META.get("QUERY_STRING", "").encode()))
    except (ValueError, RecursionError, Malformed):
        raise InvalidSignature("The body cannot be read.") from None


def _spelled(value: object) -> str:
    return json.dumps(value) if isinstance(value, bool | dict | list) or value is None else str(value)


def _plain(value: str) -> str:
    return value.replace("&", "_").replace("=", "_")


def _packed(given: bytes) -> bytes:
    return base64.urlsafe_b64encode(given).rstrip(b"=")


def _unpacked(given: bytes) -> dict[str, Any]:
    try:
        found = json.loads(base64.urlsafe_b64decode(given + b"=" * (-len(given) % 4)))
    except (ValueError, RecursionError):
        raise InvalidSignature("The token cannot be read.") from None
    return found if isinstance(found, dict) else {}
