"""What Viber's callbacks become."""

import json
from pathlib import Path

import pytest

from channels_app import adapters
from helpdesk.lib import clock
from helpdesk.lib.events import Event
from helpdesk.lib.inbound import Malformed, RawInput

PAYLOADS = Path(__file__).parent / "payloads"
ADAPTER = adapters.get("viber")


def raw(body: object) -> RawInput:
    return RawInput(body=body if isinstance(body, bytes) else json.dumps(body).encode(), received_at=clock.real())


def one(body: object) -> Event:
    (found,) = ADAPTER.parse(raw(body))
    assert isinstance(found, Event)
    return found


def sample(name: str) -> Event:
    return one((PAYLOADS / f"{name}.json").read_bytes())


def message(**content: object) -> Event:
    return one({"event": "message", "message_token": 1, "sender": {"id": "u"}, "message": content})


def test_a_picture_is_read() -> None:
    event = sample("message")
    assert (event.kind, event.sender_id, event.sender_name, event.text) == (
        "message",
        "viber-user-1=",
        "Ada Example",
        "Uite",
    )
    assert (event.files[0].type, event.files[0].url, event.files[0].size_bytes) == (
        "image",
        "https://dl.example.test/p.jpg",
        1000,
    )
    assert (event.details["tracking_data"], event.language) == ("t-1", "ro")


def test_the_token_keeps_all_its_digits() -> None:
    assert sample("message").message_id == "5912661846655238145"


def test_a_card_is_read() -> None:
    (file,) = sample("contact").files
    assert (file.type, file.name, file.phones) == ("contact", "Giulia Example", ("+39 555 0101",))


@pytest.mark.parametrize(
    ("name", "status", "error"), [("seen", "seen", ""), ("failed", "failed", "failure description")]
)
def test_what_became_of_a_message(name: str, status: str, error: str) -> None:
    event = sample(name)
    assert (event.kind, event.direction, event.status, event.error) == ("status", "out", status, error)
    assert event.target_id.startswith("59126618466552381")
    assert event.recipient_id == "viber-user-1="


def test_an_opened_chat_says_from_where() -> None:
    event = sample("started")
    assert (event.kind, event.ref, event.sender_id) == ("conversation_started", "shop-window", "viber-user-1=")


def test_the_first_call_is_a_ping() -> None:
    assert sample("webhook").kind == "verify_ping"


@pytest.mark.parametrize(("name", "kind"), [
    ("subscribed", "follow"), ("unsubscribed", "opt_out"), ("client_status", "ignored"), ("action", "ignored"),
    ("hologram", "ignored"),
])  # fmt: skip
def test_every_event(name: str, kind: str) -> None:
    event = one({"event": name, "user_id": "u", "message_token": 3})
    assert event.kind == kind
    assert event.sender_id == ("" if kind == "ignored" else "u")


def test_every_type_of_message() -> None:
    assert message(type="url", media="https://a.example.test", text="see").text == "see\nhttps://a.example.test"
    assert message(type="sticker", sticker_id=40100).files[0].ref == "40100"
    assert message(type="file", media="https://a.example.test/x", file_name="x.pdf").files[0].name == "x.pdf"
    assert message(type="hologram").kind == "unsupported"


def test_a_callback_is_named_by_message_and_event() -> None:
    names = {ADAPTER.dedupe_key(raw({"event": one, "message_token": 7})) for one in ("delivered", "seen")}
    assert names == {"delivered:7", "seen:7"}


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"\xff", b"[" * 10_000])
def test_what_is_not_viber_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        ADAPTER.parse(raw(body))
