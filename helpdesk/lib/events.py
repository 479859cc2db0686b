"""What providers of messages report, in one set of words: a webhook's body becomes a list of these.

Frozen dataclasses and how they are written as JSON. Nothing here knows a model, a provider or the network.
"""

from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

from helpdesk.lib.inbound import AS_USUAL, Opening, Party, Proof


class EventKind(StrEnum):
    """The kinds of events there are, over all channels."""

    MESSAGE = "message"
    EDIT = "edit"
    DELETE = "delete"
    REACTION = "reaction"
    POSTBACK = "postback"
    FORM_REPLY = "form_reply"
    ORDER = "order"
    STORY_MENTION = "story_mention"
    COMMENT = "comment"
    POST = "post"
    MENTION = "mention"
    CHANNEL_POST = "channel_post"
    CHANNEL_EDIT = "channel_edit"
    ECHO = "echo"
    ECHO_EDIT = "echo_edit"
    ECHO_DELETE = "echo_delete"
    STATUS = "status"
    OPT_IN = "opt_in"
    OPT_OUT = "opt_out"
    REFERRAL = "referral"
    FOLLOW = "follow"
    UNFOLLOW = "unfollow"
    JOIN = "join"
    LEAVE = "leave"
    MEMBER_CHANGE = "member_change"
    CONVERSATION_STARTED = "conversation_started"
    SYSTEM = "system"
    CALL = "call"
    CALL_STATUS = "call_status"
    CALL_PERMISSION = "call_permission"
    IVR_INPUT = "ivr_input"
    RECORDING = "recording"
    TRANSCRIPTION = "transcription"
    EMAIL = "email"
    HANDOVER = "handover"
    ACCOUNT = "account"
    TEMPLATE = "template"
    MESSAGE_REQUEST = "message_request"
    MESSAGE_ERROR = "message_error"
    UNSUPPORTED = "unsupported"
    TEST_EVENT = "test_event"
    VERIFY_PING = "verify_ping"
    HANDSHAKE = "handshake"
    TYPING = "typing"
    IGNORED = "ignored"


