"""Reading a Page's webhooks: each kind of event that the public samples do not have."""

from typing import Any

import pytest

from helpdesk.lib.events import EventKind
from tests.channels_app.meta import body_of, fields_of, parse

Kind = EventKind
EXPECTED: list[tuple[str, list[dict[str, Any]]]] = [
    (
        "echo",
        [
            {
                "kind": Kind.ECHO,
                "direction": "out",
                "recipient_id": "7001",
                "message_id": "m_out1",
                "details": {"app_id": "42", "piece_key": "piece-1"},
            }
        ],
    ),
    ("edit", [{"kind": Kind.EDIT, "target_id": "m_in1", "text": "Order 1234", "details": {"edits": "2"}}]),
    (
        "read_and_delivered",
        [
            {"kind": Kind.STATUS, "status": "read", "watermark": "1795600000000"},
            {"kind": Kind.STATUS, "status": "delivered", "target_ids": ("m_out1", "m_out2")},
        ],
    ),
    ("standby", [{"kind": Kind.MESSAGE, "text": "To the bot", "details": {"standby": True}}]),
    ("handover", [{"kind": Kind.HANDOVER, "status": "pass_thread_control"}]),
    ("optin", [{"kind": Kind.OPT_OUT, "status": "STOP_NOTIFICATIONS"}]),
    ("ad", [{"kind": Kind.REFERRAL, "ref": "spring", "ad_id": "777"}]),
    ("link", [{"kind": Kind.MESSAGE, "text": "https://shop.example.test"}]),
    ("dashboard", [{"kind": Kind.MESSAGE, "sender_id": "12334", "text": "random_text"}]),
    (
        "comment_reply",
        [
            {
                "kind": Kind.COMMENT,
                "message_id": "3005550100_12",
                "conversation_id": "3005550100_1",
                "reply_to": "3005550100_11",
                "sender_name": "Ada Example",
            }
        ],
    ),
    (
        "comment_changed",
        [
            {"kind": Kind.EDIT, "target_id": "3005550100_12", "text": "Me three"},
            {"kind": Kind.DELETE, "target_id": "3005550100_12", "text": ""},
            {"kind": Kind.IGNORED},
        ],
    ),
    ("comment_without_writer", [{"kind": Kind.IGNORED, "message_id": "3005550100_13"}]),
    ("own_comment", [{"kind": Kind.COMMENT, "direction": "in", "details": {"own": True}}]),
    ("visitor_post", [{"kind": Kind.POST, "sender_id": "7001", "text": "What a shop!"}]),
    ("mention", [{"kind": Kind.MENTION, "sender_id": "7001", "message_id": "7001_5"}]),
    ("message_request", [{"kind": Kind.MESSAGE_REQUEST, "status": "accept"}]),
]


@pytest.mark.parametrize(("name", "expected"), EXPECTED, ids=[row[0] for row in EXPECTED])
def test_each_kind_of_event_is_understood(name: str, expected: list[dict[str, Any]]) -> None:
    found = parse("messenger", body_of("messenger", name))
    assert [dict(zip(want, fields_of(one, *want), strict=True)) for one, want in zip(found, expected, strict=True)] == (
        expected
    )


def test_a_sticker_is_one_file_in_the_old_the_double_and_the_new_form() -> None:
    double, new = parse("messenger", body_of("messenger", "sticker"))
    assert [(one.type, one.ref) for one in double.files] == [("sticker", "369")]
    assert [(one.type, one.ref) for one in new.files] == [("sticker", "370")]


def test_a_preview_of_a_link_is_a_share_with_its_title() -> None:
    file = parse("messenger", body_of("messenger", "link"))[0].files[0]
    assert (file.type, file.url, file.text) == ("share", "https://shop.example.test", "A shop")


def test_an_ad_tells_what_it_said() -> None:
    referral = parse("messenger", body_of("messenger", "ad"))[0].details["referral"]
    assert (referral["ad_title"], referral["source"]) == ("Half price", "ADS")


def test_what_has_no_id_has_the_same_name_whenever_it_comes_again() -> None:
    item = {"sender": {"id": "7"}, "recipient": {"id": "3"}, "timestamp": 1, "postback": {"payload": "START"}}
    body = {"object": "page", "entry": [{"id": "3", "messaging": [item]}]}
    name = parse("messenger", body)[0].message_id
    assert name.startswith("sha256:") and name == parse("messenger", body)[0].message_id
    item["timestamp"] = 2
    assert name != parse("messenger", body)[0].message_id


@pytest.mark.parametrize(
    ("name", "kind"), [("edit", Kind.IGNORED), ("dashboard", Kind.TEST_EVENT), ("mention", Kind.IGNORED)]
)
def test_what_is_about_another_page_is_ignored(name: str, kind: EventKind) -> None:
    assert [one.kind for one in parse("messenger", body_of("messenger", name), page_id="999")] == [kind]


def test_what_is_about_our_page_is_understood() -> None:
    assert parse("messenger", body_of("messenger", "edit"), page_id="3005550100")[0].kind == Kind.EDIT
