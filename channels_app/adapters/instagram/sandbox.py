"""Plays a professional Instagram account: direct messages, comments and mentions."""

from typing import ClassVar

from django.utils.translation import gettext

from channels_app.adapters._meta.simulating import NOT_TOLD, AccountSimulator, Json
from helpdesk.lib.events import Event, EventKind

BYTES_MAX = 1000


class InstagramSimulator(AccountSimulator):
    """An account as Meta runs it."""

    kinds = ("message", "edit", "delete", "reaction", "postback", "story_mention", "comment", "mention", "referral",
             "unsupported")  # fmt: skip
    files = ("image", "voice", "video")
    OBJECT: ClassVar[str] = "instagram"
    OWN_KEY: ClassVar[str] = "ig_id"
    COMMENTS_EDGE: ClassVar[str] = "replies"
    HIDE_KEY: ClassVar[str] = "hide"

    # Meta tells of an Instagram message only that it was read.
    statuses: tuple[str, ...] = ("", "read")

    def public(self, own: str, event: Event) -> Json:
        """Write a comment or a mention; Meta does not tell of comments that change or go."""
        if event.kind == EventKind.MENTION:
            return {"field": "mentions", "value": {"media_id": event.conversation_id, "comment_id": event.message_id}}
        if event.kind != EventKind.COMMENT:
            return {}
        writer = {"id": event.sender_id, "username": event.sender_name or "a.customer"}
        media = {"id": event.conversation_id, "media_product_type": "FEED"}
        value: Json = {"id": event.message_id, "from": writer, "text": event.text, "media": media}
        return {"field": "comments", "value": value | ({"parent_id": event.reply_to} if event.reply_to else {})}

    def status(self, event: Event) -> Json:
        """Write that a message was read: by the message, and nothing of its delivery. Raises ValueError."""
        if event.status != "read":
            raise ValueError(gettext(NOT_TOLD))
        return {"read": {"mid": event.target_id}}

    def is_too_long(self, text: str) -> bool:
        """Whether Meta refuses a text for its bytes."""
        return len(text.encode()) > BYTES_MAX


simulator = InstagramSimulator()
