"""How both sides of the API channel sign: `X-Signature: t=<unix>,v1=<hex>`, HMAC-SHA256 over `<t>.<raw body>`."""

import hashlib
import hmac

from django.http import HttpRequest

from helpdesk.lib import clock
from helpdesk.lib.inbound import InvalidSignature

HEADER = "X-Signature"
SKEW_SECONDS = 300
SIGNATURES_MAX = 4


def verify(request: HttpRequest, secrets: list[str]) -> None:
    """Raise InvalidSignature unless a signature by one of the secrets, made just now, fits the body."""
    known = [one for one in secrets if one]
    at, given = read(request.headers.get(HEADER, ""))
    if not known or not given:
        raise InvalidSignature("It is not signed.")
    if abs(clock.real().timestamp() - at) > SKEW_SECONDS:
        raise InvalidSignature("It was signed too long ago, or the clocks differ.")
    good = [sign(one, at, request.body) for one in known]
    if not any(hmac.compare_digest(one.encode(), other) for one in good for other in given):
        raise InvalidSignature("The signature does not fit.")


def sign(secret: str, at: int, body: bytes) -> str:
    """Return the hexadecimal signature over a body at a time (seconds since 1970)."""
    return hmac.digest(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hex()


def header(secrets: list[str], body: bytes) -> str:
    """Return the header over a body, signed now with each secret: the other side may know the old one only."""
    at = int(clock.real().timestamp())
    return ",".join([f"t={at}", *(f"v1={sign(one, at, body)}" for one in secrets if one)])


def read(written: str) -> tuple[int, list[bytes]]:
    """Return the time and the signatures that a header names; (0, []) for what is none."""
    fields = [one.strip().partition("=") for one in written.split(",")]
    times = [value for name, _, value in fields if name == "t"]
    given = [value.encode("utf-8", "replace") for name, _, value in fields if name == "v1"]
    if len(times) != 1 or not (times[0].isascii() and times[0].isdigit() and len(times[0]) <= 11):
        return 0, []
    return int(times[0]), given[:SIGNATURES_MAX]
