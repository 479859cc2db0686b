"""Comparing what a provider signed with what came, in constant time; two secrets may be valid at once."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterable
from typing import Any

from django.http import HttpRequest

from helpdesk.lib.inbound import InvalidSignature

NOT_SIGNED = "The signature does not fit."


def hex_of(secret: str, body: bytes) -> str:
    """Return HMAC-SHA256 as hexadecimal."""
    return hmac.digest(secret.encode(), body, hashlib.sha256).hex()


def base64_of(secret: str, body: bytes) -> str:
    """Return HMAC-SHA256 as base64."""
    return base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()


def itself(secret: str, body: bytes) -> str:
    """Return the secret: some providers only repeat it."""
    return secret


def secrets_of(config: dict[str, Any], *names: str) -> list[str]:
    """Return the secrets that a configuration holds under these names."""
    return [secret for name in names if (secret := str(config.get(name) or ""))]


def check(given: str, request: HttpRequest, secrets: Iterable[str], sign: Callable[[str, bytes], str]) -> None:
    """Raise InvalidSignature unless one of the secrets signed these bytes.

    A header that came twice is one text with a comma, which no signature has.
    """
    if not given:
        raise InvalidSignature(NOT_SIGNED)
    found, body = given.encode("utf-8", "surrogateescape"), request.body
    fits = [hmac.compare_digest(sign(secret, body).encode(), found) for secret in secrets]
    if not any(fits):
        raise InvalidSignature(NOT_SIGNED)
