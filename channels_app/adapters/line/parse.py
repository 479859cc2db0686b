"""Understanding LINE's webhook: a list of events, each on its own (LINE's webhook.yml, read 2026-11).

Older bodies lack `webhookEventId`, `mode` and `deliveryContext`: nothing here needs them.
"""

from collections.abc import Callable
from dataclasses import replace

from channels_app.adapters._chat.reading import (
    Json,
    ignored,
    kept,
    load,
    moment,
    name_of,
    number,
    part,
    parts,
    text,
    whole,
    word,
)  # fmt: skip
from helpdesk.lib.events import Event, EventFile, EventKind
from helpdesk.lib.inbound import Ignored, Inbound, Malformed, RawInput

NO_ENVELOPE = "This is not how LINE reports."
GROUPS = frozenset({"group", "room"})
FILES = frozenset({"image", "video", "audio", "file"})
# What happens around the account and means nothing to a desk.
NOT_WANTED = frozenset({"videoPlayComplete", "beacon", "accountLink", "membership", "delivery"})
# Another program takes the account over, or gives it back.
HANDOVERS = frozenset({"module", "activated", "deactivated"})
ACCOUNTS = frozenset({"botSuspended", "botResumed"})


def read(raw: RawInput) -> list[Inbound]:
    """Return what happened, in order. Raises Malformed."""
    given = load(raw)
    if "events" not in given:
        raise Malformed(NO_ENVELOPE)
    listed, to = given["events"], name_of(given.get("destination"))
    if listed == []:
        # The console's “Verify”.
        return [Event(kind=EventKind.VERIFY_PING, recipient_id=to)]
    takes_groups = raw.config.get("groups") != "ignore"
    found: list[Inbound] = [_event(one, to, takes_groups) for one in parts(listed)]
    return found or [Ignored("There is no event in it.")]


def _event(given: Json, to: str, takes_groups: bool) -> Event:
    kind, event = word(given.get("type")), _around(given, to)
    if event.chat_type in GROUPS and not takes_groups:
        return ignored("Groups are ignored by this channel.", event_id=event.event_id)
    if kind in READERS:
        return READERS[kind](given, event)
    if kind in HANDOVERS:
        return replace(event, kind=EventKind.HANDOVER, status=kind)
    if kind in ACCOUNTS:
        return replace(event, kind=EventKind.ACCOUNT, status=kind)
    if kind in NOT_WANTED:
        return ignored(f"Nothing comes of “{kind}”.", event_id=event.event_id)
    return ignored("LINE tells of something that this desk does not know.", event_id=event.event_id)


def _around(given: Json, to: str) -> Event:
    """Return what every event has; the kind is the caller's to say. In groups LINE may hide who it was."""
    source = part(given.get("source"))
    message, chat_type = part(given.get("message")), word(source.get("type"))
    chat = name_of(source.get("groupId")) or name_of(source.get("roomId"))
    return Event(
        kind=EventKind.MESSAGE,
        sender_id=name_of(source.get("userId")),
        recipient_id=to,
        conversation_id=chat or name_of(source.get("userId")),
        chat_type="private" if chat_type == "user" else chat_type,
        event_id=name_of(given.get("webhookEventId")),
        occurred_at=moment(given.get("timestamp")),
        hints=_hints(given, message),
        details=kept(
            mode="" if given.get("mode") == "active" else given.get("mode"),
            is_redelivery=part(given.get("deliveryContext")).get("isRedelivery"),
        ),
    )


def _hints(given: Json, message: Json) -> dict[str, str]:
    """Return the token by which an answer is free for a moment, and since when; and the one to say it was read."""
    found = {"read_token": name_of(message.get("markAsReadToken"))}
    at = whole((number(given.get("timestamp")) or 0) / 1000)
    if at and given.get("mode") != "standby":
        found |= {"reply_token": name_of(given.get("replyToken")), "reply_at": str(at)}
    return {name: value for name, value in found.items() if value} if any(found.values()) else {}


def _message(given: Json, event: Event) -> Event:
    message = part(given.get("message"))
    event = replace(event, message_id=name_of(message.get("id")), reply_to=name_of(message.get("quotedMessageId")))
    return _said(message, event)


