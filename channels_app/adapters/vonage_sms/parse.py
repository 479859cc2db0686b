"""Reading Vonage's webhooks: those of the SMS API and both forms of the Messages API. Pure.

Names and oddities: Vonage's descriptions of the SMS API and the Messages API (v1 and the older one), read 2026-11.
"""

import binascii
from typing import Any

from channels_app.adapters._sms import people
from channels_app.adapters._sms.reading import degrees, each, moment, part, read, text, word
from channels_app.adapters.vonage_sms.errors import said_of, said_of_receipt
from customers.models import Identity
from helpdesk.lib.events import Event, EventFile, EventKind
from helpdesk.lib.inbound import Ignored, Inbound, Malformed, Party, RawInput

# The words of receipts (SMS API) and of statuses (Messages API) for the state of a message of ours.
STATES = {
    "accepted": "sent",
    "buffered": "sent",
    "submitted": "sent",
    "sent": "sent",
    "delivered": "delivered",
    "read": "read",
    "expired": "failed",
    "failed": "failed",
    "rejected": "failed",
    "undeliverable": "failed",
}
FILES = frozenset({"image", "audio", "video", "file", "sticker", "vcard"})
PRESSED = frozenset({"reply", "button"})
# The networks on which people are their phone numbers.
NUMBERED = frozenset({"", "sms", "mms", "rcs"})
# What a status and a message of the Messages API have in common.
UUID = "message_uuid"


def understand(raw: RawInput) -> list[Inbound]:
    """Return the events of one webhook. Raises Malformed."""
    return each(read(raw), _events)


def party_of(event: Event, realm: str) -> Party:
    """Say who the customer of an event is. Never raises."""
    network = str(event.hints.get("network", ""))
    if network == "whatsapp":
        number = people.phone(event.customer_id, is_international=True) or event.customer_id
        return Party(Identity.Kind.WHATSAPP, number, name=event.sender_name)
    if network:
        return Party(Identity.Kind.OTHER, event.customer_id, realm=f"{network} {realm}"[:120], name=event.sender_name)
    return people.party_of(event, realm, is_international=True)


def _events(given: dict[str, Any]) -> list[Inbound]:
    if word(given.get(UUID)):
        return _of_messages_api(given)
    name = word(given.get("messageId") or given.get("message-id"))
    if not name:
        if "msisdn" in given or "api-key" in given:
            return [Ignored("Vonage does not say which message this is about.")]
        raise Malformed("This is no webhook of Vonage's messages.")
    if word(given.get("status")):
        return [_receipt(given, name)]
    return [_sms(given, name)]


def _receipt(given: dict[str, Any], name: str) -> Inbound:
    state = word(given.get("status")).lower()
    code = word(given.get("err-code"), 40)
    code = "" if code == "0" else code
    return _status(
        state,
        target_id=name,
        sender_id=word(given.get("to")),
        recipient_id=word(given.get("msisdn")),
        error_code=code,
        occurred_at=moment(word(given.get("message-timestamp"))),
        said=said_of_receipt(code),
        ref=given.get("client-ref"),
    )


def _sms(given: dict[str, Any], name: str) -> Event:
    is_binary = word(given.get("type")).lower() == "binary"
    said = text(given.get("text"))
    return Event(
        kind=EventKind.UNSUPPORTED if is_binary and not said else EventKind.MESSAGE,
        sender_id=word(given.get("msisdn")),
        recipient_id=word(given.get("to")),
        message_id=name,
        text=said,
        occurred_at=moment(word(given.get("message-timestamp"))),
        details={**_concat(given), **(_binary(given) if is_binary else {})},
    )


def _concat(given: dict[str, Any]) -> dict[str, Any]:
    """Say which part of which long message this is; what follows is put together where it is filed."""
    if word(given.get("concat")).lower() != "true":
        return {}
    ref, number, total = (word(given.get(f"concat-{name}"), 40) for name in ("ref", "part", "total"))
    if not (ref and number.isdecimal() and total.isdecimal() and 1 <= int(number) <= int(total) <= 255):
        return {}
    return {"concat": {"ref": ref, "part": int(number), "total": int(total)}}


def _binary(given: dict[str, Any]) -> dict[str, Any]:
    try:
        size = len(binascii.unhexlify(word(given.get("data"), 4_000)))
    except (binascii.Error, ValueError):
        size = 0
    return {"type": "binary", "bytes": size}


