"""Reading an Instagram account's webhooks: each kind of event that the public samples do not have."""

from typing import Any

import pytest

from helpdesk.lib.events import EventKind
from tests.channels_app.meta import body_of, fields_of, parse

Kind = EventKind
COMMENT = {
    "kind": Kind.COMMENT,
    "sender_id": "9001",
    "sender_name": "ada.ex",
    "message_id": "1785001",
    "conversation_id": "1790001",
    "text": "Do you ship to Cluj?",
}
EXPECTED: list[tuple[str, list[dict[str, Any]]]] = [
    ("deleted", [{"kind": Kind.DELETE, "target_id": "ig_1", "sender_id": "9001"}]),
    ("unsupported", [{"kind": Kind.UNSUPPORTED, "message_id": "ig_1"}]),
    ("story_reply", [{"kind": Kind.MESSAGE, "story_url": "https://cdn.example.test/story.jpg", "text": "Lovely"}]),
    ("story_mention", [{"kind": Kind.STORY_MENTION, "message_id": "ig_1"}]),
    ("read", [{"kind": Kind.STATUS, "status": "read", "target_id": "ig_out1", "watermark": ""}]),
    (
        "echo",
        [
            {"kind": Kind.ECHO, "direction": "out", "recipient_id": "9001", "text": "Yes, in blue"},
            {"kind": Kind.ECHO_DELETE, "direction": "out", "target_id": "ig_out1"},
        ],
    ),
    ("edit", [{"kind": Kind.EDIT, "target_id": "ig_1", "text": "In blue, please"}]),
    (
        "reaction",
        [
            {"kind": Kind.REACTION, "reaction": "❤", "is_removed": False},
            {"kind": Kind.REACTION, "target_id": "ig_out1", "is_removed": True},
        ],
    ),
    ("comment", [COMMENT]),
    ("comment_flat", [{**COMMENT, "details": {"username": "ada.ex", "media_type": "REELS", "live": True}}]),
    ("own_comment", [{"kind": Kind.COMMENT, "direction": "in", "reply_to": "1785000"}]),
    (
        "mention",
        [
            {
                "kind": Kind.MENTION,
                "message_id": "1785002",
                "conversation_id": "1790002",
                "hints": {"mention_media": "1790002", "mention_comment": "1785002"},
            }
        ],
    ),
    ("shared_post", [{"kind": Kind.MESSAGE, "message_id": "ig_1"}]),
]


@pytest.mark.parametrize(("name", "expected"), EXPECTED, ids=[row[0] for row in EXPECTED])
def test_each_kind_of_event_is_understood(name: str, expected: list[dict[str, Any]]) -> None:
    found = parse("instagram", body_of("instagram", name))
    assert [dict(zip(want, fields_of(one, *want), strict=True)) for one, want in zip(found, expected, strict=True)] == (
        expected
    )


def test_our_own_comment_is_marked() -> None:
    assert parse("instagram", body_of("instagram", "own_comment"))[0].details["own"] is True


def test_a_shared_post_has_its_title_and_id() -> None:
    file = parse("instagram", body_of("instagram", "shared_post"))[0].files[0]
    assert (file.type, file.ref, file.text) == ("ig_post", "18", "Autumn")
