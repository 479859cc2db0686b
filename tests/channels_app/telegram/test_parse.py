"""What Telegram's updates become (Bot API 10)."""

import json
from pathlib import Path
from typing import Any

import pytest

from channels_app import adapters
from channels_app.models import Channel
from helpdesk.lib import clock
from helpdesk.lib.events import Event
from helpdesk.lib.inbound import Inbound, Malformed, Party, RawInput

PAYLOADS = Path(__file__).parent / "payloads"
ADAPTER = adapters.get("telegram")
ADA = {"id": 5550100, "first_name": "Ada", "last_name": "Example", "language_code": "it"}
CHAT = {"id": 5550100, "type": "private", "first_name": "Ada"}
GROUP = {"id": -100555, "type": "supergroup", "title": "Neighbours"}


def parse(body: object, **config: object) -> list[Inbound]:
    written = body if isinstance(body, bytes) else json.dumps(body).encode()
    return ADAPTER.parse(RawInput(body=written, received_at=clock.real(), config=config))


def one(body: object, **config: object) -> Event:
    (found,) = parse(body, **config)
    assert isinstance(found, Event)
    return found


def update(_name: str = "message", /, **content: Any) -> Event:
    around = {"message_id": 7, "from": ADA, "chat": CHAT, "date": 1795860000}
    return one({"update_id": 9, _name: {**around, **content}})


def sample(name: str) -> Event:
    return one((PAYLOADS / f"{name}.json").read_bytes())


def test_a_message_is_read_with_its_links() -> None:
    event = sample("message")
    assert event.text == "Buongiorno 🙂 vedi qui (https://shop.example.test/o/7)"
    assert (event.kind, event.sender_id, event.sender_name) == ("message", "5550100", "Ada Example")
    assert (event.message_id, event.conversation_id, event.event_id) == ("41", "5550100", "700000001")
    assert (event.language, event.details["username"]) == ("it", "ada_example")


def test_a_link_that_is_its_own_address_stands_once() -> None:
    link = {"type": "text_link", "offset": 0, "length": 17, "url": "https://shop.example.test/"}
    assert update(text="shop.example.test", entities=[link]).text == "shop.example.test"


@pytest.mark.parametrize("entity", [
    {"type": "text_link", "offset": 90, "length": 3, "url": "https://a.example.test"},
    {"type": "text_link", "offset": -1, "length": 3, "url": "https://a.example.test"},
    {"type": "text_link", "offset": "x", "length": None, "url": "https://a.example.test"},
    {"type": "text_link", "offset": 0, "length": 3, "url": None},
    "bold", None,
])  # fmt: skip
def test_a_mark_that_cannot_be_leaves_the_text(entity: object) -> None:
    assert update(text="abcdef", entities=[entity]).text == "abcdef"


def test_offsets_count_utf16() -> None:
    link = {"type": "text_link", "offset": 2, "length": 2, "url": "https://a.example.test"}
    assert update(text="🙂ab!", entities=[link]).text == "🙂ab (https://a.example.test)!"


def test_an_album_is_told_by_its_name() -> None:
    event = sample("album")
    assert (event.text, event.files[0].ref, event.details["media_group_id"]) == (
        "Due foto",
        "large",
        "13500000000000001",
    )


def test_an_edit_names_what_it_changes() -> None:
    event = sample("edited")
    assert (event.kind, event.target_id, event.text) == ("edit", "41", "Buonasera")
    assert event.occurred_at is not None
    assert event.occurred_at.timestamp() == 1795860060


def test_a_sign_takes_the_place_of_another() -> None:
    event = sample("reaction")
    assert (event.kind, event.target_id, event.reaction, event.is_removed) == ("reaction", "40", "❤", False)


def test_a_sign_is_taken_away() -> None:
    event = update("message_reaction", user=ADA, old_reaction=[{"type": "emoji", "emoji": "👍"}], new_reaction=[])
    assert (event.reaction, event.is_removed) == ("👍", True)


def test_a_sign_that_is_no_emoji_is_ignored() -> None:
    signs = [{"type": "custom_emoji", "custom_emoji_id": "1"}]
    assert update("message_reaction", user=ADA, old_reaction=[], new_reaction=signs).kind == "ignored"


def test_a_button_says_its_value_and_its_words() -> None:
    event = sample("pressed")
    assert (event.kind, event.payload, event.text, event.target_id) == ("postback", "size:m", "Medium", "43")
    assert event.message_id == "4382000000000000001"


def test_a_button_under_a_message_that_is_gone_is_still_pressed() -> None:
    event = one({"update_id": 1, "callback_query": {"id": "5", "from": ADA, "data": "x", "inline_message_id": "i-1"}})
    assert (event.kind, event.sender_id, event.payload, event.target_id) == ("postback", "5550100", "x", "i-1")


def test_blocking_the_bot_is_an_opt_out() -> None:
    assert (sample("blocked").kind, sample("blocked").sender_id) == ("opt_out", "5550100")


@pytest.mark.parametrize(("before", "now", "chat", "kind"), [
    ("kicked", "member", CHAT, "opt_in"),
    ("member", "administrator", GROUP, "ignored"),
    ("left", "member", GROUP, "join"),
    ("member", "kicked", GROUP, "leave"),
    ("member", "member", CHAT, "ignored"),
])  # fmt: skip
def test_the_bots_own_coming_and_going(before: str, now: str, chat: object, kind: str) -> None:
    states = {"old_chat_member": {"status": before}, "new_chat_member": {"status": now}}
    assert update("my_chat_member", chat=chat, **states).kind == kind


def test_messages_of_a_business_that_were_deleted() -> None:
    event = sample("business_deleted")
    assert (event.kind, event.target_ids, event.conversation_id) == ("delete", ("51", "52"), "5550100")