def _of_messages_api(given: dict[str, Any]) -> list[Inbound]:
    if word(given.get("status")):
        return [_message_status(given)]
    content = part(part(given.get("message")).get("content")) or given
    sort = word(content.get("type") or content.get("message_type")).lower()
    if not sort:
        return [Ignored("Vonage does not say of what type this message is.")]
    return [_message(given, content, sort)]


def _message_status(given: dict[str, Any]) -> Inbound:
    state = word(given.get("status")).lower()
    error = part(given.get("error"))
    code = word(error.get("title") or error.get("code"), 40)
    if not code.isdigit():
        # The newer form names the code behind the address of its description.
        code = word(error.get("type"), 300).rpartition("#")[2][:40] or code
    return _status(
        state,
        target_id=word(given.get(UUID)),
        sender_id=_number(given.get("from")),
        recipient_id=_number(given.get("to")),
        error_code=code,
        occurred_at=moment(word(given.get("timestamp"))),
        said=said_of(code),
        ref=given.get("client_ref"),
    )


def _message(given: dict[str, Any], content: dict[str, Any], sort: str) -> Event:
    files = _files(content, sort)
    pressed = part(content.get(sort)) if sort in PRESSED else {}
    network = word(given.get("channel") or part(given.get("from")).get("type"), 20).lower()
    network = "" if network in NUMBERED else network
    return Event(
        kind=_kind(content, sort, files),
        sender_id=_number(given.get("from")),
        sender_name=word(part(given.get("profile")).get("name"), 200),
        recipient_id=_number(given.get("to")),
        # The same number on two networks is two threads: an answer goes where the question came from.
        conversation_id=f"{network}:{_number(given.get('from'))}" if network else "",
        message_id=word(given.get(UUID)),
        reply_to=word(part(given.get("context")).get(UUID)),
        text=_text(content, sort, pressed),
        files=files,
        payload=text(pressed.get("payload") or pressed.get("id"), 1_000),
        occurred_at=moment(word(given.get("timestamp"))),
        hints=_known(network=network),
        details=_known(network=network, type="" if sort == "text" else sort),
    )


def _kind(content: dict[str, Any], sort: str, files: tuple[EventFile, ...]) -> EventKind:
    if sort in PRESSED:
        return EventKind.POSTBACK
    if sort == "order":
        return EventKind.ORDER
    return EventKind.MESSAGE if sort == "text" or files or text(content.get("text")) else EventKind.UNSUPPORTED


def _text(content: dict[str, Any], sort: str, pressed: dict[str, Any]) -> str:
    if pressed:
        return text(pressed.get("title") or pressed.get("text"))
    return text(content.get("text")) or text(
        part(content.get(sort)).get("caption") or part(content.get(sort)).get("text")
    )


def _files(content: dict[str, Any], sort: str) -> tuple[EventFile, ...]:
    found = part(content.get(sort))
    if sort == "location":
        lat, lng = degrees(found.get("lat"), 90), degrees(found.get("long"), 180)
        name, address = word(found.get("name"), 250), word(found.get("address"), 1_000)
        return (EventFile("location", name=name, text=address, lat=lat, lng=lng),) if None not in (lat, lng) else ()
    url = word(found.get("url"), 2_000)
    if sort not in FILES or not url:
        return ()
    name = word(found.get("name") or found.get("filename"), 250)
    # An address card is a file here: what is in it has still to be fetched.
    is_card = sort == "vcard"
    return (EventFile("file" if is_card else sort, url=url, name=name, mime="text/vcard" if is_card else ""),)


def _status(state: str, *, said: tuple[str, str], ref: object, **fields: Any) -> Inbound:
    """Write a status. said: our word and a sentence for a failure; ref: our key of the piece."""
    if state not in STATES:
        return Ignored(f"Vonage says “{state[:40]}” of a message, which tells nothing.")
    ours, sentence = said if STATES[state] == "failed" else ("", "")
    details = _known(said=state, piece_key=word(ref, 100), code=ours)
    return Event(
        kind=EventKind.STATUS, direction="out", status=STATES[state], error=sentence, details=details, **fields
    )


def _known(**values: str) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}


def _number(given: object) -> str:
    """Return an address: the older form nests it."""
    nested = part(given)
    return word(nested.get("number") or nested.get("id")) if nested else word(given)
