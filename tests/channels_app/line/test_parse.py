"""What LINE's webhooks become."""

import json
from pathlib import Path
from typing import Any

import pytest

from channels_app import adapters
from channels_app.models import Channel
from helpdesk.lib import clock
from helpdesk.lib.events import Event
from helpdesk.lib.inbound import Malformed, Party, RawInput

PAYLOADS = Path(__file__).parent / "payloads"
ADAPTER = adapters.get("line")
WHO = "U0123456789abcdef0123456789abcdef"


def raw(body: object, **config: object) -> RawInput:
    written = body if isinstance(body, bytes) else json.dumps(body).encode()
    return RawInput(body=written, received_at=clock.real(), config=config)


def sample(name: str, **config: object) -> list[Event]:
    found = ADAPTER.parse(raw((PAYLOADS / f"{name}.json").read_bytes(), **config))
    assert all(isinstance(one, Event) for one in found)
    return found  # type: ignore[return-value]


def event(_type: str, **content: object) -> Event:
    around = {"type": _type, "timestamp": 1795860000123, "source": {"type": "user", "userId": WHO}}
    (found,) = ADAPTER.parse(raw({"destination": "d", "events": [{**around, **content}]}))
    assert isinstance(found, Event)
    return found


def test_every_event_of_a_delivery_is_read() -> None:
    assert [one.kind for one in sample("batch")] == ["message", "message", "follow", "ignored"]


def test_a_text_is_read_with_what_answers_it() -> None:
    found = sample("batch")[0]
    assert (found.text, found.message_id, found.reply_to) == ("Hello (moon)", "600001", "600000")
    assert (found.sender_id, found.conversation_id, found.event_id) == (WHO, WHO, "01JA1")
    assert found.hints == {"read_token": "read-1", "reply_token": "tok-1", "reply_at": "1795860000"}


def test_in_standby_nobody_answers() -> None:
    found = event("message", mode="standby", replyToken="t", message={"id": "1", "type": "text", "text": "x"})
    assert (found.hints, found.details["mode"]) == ({}, "standby")


def test_a_file_is_read() -> None:
    (file,) = sample("batch")[1].files
    assert (file.type, file.ref, file.name, file.size_bytes) == ("file", "600002", "conto è.pdf", 2138)


def test_an_edit_and_a_deletion_name_their_message() -> None:
    (edited,), (unsent,) = sample("edited"), sample("unsent")
    assert (edited.kind, edited.target_id, edited.text) == ("edit", "600001", "Hello again")
    assert (unsent.kind, unsent.target_id) == ("delete", "600001")


def test_in_a_group_it_may_be_nobody() -> None:
    (found,) = sample("group", groups="chat")
    assert (found.sender_id, found.conversation_id, found.chat_type) == ("", "Cgroup", "group")
    assert (found.files[0].ref, found.files[0].text, found.files[0].is_animated) == ("1988", "hello, wave, smile", True)
    assert ADAPTER.party_of(found, Channel(kind="line")) == Party(kind="line", value="Cgroup")
    assert sample("group", groups="ignore")[0].kind == "ignored"


def test_the_consoles_question_is_a_ping() -> None:
    assert [one.kind for one in sample("verify")] == ["verify_ping"]


def test_pictures_that_came_together_are_told() -> None:
    picture = {
        "id": "1",
        "type": "image",
        "contentProvider": {"type": "line"},
        "imageSet": {"id": "S", "index": 2, "total": 3},
    }
    assert event("message", message=picture).details == {"image_set": "S", "image_set_index": 2, "image_set_total": 3}


def test_somebody_elses_file_is_fetched_there() -> None:
    provider = {"type": "external", "originalContentUrl": "https://files.example.test/v.mp4"}
    found = event("message", message={"id": "1", "type": "video", "duration": 61_000, "contentProvider": provider})
    assert (found.files[0].url, found.files[0].ref, found.duration_seconds) == (
        "https://files.example.test/v.mp4",
        "",
        61,
    )


@pytest.mark.parametrize(("type_", "kind"), [
    ("unfollow", "unfollow"), ("join", "join"), ("leave", "leave"), ("memberJoined", "member_change"),
    ("memberLeft", "member_change"), ("module", "handover"), ("activated", "handover"), ("deactivated", "handover"),
    ("botSuspended", "account"), ("botResumed", "account"), ("beacon", "ignored"), ("accountLink", "ignored"),
    ("membership", "ignored"), ("videoPlayComplete", "ignored"), ("delivery", "ignored"), ("new thing", "ignored"),
])  # fmt: skip
def test_every_type_of_event(type_: str, kind: str) -> None:
    assert event(type_).kind == kind


def test_a_date_that_was_chosen_is_told() -> None:
    found = event("postback", postback={"data": "a=1", "params": {"date": "2026-12-01"}})
    assert (found.payload, found.details["params"]) == ("a=1", {"date": "2026-12-01"})


def test_a_message_of_a_new_type_is_told_as_such() -> None:
    found = event("message", message={"id": "1", "type": "hologram"})
    assert (found.kind, found.details["unknown"]) == ("unsupported", "hologram")


def test_a_delivery_that_comes_again_has_the_same_name() -> None:
    def key(is_again: bool, name: str = "e1") -> str:
        one: dict[str, Any] = {"type": "follow", "webhookEventId": name, "deliveryContext": {"isRedelivery": is_again}}
        return ADAPTER.dedupe_key(raw({"events": [one]}))

    assert key(False) == key(True) != key(True, "e2")


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"\xff", b"[" * 10_000])
def test_what_is_not_line_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        ADAPTER.parse(raw(body))


@pytest.mark.parametrize("listed", [None, {}, "x", [None, 1]])
def test_a_list_that_is_none_has_no_events(listed: object) -> None:
    assert len(ADAPTER.parse(raw({"events": listed}))) == 1
