"""What else a sandbox can be told, beside plain messages: {"kind": "edit", …} (docs/sandbox.md). Pure."""

from typing import Any

from channels_app.adapters.sandbox.reading import moment, number, text, texts
from helpdesk.lib.events import SAID, Event, EventFile, EventKind
from helpdesk.lib.inbound import Ignored, Malformed

# Events about something that was said: they need to say about what.
ABOUT = {
    EventKind.EDIT, EventKind.DELETE, EventKind.REACTION, EventKind.STATUS, EventKind.ECHO_EDIT, EventKind.ECHO_DELETE,
}  # fmt: skip
OUT = {EventKind.STATUS, EventKind.ECHO, EventKind.ECHO_EDIT, EventKind.ECHO_DELETE}
STATES = {"sent", "delivered", "read", "failed"}
WHO, ABOUT_WHAT, STATE = "It does not say who (“from”).", "It does not say about what (“about”).", "No such state."


def event(given: dict[str, Any]) -> Event | Ignored:
    """Read one event. Raises Malformed, TypeError, ValueError."""
    name = text(given, "kind")
    if name not in list(EventKind):
        return Ignored(f"Nothing is known of events “{name[:40]}”.")
    kind = EventKind(name)
    _refuse(kind, given)
    return Event(
        kind,
        direction="out" if kind in OUT else "in",
        sender_id=text(given, "from"), sender_name=text(given, "name"), recipient_id=text(given, "to"),
        conversation_id=text(given, "chat") or (text(given, "from") if kind in SAID else ""),
        message_id=text(given, "id"), target_id=text(given, "about"), reply_to=text(given, "answers"),
        text=text(given, "text"), payload=text(given, "payload"), files=_files(given),
        status=text(given, "status"), error_code=text(given, "error_code"), error=text(given, "error"),
        reaction=text(given, "emoji"), is_removed=bool(given.get("removed")), story_url=text(given, "story"),
        occurred_at=moment(text(given, "at")), language=text(given, "language")[:8],
    )  # fmt: skip


def write(event: Event) -> dict[str, Any]:
    """Write an event so that it is read as it was; a plain message in the plain form."""
    said: dict[str, Any] = {
        "kind": event.kind.value, "from": event.sender_id, "name": event.sender_name, "to": event.recipient_id,
        "chat": event.conversation_id, "id": event.message_id, "about": event.target_id, "answers": event.reply_to,
        "text": event.text, "payload": event.payload, "status": event.status, "error_code": event.error_code,
        "error": event.error, "emoji": event.reaction, "removed": event.is_removed, "story": event.story_url,
        "language": event.language, "at": event.occurred_at.isoformat() if event.occurred_at else "",
        "files": [_as_written(one) for one in event.files],
    }  # fmt: skip
    return {name: value for name, value in said.items() if value}


def _refuse(kind: EventKind, given: dict[str, Any]) -> None:
    if kind not in OUT and not text(given, "from"):
        raise Malformed(WHO)
    if kind in ABOUT and not text(given, "about"):
        raise Malformed(ABOUT_WHAT)
    if kind == EventKind.STATUS and text(given, "status") not in STATES:
        raise Malformed(STATE)


def _files(given: dict[str, Any]) -> tuple[EventFile, ...]:
    rows = given.get("files") or []
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise TypeError("“files” is a list of objects")
    return tuple(_file(row) for row in rows)


def _file(row: dict[str, Any]) -> EventFile:
    return EventFile(
        text(row, "type") or "file", ref=text(row, "ref"), url=text(row, "url"), mime=text(row, "mime"),
        name=text(row, "name"), lat=number(row, "lat"), lng=number(row, "lng"), phones=texts(row, "phones"),
        emails=texts(row, "emails"), is_voice=bool(row.get("voice")), is_animated=bool(row.get("animated")),
        text=text(row, "text"),
    )  # fmt: skip


def _as_written(one: EventFile) -> dict[str, Any]:
    said: dict[str, Any] = {
        "type": one.type, "ref": one.ref, "url": one.url, "mime": one.mime, "name": one.name, "lat": one.lat,
        "lng": one.lng, "phones": list(one.phones), "emails": list(one.emails), "voice": one.is_voice,
        "animated": one.is_animated, "text": one.text,
    }  # fmt: skip
    return {name: value for name, value in said.items() if value not in ("", None, [], False)}
