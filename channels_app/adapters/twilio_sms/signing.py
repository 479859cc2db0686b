"""How Twilio signs its calls: HMAC-SHA1 over the address and all fields (its documentation of security, read 2026-11).

Twenty lines of ours: the library for it is 48 MB.
"""

import base64
import hashlib
import hmac
from urllib.parse import parse_qs, urlsplit, urlunsplit

from django.http import HttpRequest

from channels_app import addresses
from channels_app.adapters._sms.reading import pairs
from helpdesk.lib.inbound import InvalidSignature, Malformed

PORTS = {"https": 443, "http": 80}


def verify(request: HttpRequest, tokens: list[str]) -> None:
    """Raise InvalidSignature unless one of the account's tokens signed the call; an API key cannot.

    The address is the one that we gave out, with the port and without: Twilio signs now this, now that.
    """
    given = request.headers.get("X-Twilio-Signature", "").encode("utf-8", "replace")
    if not given or not any(tokens):
        raise InvalidSignature("Twilio did not sign it.")
    body, url = request.body, addresses.called(request)
    fields = _fields(request, body, url)
    good = [sign(token, written, fields).encode() for token in tokens if token for written in spellings(url)]
    if not any(hmac.compare_digest(one, given) for one in good):
        raise InvalidSignature("The signature of Twilio does not fit.")


def sign(token: str, url: str, fields: list[tuple[str, str]]) -> str:
    """Return the signature over an address and a form's fields; of a repeated field each value once."""
    values: dict[str, set[str]] = {}
    for name, value in fields:
        values.setdefault(name, set()).add(value)
    text = url + "".join(name + value for name in sorted(values) for value in sorted(values[name]))
    digest = hmac.digest(token.encode(), text.encode("utf-8", "replace"), hashlib.sha1)
    return base64.b64encode(digest).decode()


def spellings(url: str) -> tuple[str, str]:
    """Return an address without its port and with it."""
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    port = parts.port or PORTS.get(parts.scheme, 443)
    return tuple(urlunsplit(parts._replace(netloc=netloc)) for netloc in (host, f"{host}:{port}"))  # type: ignore[return-value]


def _fields(request: HttpRequest, body: bytes, url: str) -> list[tuple[str, str]]:
    """Return what is signed beside the address: a form's fields, or nothing where the address names the body's sum."""
    sums = parse_qs(urlsplit(url).query).get("bodySHA256")
    if sums and "json" in request.headers.get("Content-Type", ""):
        if not hmac.compare_digest(sums[0].encode("utf-8", "replace"), hashlib.sha256(body).hexdigest().encode()):
            raise InvalidSignature("The body is not the one that was signed.")
        return []
    if not body:
        return []
    try:
        return pairs(body)
    except Malformed:
        raise InvalidSignature("The body cannot be read as a form.") from None