def _said(message: Json, event: Event) -> Event:
    """Add what a message says."""
    kind, told = word(message.get("type")), {**event.details, **_details(message)}
    event = replace(event, details=told)
    if kind == "text":
        return replace(event, text=text(message.get("text")))
    if kind in FILES:
        length = whole((number(message.get("duration")) or 0) / 1000) or None
        return replace(event, files=(_file(kind, message),), duration_seconds=length)
    if kind == "location":
        return replace(event, files=(_place(message),))
    if kind == "sticker":
        return replace(event, files=(_sticker(message),))
    kind_of = EventKind.UNSUPPORTED if event.kind == EventKind.MESSAGE else event.kind
    return replace(event, kind=kind_of, details={**told, **kept(unknown=kind)})


def _details(message: Json) -> Json:
    pictures = part(message.get("imageSet"))
    mentioned = [name_of(one.get("userId")) for one in parts(part(message.get("mention")).get("mentionees"))]
    return kept(
        image_set=pictures.get("id"), image_set_index=whole(pictures.get("index")),
        image_set_total=whole(pictures.get("total")), mentioned=" ".join(one for one in mentioned if one),
    )  # fmt: skip


def _file(kind: str, message: Json) -> EventFile:
    """Return a file: LINE has it, or somebody else for whom LINE only passes the address on."""
    provider = part(message.get("contentProvider"))
    is_external = provider.get("type") == "external"
    return EventFile(
        type=kind,
        ref="" if is_external else name_of(message.get("id")),
        url=word(provider.get("originalContentUrl"), 2_000) if is_external else "",
        name=word(message.get("fileName"), 255),
        size_bytes=whole(message.get("fileSize")),
        is_voice=kind == "audio",
    )


def _place(message: Json) -> EventFile:
    return EventFile(
        "location", lat=number(message.get("latitude")), lng=number(message.get("longitude")),
        name=word(message.get("title")), text=word(message.get("address")),
    )  # fmt: skip


def _sticker(message: Json) -> EventFile:
    listed = message.get("keywords")
    keywords = [word(one, 60) for one in listed if word(one, 60)] if isinstance(listed, list) else []
    words = word(message.get("text")) or ", ".join(keywords[:3])
    kind = word(message.get("stickerResourceType"))
    is_animated = kind not in {"", "STATIC", "MESSAGE", "NAME_TEXT", "PER_STICKER_TEXT"}
    return EventFile("sticker", ref=name_of(message.get("stickerId")), text=words, is_animated=is_animated)


def _edited(given: Json, event: Event) -> Event:
    """Return an edit: the whole new message under its old id."""
    message = part(given.get("message"))
    name = name_of(message.get("id"))
    return _said(message, replace(event, kind=EventKind.EDIT, message_id=name, target_id=name))


def _unsent(given: Json, event: Event) -> Event:
    return replace(event, kind=EventKind.DELETE, target_id=name_of(part(given.get("unsend")).get("messageId")))


def _followed(given: Json, event: Event) -> Event:
    is_unblocked = bool(part(given.get("follow")).get("isUnblocked"))
    return replace(event, kind=EventKind.FOLLOW, details={**event.details, **kept(is_unblocked=is_unblocked)})


def _pressed(given: Json, event: Event) -> Event:
    """Return a button that was pressed, with the date or time that was chosen by it."""
    postback = part(given.get("postback"))
    chosen = {name: word(value) for name, value in part(postback.get("params")).items() if word(value)}
    told = {**event.details, **({"params": chosen} if chosen else {})}
    return replace(event, kind=EventKind.POSTBACK, payload=text(postback.get("data"), 1_000), details=told)


def _members(given: Json, event: Event) -> Event:
    kind = word(given.get("type"))
    listed = parts(part(given.get("joined" if kind == "memberJoined" else "left")).get("members"))
    names = " ".join(name_of(one.get("userId")) for one in listed if name_of(one.get("userId")))
    told = {**event.details, **kept(members=names)}
    return replace(event, kind=EventKind.MEMBER_CHANGE, status=kind, details=told)


def _as(kind: EventKind) -> Callable[[Json, Event], Event]:
    def read(given: Json, event: Event) -> Event:
        return replace(event, kind=kind)

    return read


READERS: dict[str, Callable[[Json, Event], Event]] = {
    "message": _message,
    "messageEdited": _edited,
    "unsend": _unsent,
    "follow": _followed,
    "unfollow": _as(EventKind.UNFOLLOW),
    "join": _as(EventKind.JOIN),
    "leave": _as(EventKind.LEAVE),
    "memberJoined": _members,
    "memberLeft": _members,
    "postback": _pressed,
}
