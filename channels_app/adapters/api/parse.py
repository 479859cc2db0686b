"""Reading what the API channel was sent. Pure; the door has looked at its shape already (shapes.py)."""

from typing import Any

from channels_app.adapters._sms.reading import moment, part, text, word
from channels_app.adapters.api import shapes
from customers.models import Identity
from helpdesk.lib.events import Event, EventFile, EventKind
from helpdesk.lib.inbound import Ignored, Inbound, Malformed, Party, RawInput

NOT_OURS = "This is not what the API channel takes."
ACTS = {"PATCH": EventKind.EDIT, "DELETE": EventKind.DELETE}


def understand(raw: RawInput) -> list[Inbound]:
    """Return the event of one call. Raises Malformed."""
    place = shapes.place_of(raw.headers.get("x-telaio-path", ""))
    if place is None or place.noun == "files":
        raise Malformed(NOT_OURS)
    method = raw.headers.get("x-telaio-method", "POST")
    is_empty = method == "DELETE" and not raw.body
    given = {} if is_empty else shapes.read(raw.body)
    if given is None or (method != "DELETE" and shapes.problems(place.noun, given)):
        raise Malformed(NOT_OURS)
    if place.noun == "message":
        return [_act(given, place.name, method)]
    return [{"messages": _message, "events": _happening, "statuses": _status}[place.noun](given)]


def _message(given: dict[str, Any]) -> Event:
    person = part(given.get("contact"))
    attributes = part(person.get("attributes"))
    return Event(
        kind=EventKind.MESSAGE,
        sender_id=word(person.get("external_id")),
        sender_name=word(person.get("name"), 200),
        conversation_id=word(given.get("conversation_external_id")),
        message_id=word(given.get("external_id")),
        reply_to=word(given.get("reply_to")),
        text=text(given.get("text")),
        files=tuple(_file(one) for one in given.get("attachments") or []),
        occurred_at=moment(word(given.get("occurred_at"))),
        aliases=_aliases(person),
        language=word(person.get("language"), 8),
        details={"attributes": {word(name, 80): text(value, 1_000) for name, value in attributes.items()}}
        if attributes
        else {},
    )


def _file(given: dict[str, Any]) -> EventFile:
    mime = word(given.get("content_type"), 120).lower()
    sort = word(given.get("type"), 20) or mime.partition("/")[0]
    return EventFile(
        type=sort if sort in shapes.SORTS else "file",
        ref=word(given.get("upload_id"), 64),
        url=word(given.get("url"), 2_000),
        mime=mime,
        name=word(given.get("filename"), 250),
    )


def _aliases(person: dict[str, Any]) -> tuple[Party, ...]:
    """Return the addresses of a person that the signed system knows too."""
    kinds = {"email": Identity.Kind.EMAIL, "phone": Identity.Kind.PHONE}
    return tuple(Party(kind, found) for name, kind in kinds.items() if (found := word(person.get(name))))


def _act(given: dict[str, Any], name: str, method: str) -> Inbound:
    if method not in ACTS:
        return Ignored("A message is changed by PATCH and deleted by DELETE.")
    at = moment(word(given.get("occurred_at")))
    return Event(kind=ACTS[method], target_id=word(name), text=text(given.get("text")), occurred_at=at)


def _happening(given: dict[str, Any]) -> Inbound:
    sort, person = word(given.get("type")), part(given.get("contact"))
    who: dict[str, Any] = {"sender_id": word(person.get("external_id")), "sender_name": word(person.get("name"), 200)}
    at, about = moment(word(given.get("occurred_at"))), word(given.get("message_id"))
    chat = word(given.get("conversation_external_id"))
    if sort == "typing":
        return Event(kind=EventKind.TYPING, conversation_id=chat, occurred_at=at, **who)
    if not about:
        return Ignored("It does not say which message it is about.")
    if sort == "reaction":
        emoji = word(given.get("emoji"), 32)
        return Event(
            kind=EventKind.REACTION, target_id=about, reaction=emoji, is_removed=not emoji, occurred_at=at, **who
        )
    return _told(about, "read", occurred_at=at)


def _status(given: dict[str, Any]) -> Event:
    error = part(given.get("error"))
    is_bad = given["status"] == "failed"
    return _told(
        word(given.get("message_id")),
        given["status"],
        error_code=word(error.get("code"), 40) if is_bad else "",
        error=word(error.get("detail"), 500) if is_bad else "",
        occurred_at=moment(word(given.get("occurred_at"))),
    )


def _told(name: str, status: str, **fields: Any) -> Event:
    """Write a status; a message goes by the name that the other side gave it, or by the one that we did."""
    return Event(
        kind=EventKind.STATUS, direction="out", target_id=name, status=status, details={"piece_key": name}, **fields
    )
