"""The API channel's door: signed, checked, stored, answered the same again."""

import json
from typing import Any

import pytest
from django.test import Client
from drf_spectacular.validation import validate_schema

from channels_app import adapters, intake
from channels_app.adapters.api import shapes, signing
from channels_app.adapters.api.description import description
from channels_app.models import Channel, RawEvent
from conversations.models import Message
from customers.models import Identity
from tests import factories

NOW = 1795860000
SECRET = "a-secret-of-the-shop"
GOOD = {"external_id": "m-1", "contact": {"external_id": "u-7", "name": "Ioana"}, "text": "Bună"}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def still(clock: Any) -> None:
    clock.move_to(NOW)


@pytest.fixture
def shop() -> Channel:
    return factories.make_channel(kind="api", config={"address": "shop", "secret": SECRET})


def call(channel: Channel, path: str = "messages/", given: Any = None, method: str = "POST", **how: Any) -> Any:
    body = how.get("body", json.dumps(GOOD if given is None else given).encode())
    at, secret = how.get("at", NOW), how.get("secret", SECRET)
    signature = how.get("signature", f"t={at},v1={signing.sign(secret, at, body)}")
    headers = {"X-Signature": signature, **how.get("headers", {})}
    url = f"/webhooks/api/{channel.public_key}/{path}"
    return Client().generic(method, url, body, content_type="application/json", headers=headers)


def test_a_message_is_filed(shop: Channel) -> None:
    answer = call(shop)
    event = RawEvent.objects.get()
    assert (answer.status_code, answer.json()) == (202, {"id": str(event.pk), "state": "accepted"})
    assert intake.process(event.pk) == "filed"
    message = Message.objects.get()
    assert (message.text, message.external_id, message.channel) == ("Bună", "m-1", shop)
    assert Identity.objects.filter(kind="other", realm="shop", value="u-7").exists()


@pytest.mark.parametrize(
    "how",
    [
        {"signature": ""}, {"signature": "t=1795860000"}, {"signature": "v1=00"}, {"signature": "t=x,v1=00"},
        {"secret": "another"}, {"at": NOW - 301}, {"at": NOW + 301},
        {"signature": f"t={NOW},v1={signing.sign(SECRET, NOW, b' ')}"},
        {"signature": f"t={NOW},v1={signing.sign(SECRET, NOW, json.dumps(GOOD).encode()).upper()}"},
        {"signature": f"t={NOW},t={NOW},v1={signing.sign(SECRET, NOW, json.dumps(GOOD).encode())}"},
        {"signature": f"t={NOW},v1=é"},
    ],
    ids=str,
)  # fmt: skip
def test_what_is_not_signed_well_is_refused(shop: Channel, how: dict[str, Any]) -> None:
    assert (call(shop, **how).status_code, RawEvent.objects.count()) == (403, 0)


def test_both_secrets_count_while_one_is_changed(shop: Channel) -> None:
    shop.config = {**shop.config, "secret_next": "the-secret-after-it"}
    shop.save()
    assert call(shop, secret="the-secret-after-it").status_code == 202


def test_the_signature_of_another_channel_is_refused(shop: Channel) -> None:
    other = factories.make_channel(kind="api", config={"address": "shop", "secret": "the-secret-of-another"})
    assert call(other).status_code == 403


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({**GOOD, "external_id": ""}, "/external_id"),
        ({**GOOD, "external_id": 7}, "/external_id"),
        ({**GOOD, "contact": None}, "/contact"),
        ({**GOOD, "contact": {}}, "/contact/external_id"),
        ({**GOOD, "contact": {"external_id": "u", "attributes": []}}, "/contact/attributes"),
        ({**GOOD, "text": None}, "/text"),
        ({**GOOD, "text": "a" * 100_001}, "/text"),
        ({**GOOD, "attachments": [{"url": "ftp://x"}]}, "/attachments/0/url"),
        ({**GOOD, "attachments": {}, "text": ""}, "/text"),
        ({**GOOD, "attachments": [{}] * 21}, "/attachments"),
        ({**GOOD, "occurred_at": "2026-11-28T09:30:00"}, "/occurred_at"),
        ({**GOOD, "occurred_at": 5}, "/occurred_at"),
    ],
)
def test_what_does_not_fit_is_told_and_not_stored(shop: Channel, given: Any, pointer: str) -> None:
    answer = call(shop, given=given)
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert pointer in [one["pointer"] for one in answer.json()["errors"]]
    assert not RawEvent.objects.exists()


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"[" * 10_000])
def test_what_is_no_object_is_told(shop: Channel, body: bytes) -> None:
    assert call(shop, body=body).status_code == 400


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [("messages/", "DELETE", 405), ("messages/m-1/", "POST", 405), ("events/", "PATCH", 405), ("orders/", "POST", 404),
     ("events/7/", "POST", 404), (f"messages/{'a' * 151}/", "DELETE", 404)],
)  # fmt: skip
def test_other_places_and_methods(shop: Channel, path: str, method: str, status: int) -> None:
    answer = call(shop, path, method=method)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert status != 405 or answer["Allow"]