# Somebody said something: these become an entry of their own.
SAID = frozenset(
    {
        EventKind.MESSAGE, EventKind.POSTBACK, EventKind.FORM_REPLY, EventKind.ORDER, EventKind.STORY_MENTION,
        EventKind.COMMENT, EventKind.MENTION, EventKind.UNSUPPORTED, EventKind.MESSAGE_ERROR,
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class EventFile:
    """A file, a place or a card that came with a message; its bytes are still with the provider.

    type: image, audio, video, file, sticker, location, contact, share, ig_reel, reel, ig_post, story_mention, …
    ref: the provider's id of the file; url: where it lies, for a while. lat and lng in degrees, as they were given.
    phones and emails: of a contact. text: a place's address, a shared thing's title. error: why the provider has
    none ('' when it has). sha256: hexadecimal, '' when the provider does not say.
    """

    type: str
    ref: str = ""
    url: str = ""
    mime: str = ""
    name: str = ""
    lat: float | None = None
    lng: float | None = None
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    is_voice: bool = False
    is_animated: bool = False
    sha256: str = ""
    size_bytes: int | None = None
    text: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing a provider told us. Ids are texts as the provider writes them, '' where there is none.

    direction: in (by the customer) or out (by us, or about what we sent). sender_id and recipient_id: people or
    accounts. conversation_id: a group, room or chat, or the post of a comment; chat_type: private, group, …
    message_id: this message's own id. target_id and target_ids: what an edit, delete, reaction or status is about.
    reply_to: the message or comment it answers. payload: of a button or a form. status and error_code in the
    provider's words; error: its sentence. watermark: all messages up to this time (ms). event_id: the delivery's own.
    aliases: further identities of the same person that came along. hints: what the adapter wants to find again on
    the thread when it sends (a reply token). proof: how sure it is that the sender is who the event says. opening: how
    a conversation begins that it opens. details: what no field holds and a person may ask about; plain JSON.
    Filing itself reads of them: piece_key (our own key of a piece, where the provider gives it back), code (our word of
    SendError for a failed status), new_value (of a changed number), is_automatic (an echo that no person wrote), link
    (of a comment), headline (of an advertisement), name, language and reason (of a template),
    purpose ("offers": a wish to get messages, or none, that is about offers alone), form (what was filled in beside the
    words: name and value each, and as `kind` whether the value is a word of ours, a date, or text).
    """

    kind: EventKind
    direction: str = "in"
    sender_id: str = ""
    sender_name: str = ""
    recipient_id: str = ""
    conversation_id: str = ""
    chat_type: str = ""
    message_id: str = ""
    target_id: str = ""
    target_ids: tuple[str, ...] = ()
    reply_to: str = ""
    text: str = ""
    files: tuple[EventFile, ...] = ()
    payload: str = ""
    status: str = ""
    error_code: str = ""
    error: str = ""
    reaction: str = ""
    is_removed: bool = False
    watermark: str = ""
    is_forwarded: bool = False
    ref: str = ""
    ad_id: str = ""
    user_ref: str = ""
    story_url: str = ""
    event_id: str = ""
    duration_seconds: int | None = None
    occurred_at: datetime | None = None
    language: str = ""
    aliases: tuple[Party, ...] = ()
    hints: dict[str, str] = field(default_factory=dict)
    proof: Proof = Proof.PROVEN
    opening: Opening = AS_USUAL
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def customer_id(self) -> str:
        """Whoever is not us: the sender, or the recipient of what we sent."""
        return self.sender_id if self.direction == "in" else self.recipient_id


def as_json(event: Event) -> dict[str, Any]:
    """Write an event with the names of `manage.py parse_webhook`; null where nothing was said."""
    return {
        "kind": event.kind.value,
        "direction": event.direction,
        "sender_id": event.sender_id or None,
        "sender_name": event.sender_name or None,
        "recipient_id": event.recipient_id or None,
        "conversation_id": event.conversation_id or None,
        "chat_type": event.chat_type or None,
        "message_id": event.message_id or None,
        "target_id": event.target_id or None,
        "target_ids": list(event.target_ids) or None,
        "reply_to": event.reply_to or None,
        "text": event.text or None,
        "attachments": [_file(one) for one in event.files],
        "payload": event.payload or None,
        "status": event.status or None,
        "error_code": event.error_code or None,
        "reaction": event.reaction or None,
        # Of a reaction it is asked; of anything else it means nothing.
        "removed": event.is_removed if event.kind == EventKind.REACTION else None,
        "watermark": event.watermark or None,
        "forwarded": event.is_forwarded or None,
        "ref": event.ref or None,
        "ad_id": event.ad_id or None,
        "user_ref": event.user_ref or None,
        "story_reply": event.story_url or None,
        "event_id": event.event_id or None,
        # Telegram's word for it.
        "update_id": event.event_id or None,
        "duration": event.duration_seconds,
        "occurred_at": event.occurred_at.isoformat() if event.occurred_at else None,
        "details": event.details or None,
    }


def _file(one: EventFile) -> dict[str, Any]:
    return {
        "type": one.type,
        "ref": one.ref or None,
        "url": one.url or None,
        "mime": one.mime or None,
        "name": one.name or None,
        "lat": one.lat,
        "lng": one.lng,
        "phones": list(one.phones) or None,
        "emails": list(one.emails) or None,
        "voice": one.is_voice or None,
        "animated": one.is_animated or None,
        "text": one.text or None,
        "error": one.error or None,
    }


def file_as_json(file: EventFile) -> dict[str, Any]:
    """Write a file as Attachment.source keeps it: plain JSON with the names of its fields."""
    return {**asdict(file), "phones": list(file.phones), "emails": list(file.emails)}


def file_from_json(kept: dict[str, Any]) -> EventFile:
    """Read what `file_as_json` wrote; further keys are somebody else's."""
    known = {one.name: kept[one.name] for one in fields(EventFile) if one.name in kept}
    lists = {name: tuple(known.get(name) or ()) for name in ("phones", "emails")}
    return EventFile(**{"type": "", **known, **lists})
