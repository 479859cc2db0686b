"""Vonage's signatures: over the fields by five methods, and a token over the body."""

import hashlib
import json
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from channels_app.adapters.vonage_sms import signing
from channels_app.models import Channel, RawEvent
from tests import factories

SECRET = "signature-secret"
NOW = 1795860000

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def still(monkeypatch: pytest.MonkeyPatch, clock: Any) -> None:
    clock.move_to(NOW)


def make(method: str = "sha256", **config: str) -> Channel:
    given = {"address": "+40310555000", "signature_secret": SECRET, "signature_method": method, **config}
    return factories.make_channel(kind="vonage_sms", config=given)


def fields(**given: Any) -> dict[str, Any]:
    return {
        "msisdn": "40740555012",
        "to": "40310555000",
        "messageId": "1",
        "text": "a & b = c",
        "timestamp": str(NOW),
        **given,
    }


def post(channel: Channel, body: bytes, kind: str = "application/json", **headers: str) -> int:
    url = f"/webhooks/vonage_sms/{channel.public_key}/"
    return Client().post(url, body, content_type=kind, headers=headers).status_code


@pytest.mark.parametrize("method", signing.METHODS)
def test_fields_are_signed_by_every_method(method: str) -> None:
    given = fields()
    given["sig"] = signing.sign(given, SECRET, method)
    assert post(make(method), json.dumps(given).encode()) == 200


def test_the_sum_is_over_sorted_fields_without_their_separators() -> None:
    said = "&a=x_y_z&b=2"
    assert (
        signing.sign({"b": 2, "a": "x&y=z", "sig": "?"}, "s", "md5hash") == hashlib.md5(f"{said}s".encode()).hexdigest()
    )


def test_a_form_and_a_query() -> None:
    given = fields()
    given["sig"] = signing.sign(given, SECRET, "sha256").upper()
    channel = make()
    assert post(channel, urlencode(given).encode(), "application/x-www-form-urlencoded") == 200
    assert Client().get(f"/webhooks/vonage_sms/{channel.public_key}/?{urlencode(given)}").status_code == 200
    assert RawEvent.objects.get().copies_count == 1


@pytest.mark.parametrize(
    "spoil", [{"sig": ""}, {"sig": "00"}, {"text": "a & b = c "}, {"new": "1"}, {"timestamp": str(NOW - 1)}]
)
def test_what_was_changed_is_refused(spoil: dict[str, str]) -> None:
    given = fields()
    given["sig"] = signing.sign(given, SECRET, "sha256")
    assert post(make(), json.dumps({**given, **spoil}).encode()) == 403
    assert not RawEvent.objects.exists()


@pytest.mark.parametrize("at", [NOW - 301, NOW + 301, "", "soon"])
def test_what_was_signed_at_another_time_is_refused(at: Any) -> None:
    given = fields(timestamp=str(at))
    given["sig"] = signing.sign(given, SECRET, "sha256")
    assert post(make(), json.dumps(given).encode()) == 403


def test_the_next_secret_counts_too() -> None:
    given = fields()
    given["sig"] = signing.sign(given, "next", "sha256")
    assert post(make(signature_secret_next="next"), json.dumps(given).encode()) == 200
    assert post(make(), json.dumps(given).encode()) == 403


BODY = '{"message_uuid": "1", "text": "ă"}'.encode()
SUM = hashlib.sha256(BODY).hexdigest()


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({"iat": NOW, "jti": "1", "payload_hash": SUM}, 200),
        ({"iat": NOW, "exp": NOW + 60, "payload_hash": SUM.upper()}, 200),
        ({"iat": NOW - 301, "payload_hash": SUM}, 403),
        ({"iat": NOW, "exp": NOW - 400, "payload_hash": SUM}, 403),
        ({"iat": NOW, "payload_hash": SUM[:-1]}, 403),
        ({"iat": NOW}, 403),
        ({"payload_hash": SUM}, 403),
        ({"iat": "now", "payload_hash": SUM}, 403),
    ],
)
def test_a_token_over_the_body(claims: dict[str, Any], status: int) -> None:
    assert post(make(), BODY, authorization=f"Bearer {signing.token(claims, SECRET)}") == status


def test_the_same_token_again_is_a_copy() -> None:
    channel, written = make(), signing.token({"iat": NOW, "jti": "1", "payload_hash": SUM}, SECRET)
    assert [post(channel, BODY, authorization=f"Bearer {written}") for _ in range(2)] == [200, 200]
    assert RawEvent.objects.get().copies_count == 1


@pytest.mark.parametrize("written", ["", "a.b.c", "é", signing.token({"iat": NOW, "payload_hash": SUM}, "other")])
def test_another_token_is_refused(written: str) -> None:
    assert post(make(), BODY, authorization=f"Bearer {written}") == 403


def test_a_token_without_a_signature_is_refused() -> None:
    head = signing._packed(b'{"alg":"none"}').decode()
    claims = signing._packed(json.dumps({"iat": NOW, "payload_hash": SUM}).encode()).decode()
    assert post(make(), BODY, authorization=f"Bearer {head}.{claims}.") == 403
    signed = f"{head}.{claims}".encode()
    mac = signing._packed(signing.hmac.digest(SECRET.encode(), signed, hashlib.sha256)).decode()
    assert post(make(), BODY, authorization=f"Bearer {head}.{claims}.{mac}") == 403