def test_the_same_key_gets_the_same_answer(shop: Channel) -> None:
    headers = {"Idempotency-Key": "k-1"}
    first, again = (call(shop, at=at, headers=headers).json() for at in (NOW, NOW + 60))
    assert first == again and RawEvent.objects.get().copies_count == 1


def test_the_same_key_with_another_body_is_a_conflict(shop: Channel) -> None:
    headers = {"Idempotency-Key": "k-1"}
    call(shop, headers=headers)
    assert call(shop, given={**GOOD, "text": "x"}, headers=headers).status_code == 409


def test_a_message_that_comes_twice_without_a_key_is_filed_once(shop: Channel) -> None:
    call(shop), call(shop, at=NOW + 1)
    states = [intake.process(event.pk) for event in RawEvent.objects.order_by("pk")]
    assert (states, Message.objects.count()) == (["filed", "duplicate"], 1)


def parsed(path: str, given: dict[str, Any], method: str = "POST") -> Any:
    headers = {"x-telaio-path": path, "x-telaio-method": method}
    body = json.dumps(given).encode() if given else b""
    [event] = adapters.get("api").parse(intake.RawInput(body, intake.clock.real(), headers))
    return event


def test_an_edit_and_a_deletion() -> None:
    edit, delete = parsed("messages/m/1/", {"text": "new"}, "PATCH"), parsed("messages/m-1/", {}, "DELETE")
    assert (edit.kind, edit.target_id, edit.text) == ("edit", "m/1", "new")
    assert (delete.kind, delete.target_id) == ("delete", "m-1")


def test_happenings() -> None:
    person = {"contact": {"external_id": "u-7"}}
    assert parsed("events/", {**person, "type": "typing"}).kind == "typing"
    read = parsed("events/", {**person, "type": "read", "message_id": "k:0"})
    assert (read.kind, read.status, read.target_id, read.details["piece_key"]) == ("status", "read", "k:0", "k:0")
    sign = parsed("events/", {**person, "type": "reaction", "message_id": "m", "emoji": "👍"})
    assert (sign.kind, sign.reaction, sign.is_removed) == ("reaction", "👍", False)


def test_a_state() -> None:
    given = {"message_id": "k:0", "status": "failed", "error": {"code": "blocked", "detail": "They left."}}
    event = parsed("statuses/", given)
    assert (event.status, event.error_code, event.error, event.direction) == ("failed", "blocked", "They left.", "out")


def test_a_message_brings_what_is_known_of_its_writer() -> None:
    event = parsed("", {**GOOD, "contact": {"external_id": "u", "email": "a@example.test", "attributes": {"plan": 1}}})
    assert [(one.kind, one.value) for one in event.aliases] == [("email", "a@example.test")]
    assert event.details == {"attributes": {"plan": "1"}}


def test_the_description_is_sound_and_complete(shop: Channel) -> None:
    given = Client().get(f"/webhooks/api/{shop.public_key}/openapi.json").json()
    validate_schema(given)
    nouns = {
        "messages": "/messages/",
        "message": "/messages/{external_id}/",
        "events": "/events/",
        "statuses": "/statuses/",
        "files": "/files/",
    }
    for noun, methods in shapes.METHODS.items():
        described = set(given["paths"][nouns[noun]]) - {"parameters"}
        assert described == {method.lower() for method in methods}
    assert len(given["paths"]) == len(shapes.METHODS) and given == description()
