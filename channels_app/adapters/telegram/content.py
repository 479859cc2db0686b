"""What a message of Telegram holds: text, files, places, cards and what else can be said in words. Pure.

Bot API 10, Message (read 2026-11).
"""

from dataclasses import dataclass

from channels_app.adapters._chat.reading import (
    Json,
    joined,
    kept,
    name_of,
    number,
    part,
    parts,
    text,
    whole,
    word,
)  # fmt: skip
from channels_app.adapters.telegram.entities import plain
from helpdesk.lib.events import EventFile
from helpdesk.lib.inbound import Party

# Telegram's word for a file, and ours. An animation comes with a document that is its twin.
FILES = {
    "animation": "video", "video": "video", "video_note": "video", "audio": "audio", "voice": "audio",
    "document": "file",
}  # fmt: skip
# What Telegram tells in a chat without anybody having said anything.
SERVICE = frozenset(
    {
        "new_chat_members", "left_chat_member", "new_chat_title", "new_chat_photo", "delete_chat_photo",
        "group_chat_created", "supergroup_chat_created", "channel_chat_created", "message_auto_delete_timer_changed",
        "migrate_from_chat_id", "pinned_message", "successful_payment", "refunded_payment", "users_shared",
        "chat_shared", "connected_website", "write_access_allowed", "passport_data", "proximity_alert_triggered",
        "boost_added", "chat_background_set", "forum_topic_created", "forum_topic_edited", "forum_topic_closed",
        "forum_topic_reopened", "general_forum_topic_hidden", "general_forum_topic_unhidden", "giveaway_created",
        "giveaway_completed", "giveaway_winners", "video_chat_scheduled", "video_chat_started", "video_chat_ended",
        "video_chat_participants_invited", "web_app_data", "gift", "unique_gift", "gift_upgrade_sent",
        "paid_message_price_changed", "direct_message_price_changed", "checklist_tasks_done",
        "checklist_tasks_added", "chat_owner_left", "chat_owner_changed", "suggested_post_approved",
        "suggested_post_approval_failed", "suggested_post_declined", "suggested_post_paid",
        "suggested_post_refunded",
    }
)  # fmt: skip
# What every message may have beside its content.
AROUND = frozenset(
    {
        "message_id", "message_thread_id", "direct_messages_topic", "from", "sender_chat", "sender_boost_count",
        "sender_business_bot", "date", "business_connection_id", "chat", "forward_origin", "forward_from",
        "forward_from_chat", "forward_from_message_id", "forward_signature", "forward_sender_name", "forward_date",
        "is_topic_message", "is_automatic_forward", "reply_to_message", "external_reply", "quote", "reply_to_story",
        "reply_to_checklist_task_id", "via_bot", "edit_date", "has_protected_content", "is_from_offline",
        "is_paid_post", "media_group_id", "author_signature", "paid_star_count", "text", "entities",
        "link_preview_options", "suggested_post_info", "effect_id", "caption", "caption_entities",
        "show_caption_above_media", "has_media_spoiler", "reply_markup", "sender_tag",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Content:
    """What was said. unknown: the name of something in it that we cannot show."""

    text: str = ""
    files: tuple[EventFile, ...] = ()
    duration_seconds: int | None = None
    unknown: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing that could be shown."""
        return not (self.text or self.files)


def read(message: Json) -> Content:
    """Return what a message says."""
    said = plain(message.get("text"), message.get("entities"))
    said = said or plain(message.get("caption"), message.get("caption_entities"))
    files = (*_photo(message), *_files(message), *_sticker(message), *_place(message), *_card(message))
    more, known = _in_words(message)
    told = "\n".join(one for one in (said, more) if one)
    lengths = (whole(part(message.get(name)).get("duration")) for name in FILES)
    return Content(told, files, next((one for one in lengths if one is not None), None), _unknown(message, known))


def own_number(message: Json, sender_id: str) -> tuple[Party, ...]:
    """Return the phone number of whoever shared their own card: Telegram says whose it is."""
    card = part(message.get("contact"))
    digits = "".join(sign for sign in word(card.get("phone_number")) if sign.isascii() and sign.isdigit())
    if not digits or not sender_id or name_of(card.get("user_id")) != sender_id:
        return ()
    return (Party(kind="phone", value=f"+{digits}"),)


def _photo(message: Json) -> tuple[EventFile, ...]:
    """Return a picture in its largest size."""
    sizes = [one for one in parts(message.get("photo")) if name_of(one.get("file_id"))]
    if not sizes:
        return ()
    largest = max(sizes, key=lambda one: (whole(one.get("width")) or 0) * (whole(one.get("height")) or 0))
    return (_file("image", largest),)


def _files(message: Json) -> tuple[EventFile, ...]:
    given = [(name, part(message.get(name))) for name in FILES if part(message.get(name)).get("file_id")]
    if any(name == "animation" for name, _ in given):
        given = [(name, one) for name, one in given if name != "document"]
    return tuple(
        _file(FILES[name], one, is_voice=name == "voice", is_animated=name == "animation") for name, one in given
    )


def _sticker(message: Json) -> tuple[EventFile, ...]:
    sticker = part(message.get("sticker"))
    if not name_of(sticker.get("file_id")):
        return ()
    is_animated = bool(sticker.get("is_animated") or sticker.get("is_video"))
    return (_file("sticker", sticker, is_animated=is_animated, words=word(sticker.get("emoji"))),)


def _file(kind: str, given: Json, *, is_voice: bool = False, is_animated: bool = False, words: str = "") -> EventFile:
    return EventFile(
        type=kind,
        ref=name_of(given.get("file_id")),
        mime=word(given.get("mime_type")).lower(),
        name=word(given.get("file_name"), 255),
        is_voice=is_voice,
        is_animated=is_animated,
        size_bytes=whole(given.get("file_size")),
        text=words,
    )


def _place(message: Json) -> tuple[EventFile, ...]:
    venue = part(message.get("venue"))
    place = part(venue.get("location")) or part(message.get("location"))
    lat, lng = number(place.get("latitude")), number(place.get("longitude"))
    if lat is None or lng is None:
        return ()
    return (EventFile("location", lat=lat, lng=lng, name=word(venue.get("title")), text=word(venue.get("address"))),)


def _card(message: Json) -> tuple[EventFile, ...]:
    card = part(message.get("contact"))
    phone, name = word(card.get("phone_number")), joined(card.get("first_name"), card.get("last_name"))
    if not phone and not name:
        return ()
    return (EventFile("contact", name=name, phones=(phone,) if phone else ()),)


def _in_words(message: Json) -> tuple[str, frozenset[str]]:
    """Return what can be told in words, and under which names it stood."""
    said = {
        "poll": _poll(part(message.get("poll"))),
        "checklist": _checklist(part(message.get("checklist"))),
        "dice": joined(part(message.get("dice")).get("emoji"), part(message.get("dice")).get("value")),
        "game": joined(part(message.get("game")).get("title")),
        "invoice": joined(part(message.get("invoice")).get("title")),
    }
    told = {name: words for name, words in said.items() if words}
    return "\n".join(told.values()), frozenset(told)


def _poll(poll: Json) -> str:
    question = text(poll.get("question"), 1_000)
    return "\n".join([question, *(f"• {text(one.get('text'), 500)}" for one in parts(poll.get("options")))]).strip()


def _checklist(listed: Json) -> str:
    rows = [f"{'☑' if one.get('completion_date') else '☐'} {text(one.get('text'), 500)}"
            for one in parts(listed.get("tasks"))]  # fmt: skip
    return "\n".join([text(listed.get("title"), 500), *rows]).strip()


def _unknown(message: Json, told: frozenset[str]) -> str:
    known = AROUND | SERVICE | told | set(FILES) | {"photo", "sticker", "location", "venue", "contact"}
    return next((word(name, 60) for name, value in message.items() if name not in known and value is not None), "")


def details_of(message: Json) -> Json:
    """Return what a person may ask about and no field of an event holds."""
    return kept(
        media_group_id=message.get("media_group_id"),
        business_connection_id=message.get("business_connection_id"),
        topic=message.get("message_thread_id"),
        username=part(message.get("from")).get("username"),
        chat_title=part(message.get("chat")).get("title"),
        quoted_text=text(part(message.get("quote")).get("text"), 500),
        live_seconds=whole(part(message.get("location")).get("live_period")),
        edited_at=whole(message.get("edit_date")),
    )
