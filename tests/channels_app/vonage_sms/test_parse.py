"""Vonage's webhooks as they are understood: the SMS API's and both forms of the Messages API; samples in payloads/."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from channels_app import adapters
from channels_app.models import Channel
from helpdesk.lib.inbound import Ignored, Malformed, Party, RawInput

ADAPTER = adapters.get("vonage_sms")
AT = datetime(2026, 11, 28, 10, tzinfo=UTC)
UUID = "00000000-0000-4000-8000-000000000001"


def read(body: bytes, **headers: str) -> list[Any]:
    return ADAPTER.parse(RawInput(body, AT, {name.replace("_", "-"): value for name, value in headers.items()}))


def sample(name: str, **headers: str) -> Any:
    [event] = read((Path(__file__).parent / "payloads" / name).read_bytes(), **headers)
    return event


def message(**given: Any) -> Any:
    body = {"message_uuid": UUID, "channel": "sms", "from": "40740555012", "to": "40310555000", **given}
    return read(json.dumps(body).encode())[0]


def party(event: Any) -> Party:
    channel = Channel(kind="vonage_sms")
    channel.config = {"address": "+40310555000"}
    return ADAPTER.party_of(event, channel)


def test_a_text() -> None:
    event = sample("text.json")
    assert (event.kind, event.sender_id, event.recipient_id) == ("message", "40740555012", "40310555000")
    assert (event.message_id, event.text) == ("0B00000000000001", "Unde e coletul meu?")
    assert event.occurred_at == datetime(2026, 11, 28, 9, 30, tzinfo=UTC)
    assert party(event) == Party("phone", "+40740555012", as_written="40740555012")


def test_a_query_is_read_as_a_form() -> None:
    assert sample("by_get.form", x_telaio_method="GET").text == "Ciao & grazie"


def test_a_part_of_a_long_text_says_which() -> None:
    assert sample("concat.json").details == {"concat": {"ref": "17", "part": 2, "total": 2}}


@pytest.mark.parametrize("odd", [{"concat-part": "3"}, {"concat-ref": ""}, {"concat-total": "x"}, {"concat-part": "0"}])
def test_a_part_that_makes_no_sense_is_a_message(odd: dict[str, str]) -> None:
    given = {"msisdn": "40740555012", "messageId": "1", "text": "a", "concat": "true", "concat-ref": "1",
             "concat-part": "1", "concat-total": "2", **odd}  # fmt: skip
    [event] = read(json.dumps(given).encode())
    assert (event.kind, event.text, event.details) == ("message", "a", {})


def test_a_binary_message_is_told() -> None:
    [event] = read(b'{"msisdn": "40740555012", "messageId": "1", "type": "binary", "data": "0a0b", "udh": "00"}')
    assert (event.kind, event.details) == ("unsupported", {"type": "binary", "bytes": 2})


def test_a_receipt() -> None:
    event = sample("receipt.json")
    assert (event.kind, event.status, event.target_id, event.error_code) == (
        "status",
        "failed",
        "0C00000000000001",
        "7",
    )
    assert (
        event.details == {"said": "rejected", "piece_key": "key-1", "code": "rejected_content"}
        and "without links" in event.error
    )


def test_a_picture_of_the_messages_api() -> None:
    event = sample("messages_image.json")
    assert (event.kind, event.text, event.message_id) == ("message", "It is torn", UUID)
    assert [(file.type, file.url, file.name) for file in event.files] == [
        ("image", "https://media.example.test/a.jpg", "a.jpg")
    ]


def test_a_status_of_the_messages_api() -> None:
    event = sample("messages_status.json")
    assert (event.status, event.error_code, event.details["piece_key"]) == ("failed", "1210", "key-2")
    assert "START" in event.error


def test_the_code_behind_an_address() -> None:
    error = {"type": "https://developer.vonage.com/api-errors/messages#1000", "title": "Throttled"}
    assert message(status="rejected", error=error).error_code == "1000"


def test_the_older_form() -> None:
    picture = {"url": "https://media.example.test/a", "caption": "x"}
    given = {"from": {"type": "sms", "number": "40740555012"}, "to": {"type": "sms", "number": "40310555000"},
             "message": {"content": {"type": "image", "image": picture}}}  # fmt: skip
    event = message(**given, channel=None)
    assert (event.sender_id, event.text, event.files[0].type, event.hints) == ("40740555012", "x", "image", {})


def test_another_network_has_threads_of_its_own() -> None:
    event = message(channel="whatsapp", message_type="text", text="Ciao", profile={"name": "Ioana"})
    assert (event.conversation_id, event.hints) == ("whatsapp:40740555012", {"network": "whatsapp"})
    assert party(event) == Party("whatsapp", "+40740555012", name="Ioana")


def test_a_stranger_of_a_network_without_numbers() -> None:
    event = message(channel="messenger", message_type="text", text="Ciao", **{"from": "12345678901234567"})
    assert party(event) == Party("other", "12345678901234567", realm="messenger sms:+40310555000")


def test_a_button_and_a_reply() -> None:
    button = message(message_type="button", button={"text": "Yes", "payload": "yes-1"})
    chosen = message(message_type="reply", reply={"id": "row-1", "title": "Saturday"})
    assert (button.kind, button.text, button.payload) == ("postback", "Yes", "yes-1")
    assert (chosen.kind, chosen.text, chosen.payload) == ("postback", "Saturday", "row-1")


def test_a_place() -> None:
    [file] = message(message_type="location", location={"lat": 44.4, "long": "26.1", "name": "Shop"}).files
    assert (file.type, file.lat, file.lng, file.name) == ("location", 44.4, 26.1, "Shop")


def test_what_is_unknown_is_told_or_ignored() -> None:
    assert message(message_type="hologram").kind == "unsupported"
    assert isinstance(message(), Ignored)
    assert isinstance(message(status="pondering"), Ignored)
    assert isinstance(read(b"msisdn=40740555012&to=1")[0], Ignored)


@pytest.mark.parametrize(
    "given", [{"image": None}, {"image": []}, {"image": {"url": 7}}, {"text": {"a": 1}}, {"context": "x"}]
)
def test_odd_values_never_raise(given: dict[str, Any]) -> None:
    assert message(message_type="image", **given).message_id == UUID


@pytest.mark.parametrize("body", [b"", b"x", b"{", b"[]", b"[1]", b'{"a": 1}', b"[" * 10_000, b"\xff\xfe"])
def test_what_is_not_vonages_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        read(body)


@pytest.mark.parametrize("sender", ["AcmeInc", "80888", "anonymous"])
def test_who_is_no_number(sender: str) -> None:
    [event] = read(json.dumps({"msisdn": sender, "messageId": "1", "text": "a"}).encode())
    assert party(event).kind == "other"


def test_several_in_one_body() -> None:
    one = {"msisdn": "40740555012", "messageId": "1", "text": "a"}
    assert [event.message_id for event in read(json.dumps([one, {**one, "messageId": "2"}]).encode())] == ["1", "2"]


def test_one_that_cannot_be_read_does_not_take_the_others_along() -> None:
    one = {"msisdn": "40740555012", "messageId": "1", "text": "a"}
    good, bad = read(json.dumps([{"x": 1}, one]).encode())
    assert (good.message_id, isinstance(bad, Ignored)) == ("1", True)