def test_a_business_that_writes_itself_is_an_echo() -> None:
    event = update("business_message", business_connection_id="bc-1", text="Ciao", **{"from": {"id": 1}})
    assert (event.kind, event.direction, event.recipient_id, event.sender_id) == ("echo", "out", "5550100", "")
    customer = update("business_message", business_connection_id="bc-1", text="Ciao")
    assert (customer.kind, customer.hints) == ("message", {"business": "bc-1"})


def test_a_link_that_opened_the_chat_is_a_referral() -> None:
    event = update(text="/start spring-sale")
    assert (event.kind, event.ref) == ("referral", "spring-sale")
    assert update(text="/start").kind == "message"


@pytest.mark.parametrize(("content", "type_", "fields"), [
    ({"voice": {"file_id": "v", "duration": 3, "mime_type": "audio/ogg"}}, "audio", {"is_voice": True}),
    ({"video_note": {"file_id": "n", "duration": 3}}, "video", {"ref": "n"}),
    ({"animation": {"file_id": "a"}, "document": {"file_id": "twin"}}, "video", {"ref": "a", "is_animated": True}),
    ({"sticker": {"file_id": "s", "emoji": "👋", "is_video": True}}, "sticker", {"text": "👋", "is_animated": True}),
    ({"document": {"file_id": "d", "file_name": "è.pdf", "file_size": 9}}, "file", {"name": "è.pdf", "size_bytes": 9}),
    ({"venue": {"location": {"latitude": 45.1, "longitude": "9.2"}, "title": "Duomo", "address": "Milano"},
      "location": {"latitude": 45.1, "longitude": 9.2}}, "location", {"lat": 45.1, "lng": 9.2, "text": "Milano"}),
    ({"contact": {"phone_number": "+39555", "first_name": "Leo"}}, "contact", {"name": "Leo", "phones": ("+39555",)}),
])  # fmt: skip
def test_every_kind_of_file(content: dict[str, Any], type_: str, fields: dict[str, object]) -> None:
    (file,) = update(**content).files
    assert file.type == type_
    assert {name: getattr(file, name) for name in fields} == fields


@pytest.mark.parametrize(("content", "text"), [
    ({"poll": {"question": "Red?", "options": [{"text": "Yes"}, {"text": "No"}]}}, "Red?\n• Yes\n• No"),
    ({"dice": {"emoji": "🎲", "value": 4}}, "🎲 4"),
    (
        {"checklist": {"title": "To do", "tasks": [{"text": "a", "completion_date": 1}, {"text": "b"}]}},
        "To do\n☑ a\n☐ b",
    ),
])  # fmt: skip
def test_what_can_be_told_in_words(content: dict[str, Any], text: str) -> None:
    assert update(**content).text == text


def test_ones_own_card_tells_ones_number() -> None:
    card = {"phone_number": "39 555-0100", "first_name": "Ada", "user_id": 5550100}
    assert update(contact=card).aliases == (Party(kind="phone", value="+395550100"),)
    assert update(contact={**card, "user_id": 1}).aliases == ()
    assert update(contact=card, chat=GROUP).aliases == ()


def test_something_new_is_told_as_such() -> None:
    event = update(hologram={"file_id": "h"})
    assert (event.kind, event.details["unknown"]) == ("unsupported", "hologram")


@pytest.mark.parametrize("name", ["pinned_message", "new_chat_members", "forum_topic_created", "gift"])
def test_news_of_the_chat_itself_is_ignored(name: str) -> None:
    assert update(**{name: {"x": 1}}).kind == "ignored"


@pytest.mark.parametrize("name", ["poll", "inline_query", "guest_message", "subscription", "managed_bot", "chat_boost"])
def test_what_a_desk_does_not_want_is_ignored(name: str) -> None:
    assert update(name).kind == "ignored"


def test_groups_are_what_the_channel_says() -> None:
    body = {"update_id": 1, "message": {"message_id": 1, "from": ADA, "chat": GROUP, "date": 1, "text": "hi"}}
    assert one(body).text == "hi"
    assert one(body, groups="ignore").kind == "ignored"
    event = one(body, groups="chat")
    assert event.text == "Ada Example: hi"
    assert ADAPTER.party_of(event, Channel(kind="telegram")) == Party(
        kind="telegram", value="-100555", name="Neighbours"
    )


def test_a_topic_is_found_again() -> None:
    opened = {"message_id": 3, "forum_topic_created": {"name": "t"}}
    event = update(chat=GROUP, text="x", is_topic_message=True, message_thread_id=3, reply_to_message=opened)
    assert (event.hints, event.reply_to) == ({"topic": "3"}, "")


def test_a_group_that_moved_tells_its_new_name() -> None:
    event = update(chat={"id": -5, "type": "group"}, migrate_to_chat_id=-1005)
    assert (event.kind, event.aliases) == ("system", (Party(kind="telegram", value="-1005"),))


def test_numbers_of_messages_are_unique_with_their_chat() -> None:
    event = update(text="x")
    assert ADAPTER.name_of(event, event.message_id) == "5550100:7"
    assert ADAPTER.name_of(sample("business_deleted"), "51") == "bc-1/5550100:51"


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"\xff", b"[" * 10_000, b'{"a":' * 10_000])
def test_what_is_no_object_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        parse(body)


def test_updates_are_named_by_their_number() -> None:
    def key(body: Any) -> str:
        return ADAPTER.dedupe_key(RawInput(body=json.dumps(body).encode(), received_at=clock.real()))

    assert key({"update_id": 5, "message": {}}) == key({"update_id": "5", "edited_message": {}}) == "update:5"
    assert key({"message": {}}) != key({"message": {"x": 1}})
