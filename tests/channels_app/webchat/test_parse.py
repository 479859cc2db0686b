"""What the widget's views wrote down, as it is understood."""

import json
from pathlib import Path
from typing import Any

import pytest

from channels_app.adapters.webchat import parse
from helpdesk.lib import clock
from helpdesk.lib.events import Event, EventKind
from helpdesk.lib.inbound import Malformed, RawInput

PAYLOADS = Path(__file__).parent / "payloads"
SAMPLE = json.loads((PAYLOADS / "message.json").read_bytes())


def _read(body: bytes) -> Event:
    (event,) = parse.read(RawInput(body=body, received_at=clock.real()))
    assert isinstance(event, Event)
    return event


def test_a_message_says_who_what_and_where() -> None:
    event = _read((PAYLOADS / "message.json").read_bytes())
    assert (event.kind, event.text, event.language) == (EventKind.MESSAGE, "Spedite a Cluj? 🥾", "it")
    assert event.sender_id == event.conversation_id == "893c40ae6a7399fee7ad61c69a99df67"
    assert event.details == {"page": {"url": "https://shop.example.test/alpe-2", "title": "Alpe 2"}}


def test_a_pressed_answer_has_its_payload() -> None:
    event = _read((PAYLOADS / "pressed.json").read_bytes())
    assert (event.kind, event.text, event.payload) == (EventKind.POSTBACK, "Va bene", "saturday")


@pytest.mark.parametrize("name", sorted(SAMPLE))
@pytest.mark.parametrize("value", [None, 7, True, [], {}, ["x"], {"url": 1}, "\ud800\0", 2**70])
def test_whatever_stands_in_a_place_it_is_a_message_or_none(name: str, value: Any) -> None:
    try:
        event = _read(json.dumps({**SAMPLE, name: value}).encode())
    except Malformed:
        assert name in {"kind", "visitor"}
        return
    assert "\0" not in event.text
    event.text.encode()
