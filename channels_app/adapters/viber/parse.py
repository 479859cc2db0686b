"""Understanding a callback of Viber's: one event each (Viber REST bot API, read 2026-11)."""

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
    text,
    whole,
    word,
)  # fmt: skip
from helpdesk.lib.events import Event, EventFile, EventKind
from helpdesk.lib.inbound import Inbound, Malformed, RawInput

NO_ENVELOPE = "This is not how Viber reports."
FILES = {"picture": "image", "video": "video", "file": "file"}
NOT_WANTED = frozenset({"client_status", "action"})


def read(raw: RawInput) -> list[Inbound]:
    """Return what happened. Raises Malformed."""
    given = load(raw)
    name = word(given.get("event"))
    if not name:
        raise Malformed(NO_ENVELOPE)
    if name in READERS:
        return [READERS[name](given, _around(given))]
    if name in NOT_WANTED:
        return [ignored(f"Nothing comes of “{name}”.")]
    return [ignored("Viber tells of something that this desk does not know.")]


def _around(given: Json) -> Event:
    """Return what every event has. The token is a number of 64 bits, kept as text."""
    who = part(given.get("sender")) or part(given.get("user"))
    return Event(
        kind=EventKind.MESSAGE,
        sender_id=name_of(who.get("id")) or name_of(given.get("user_id")),
        sender_name=word(who.get("name")),
        chat_type="private",
        occurred_at=moment(given.get("timestamp")),
        language=word(who.get("language"), 8),
        details=kept(country=who.get("country"), api_version=whole(who.get("api_version"))),
    )


def _message(given: Json, event: Event) -> Event:
    message = part(given.get("message"))
    kind = word(message.get("type"))
    told = {**event.details, **kept(tracking_data=message.get("tracking_data"), silent=given.get("silent"))}
    event = replace(event, message_id=name_of(given.get("message_token")), text=text(message.get("text")), details=told)
    if kind in FILES:
        return replace(event, files=(_file(kind, message),), duration_seconds=whole(message.get("duration")))
    if kind == "url":
        return replace(event, text="\n".join(one for one in (event.text, word(message.get("media"), 2_000)) if one))
    if kind in CARDS:
        return replace(event, files=(CARDS[kind](message),))
    if kind == "text" or event.text:
        return event
    return replace(event, kind=EventKind.UNSUPPORTED, details={**told, **kept(unknown=kind)})


def _file(kind: str, message: Json) -> EventFile:
    return EventFile(
        type=FILES[kind],
        url=word(message.get("media"), 2_000),
        name=word(message.get("file_name"), 255),
        size_bytes=whole(message.get("file_size")) or whole(message.get("size")),
    )


def _sticker(message: Json) -> EventFile:
    return EventFile("sticker", ref=name_of(message.get("sticker_id")), url=word(message.get("media"), 2_000))


def _card(message: Json) -> EventFile:
    card = part(message.get("contact"))
    phone = word(card.get("phone_number"))
    return EventFile("contact", name=word(card.get("name")), phones=(phone,) if phone else ())


def _place(message: Json) -> EventFile:
    place = part(message.get("location"))
    return EventFile("location", lat=number(place.get("lat")), lng=number(place.get("lon")))


def _status(given: Json, event: Event) -> Event:
    """Return what became of a message. Viber also reports what it delivered to us: that fits no message of ours."""
    return Event(
        kind=EventKind.STATUS,
        direction="out",
        recipient_id=event.sender_id,
        target_id=name_of(given.get("message_token")),
        status=word(given.get("event")),
        error=word(given.get("desc"), 500),
        occurred_at=event.occurred_at,
    )


def _began(given: Json, event: Event) -> Event:
    """Return that somebody opened the chat; they cannot be written to before they write."""
    told = {**event.details, **kept(type=given.get("type"), is_subscribed=given.get("subscribed"))}
    return replace(event, kind=EventKind.CONVERSATION_STARTED, ref=word(given.get("context")), details=told)


def _as(kind: EventKind) -> Callable[[Json, Event], Event]:
    def read(given: Json, event: Event) -> Event:
        return replace(event, kind=kind)

    return read


CARDS = {"sticker": _sticker, "contact": _card, "location": _place}
READERS: dict[str, Callable[[Json, Event], Event]] = {
    "message": _message,
    "delivered": _status,
    "seen": _status,
    "failed": _status,
    "subscribed": _as(EventKind.FOLLOW),
    "unsubscribed": _as(EventKind.OPT_OUT),
    "conversation_started": _began,
    "webhook": _as(EventKind.VERIFY_PING),
}
