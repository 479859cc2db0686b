"""Signatures with known answers, each through the adapter that must accept or refuse it; and two secrets at once.

The vectors lie beside the checkout (shared/corpora/webhooks); without them their test is skipped.
"""

import json
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from django.http import HttpRequest
from django.test import RequestFactory

from channels_app import adapters
from channels_app.models import Channel
from helpdesk.lib.inbound import InvalidSignature
from tests.channels_app import signing

NAME = "shared/corpora/webhooks/signature_vectors.jsonl"
VECTORS = next((found for up in Path(__file__).resolve().parents if (found := up / NAME).is_file()), None)
FORM = "application/x-www-form-urlencoded"
META = ("whatsapp", "messenger", "instagram")
# Which kinds a platform's vectors are for, under which name each keeps the secret, and the header they came in.
PLATFORMS: dict[str, tuple[dict[str, str], str]] = {
    "meta": (dict.fromkeys(META, "app_secret"), "X-Hub-Signature-256"),
    "line": ({"line": "channel_secret"}, "X-Line-Signature"),
    "viber": ({"viber": "token"}, "X-Viber-Content-Signature"),
    "twilio": ({"twilio_sms": "auth_token"}, "X-Twilio-Signature"),
}
# The secret that signs, and the one that is accepted beside it while it is changed.
PAIRS = {
    **dict.fromkeys(META, ("app_secret", "app_secret_next")),
    "telegram": ("secret", "previous_secret"),
    "line": ("channel_secret", "previous_secret"),
    "viber": ("token", "previous_token"),
    "twilio_sms": ("auth_token", "auth_token_next"),
    "vonage_sms": ("signature_secret", "signature_secret_next"),
}
URL = "https://desk.example.test/webhooks/x/key/"


def is_accepted(kind: str, config: dict[str, Any], request: HttpRequest) -> bool:
    try:
        adapters.get(kind).verify(request, Channel(kind=kind, config=config, public_key="key"))
    except InvalidSignature:
        return False
    return True


def rows() -> list[dict[str, Any]]:
    assert VECTORS is not None
    return [json.loads(line) for line in VECTORS.read_text().splitlines()]


def request_of(row: dict[str, Any], header: str) -> HttpRequest:
    """The call of a vector: a form or a body with its signature."""
    body = urlencode([(name, value) for name, value in row["params"]]) if "params" in row else row["body"]
    parts = urlsplit(row.get("url", URL))
    # Of a sum alone the signature is over an address that names it.
    path = f"{parts.path}?{parts.query or 'bodySHA256=' + row.get('sha256', '')}"
    signature = (
        row.get("signature") or signing.twilio(b"", row["secret"], f"https://{parts.netloc}{path}").headers[header]
    )
    kind = FORM if "params" in row else "application/json"
    return RequestFactory().post(path, body.encode(), content_type=kind, headers={header: signature})


@pytest.mark.skipif(VECTORS is None, reason=f"no {NAME} beside the checkout")
def test_the_vectors_of_every_platform_are_accepted_or_refused_as_they_say(settings: Any) -> None:
    ran: Counter[str] = Counter()
    for row in rows():
        kinds, header = PLATFORMS.get(row["channel"], ({}, ""))
        for kind, name in kinds.items():
            settings.PUBLIC_URL = f"https://{urlsplit(row.get('url', URL)).netloc}"
            secret = row.get("secret", "sum")
            request = request_of({"secret": secret, **row}, header)
            assert is_accepted(kind, {name: secret}, request) == row["valid"], (kind, row)
            ran[kind] += 1
    print("vectors:", dict(ran))
    assert {kind for kinds, _ in PLATFORMS.values() for kind in kinds} == set(ran)
    assert ran["twilio_sms"] == 3 and all(ran[kind] == 4 for kind in (*META, "line", "viber"))


@pytest.mark.parametrize("kind", PAIRS)
def test_while_a_secret_is_changed_both_are_accepted_and_no_third(kind: str, settings: Any) -> None:
    settings.PUBLIC_URL = "https://desk.example.test"
    body = b"MessageSid=SM1" if kind == "twilio_sms" else b'{"text": "Ciao"}'
    config = dict(zip(PAIRS[kind], ("first-secret", "second-secret"), strict=True)) | {"signature_method": "sha256"}

    def is_taken(secret: str, config: dict[str, str]) -> bool:
        signed = signing.SIGNS[kind](body, secret, URL)
        kept = FORM if kind == "twilio_sms" else "application/json"
        return is_accepted(kind, config, RequestFactory().post(URL, signed.body, kept, headers=signed.headers))

    assert [is_taken(secret, config) for secret in ("first-secret", "second-secret", "third")] == [True, True, False]
    assert not is_taken("second-secret", config | {PAIRS[kind][1]: ""})


def test_every_kind_that_signs_was_asked() -> None:
    assert set(PAIRS) == set(signing.SIGNS)
