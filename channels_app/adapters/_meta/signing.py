"""Proving that it is Meta who calls, and proving to Meta that the token is ours to use.

(Provider documentation, read 2026-11.) The key is the app's secret, never the access token; the bytes are signed as
they came, so they are never read and written again before.
"""

import base64
import binascii
import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse, HttpResponseForbidden

from helpdesk.lib.inbound import InvalidSignature

if TYPE_CHECKING:
    from channels_app.models import Channel

HEADER = "X-Hub-Signature-256"
# The second of each pair is the one that comes after, while a secret is being changed.
SECRETS = ("app_secret", "app_secret_next", "instagram_app_secret", "instagram_app_secret_next")
CHALLENGE_MAX = 500


def secrets_of(config: dict[str, Any]) -> list[bytes]:
    """Return every secret that may have signed, without the empty ones."""
    return [str(config[name]).encode() for name in SECRETS if config.get(name)]


def verify(request: HttpRequest, channel: "Channel") -> None:
    """Raise InvalidSignature unless the bytes are signed with one of the channel's secrets."""
    given = request.headers.get(HEADER, "")
    if not given:
        raise InvalidSignature("It is not signed.", is_missing=True)
    # Upper case, a second value behind a comma, a cut end: none of them is equal.
    good = [f"sha256={_hexadecimal(secret, request.body)}" for secret in secrets_of(channel.config)]
    if not _is_one_of(given.encode("utf-8", "replace"), [one.encode() for one in good]):
        raise InvalidSignature("The signature does not fit the bytes.")


def handshake(request: HttpRequest, channel: "Channel") -> HttpResponse | None:
    """Answer the challenge of somebody who knows the verify token; None when nobody asks."""
    if request.method != "GET":
        return None
    token = str(channel.config.get("verify_token") or "").encode()
    given = request.GET.get("hub.verify_token", "").encode("utf-8", "replace")
    is_known = bool(token) and hmac.compare_digest(token, given)
    if request.GET.get("hub.mode") != "subscribe" or not is_known:
        return HttpResponseForbidden("The token does not fit.", content_type="text/plain")
    return HttpResponse(request.GET.get("hub.challenge", "")[:CHALLENGE_MAX], content_type="text/plain")


def signed_request(written: str, config: dict[str, Any]) -> dict[str, Any]:
    """Return what a `signed_request` says: `<signature>.<payload>`, both base64url. Raises InvalidSignature.

    The signature covers the payload as it is encoded.
    """
    signature, _, payload = written.partition(".")
    if not signature or not payload:
        raise InvalidSignature("It is not signed.", is_missing=True)
    encoded = payload.encode("utf-8", "replace")
    good = [hmac.digest(secret, encoded, hashlib.sha256) for secret in secrets_of(config)]
    if not _is_one_of(_decoded(signature), good):
        raise InvalidSignature("The signature does not fit.")
    try:
        found = json.loads(_decoded(payload))
    except (ValueError, RecursionError):
        raise InvalidSignature("What is signed is no JSON.") from None
    if not isinstance(found, dict) or str(found.get("algorithm", "")).upper() != "HMAC-SHA256":
        raise InvalidSignature("It is signed in a way we do not know.")
    return found


def proof_of(token: str, secret: str) -> str:
    """Return the `appsecret_proof`: that whoever uses the token knows the app's secret."""
    return _hexadecimal(secret.encode(), token.encode())


def _is_one_of(given: bytes, good: list[bytes]) -> bool:
    # All are compared, so that the time does not tell which one fits.
    return sum(hmac.compare_digest(given, one) for one in good) > 0


def _hexadecimal(secret: bytes, body: bytes) -> str:
    return hmac.new(secret, body, hashlib.sha256).hexdigest()


def _decoded(written: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(written + "=" * (-len(written) % 4))
    except (ValueError, binascii.Error):
        return b""
