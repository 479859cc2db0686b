"""Reading Twilio's webhooks: messages of customers and the states of ours. Pure.

Names and oddities: Twilio's documentation of messaging webhooks and of WhatsApp's additions, read 2026-11. New
parameters appear without notice; what is not named here is left alone.
"""

import base64
import binascii
import re
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from channels_app.adapters._sms import people
from channels_app.adapters._sms.people import WHATSAPP
from channels_app.adapters._sms.reading import degrees, each, part, read, text, word
from channels_app.adapters.twilio_sms.errors import sentence_of, word_of
from helpdesk.lib.events import Event, EventFile, EventKind
from helpdesk.lib.inbound import Ignored, Inbound, Malformed, Party, RawInput

# Twilio's words for the state of a message of ours; `sent`: Twilio has it.
STATES = {
    "accepted": "sent",
    "scheduled": "sent",
    "queued": "sent",
    "sending": "sent",
    "sent": "sent",
    "partially_delivered": "sent",
    "delivered": "delivered",
    "read": "read",
    "undelivered": "failed",
    "failed": "failed",
    "canceled": "failed",
}
# Its words for a message of a customer, and none at all.
INBOUND = frozenset({"", "received", "receiving"})
PREFERENCES = {"STOP": EventKind.OPT_OUT, "START": EventKind.OPT_IN}
# What follows the address that we give out for states: the key of the piece.
PIECE = re.compile(r"^(?:[\w-]{1,40}/)?([\w.:-]{1,100})/?$")
MEDIA = re.compile(r"^MediaUrl(\d{1,3})$")
PLACE = ("FromCity", "FromState", "FromCountry")
REFERRAL = ("ReferralSourceUrl", "ReferralSourceType", "ReferralHeadline", "ReferralBody")
BASE64 = re.compile(r"^(?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$")
BASE64_MIN = 60


def understand(raw: RawInput) -> list[Inbound]:
    """Return the events of one webhook. Raises Malformed."""
    return each(read(raw), lambda given: _events(given, raw))


def _events(given: dict[str, Any], raw: RawInput) -> list[Inbound]:
    name = _sid(given)
    if not name:
        if "AccountSid" in given:
            return [Ignored("Twilio reports something that is no message.")]
        raise Malformed("This is no webhook of Twilio's messaging.")
    state = word(given.get("MessageStatus") or given.get("SmsStatus")).lower()
    if state not in INBOUND:
        return _status(given, name, state, raw)
    if not word(given.get("From")):
        return [Ignored("Twilio does not say whom this is from.")]
    return [*_message(given)]


def _message(given: dict[str, Any]) -> list[Event]:
    """Return what a customer's message says: the message, and their word on being written to beside it."""
    said = _said(given)
    preference = PREFERENCES.get(word(given.get("OptOutType")).upper())
    if preference is None:
        return [said]
    about = Event(
        kind=preference,
        sender_id=said.sender_id,
        sender_name=said.sender_name,
        recipient_id=said.recipient_id,
        target_id=said.message_id,
        text=said.text,
        aliases=said.aliases,
        details={"source": "OptOutType"},
    )
    return [said, about]


def _sid(given: dict[str, Any]) -> str:
    """Return the message's name; the others are older words for it and may differ."""
    return next((found for key in ("MessageSid", "SmsSid", "SmsMessageSid") if (found := word(given.get(key)))), "")


def _status(given: dict[str, Any], name: str, state: str, raw: RawInput) -> list[Inbound]:
    if state not in STATES:
        return [Ignored(f"Twilio says “{state[:40]}” of a message, which is unknown here.")]
    code = word(given.get("ErrorCode"), 40).strip("0 ") and word(given.get("ErrorCode"), 40)
    piece = PIECE.match(raw.headers.get("x-telaio-path", ""))
    is_bad = STATES[state] == "failed"
    about = {"said": state, "piece_key": piece.group(1) if piece else "", "code": word_of(code) if is_bad else ""}
    return [
        Event(
            kind=EventKind.STATUS,
            direction="out",
            sender_id=word(given.get("From")),
            recipient_id=word(given.get("To")),
            target_id=name,
            status=STATES[state],
            error_code=code,
            error=sentence_of(code) if is_bad else "",
            details={name: value for name, value in about.items() if value},
        )
    ]


def _said(given: dict[str, Any]) -> Event:
    written, details = _text(given)
    title, payload = _button(given)
    return Event(
        kind=EventKind.POSTBACK if payload else EventKind.MESSAGE,
        sender_id=word(given.get("From")),
        sender_name=word(given.get("ProfileName"), 200),
        recipient_id=word(given.get("To")),
        message_id=_sid(given),
        reply_to=word(given.get("OriginalRepliedMessageSid")),
        text=written or title,
        files=(*_media(given), *_place(given)),
        payload=payload,
        is_forwarded=word(given.get("Forwarded")).lower() == "true",
        ad_id=word(given.get("ReferralSourceId")),
        ref=word(given.get("ReferralCtwaClid"), 500),
        occurred_at=_moment(given),
        aliases=_aliases(given),
        details={**details, **_details(given)},
    )


def _moment(given: dict[str, Any]) -> datetime | None:
    """Return when it was sent, which only the list of messages tells (collect.py); a call says nothing of it."""
    try:
        at = parsedate_to_datetime(word(given.get("DateSent")))
    except (TypeError, ValueError, OverflowError):
        return None
    return at if at.tzinfo else None


def _text(given: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the text; some networks hand in long ones as base64, which is kept beside what it says."""
    written = text(given.get("Body"))
    if len(written) < BASE64_MIN or not BASE64.match(written):
        return written, {}
    try:
        said = base64.b64decode(written, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return written, {}
    is_words = " " in said and all(sign.isprintable() or sign in "\r\n\t" for sign in said)
    return (said, {"written": written}) if is_words else (written, {})


def _button(given: dict[str, Any]) -> tuple[str, str]:
    """Return the title and the payload of a button or a row of a list; ('', '') when nothing was pressed."""
    payload = text(given.get("ButtonPayload"), 1_000) or text(given.get("ListId"), 1_000)
    title = text(given.get("ButtonText"), 1_000) or text(given.get("ListTitle"), 1_000)
    return title, payload or title


def _media(given: dict[str, Any]) -> list[EventFile]:
    """Return what came along; a .smil only says how to lay out the others."""
    places = sorted(int(found.group(1)) for name in given if (found := MEDIA.match(name)))
    files = [_file(given, place) for place in places]
    return [one for one in files if one.url and not one.mime.startswith("application/smil")]


def _file(given: dict[str, Any], place: int) -> EventFile:
    url = word(given.get(f"MediaUrl{place}"), 2_000)
    mime = word(given.get(f"MediaContentType{place}"), 120).partition(";")[0].lower()
    sort = mime.partition("/")[0]
    return EventFile(
        # An address card is a file here: what is in it has still to be fetched.
        type=sort if sort in {"image", "audio", "video"} else "file",
        ref=url.rpartition("/Media/")[2] if "/Media/" in url else "",
        url=url,
        mime=mime,
        is_voice=mime == "audio/ogg" and word(given.get("From")).startswith(WHATSAPP),
    )


def _place(given: dict[str, Any]) -> list[EventFile]:
    lat, lng = degrees(given.get("Latitude"), 90), degrees(given.get("Longitude"), 180)
    if lat is None or lng is None:
        return []
    name, address = word(given.get("Label"), 250), word(given.get("Address"), 1_000)
    return [EventFile(type="location", name=name, text=address, lat=lat, lng=lng)]


def _aliases(given: dict[str, Any]) -> tuple[Party, ...]:
    """Return the other names of a writer on WhatsApp: the number, and the id that business accounts share."""
    sender = word(given.get("From"))
    if not sender.startswith(WHATSAPP):
        return ()
    number = word(given.get("WaId"))
    known = {
        f"+{number.lstrip('+')}" if number.lstrip("+").isdigit() else "",
        word(given.get("ExternalUserId")).removeprefix(WHATSAPP),
    }
    others = sorted(known - {"", sender.removeprefix(WHATSAPP)})
    return tuple(people.on_whatsapp(one, word(given.get("AccountSid"), 100)) for one in others)


def _details(given: dict[str, Any]) -> dict[str, Any]:
    """Return what a person may ask about: where the number is from, which advertisement was pressed."""
    place = ", ".join(found for key in PLACE if (found := word(given.get(key), 80)))
    referral = {key: found for key in REFERRAL if (found := word(given.get(key), 1_000))}
    details = {"place": place, "referral": part(referral), "flow": text(given.get("InteractiveData"), 4_000)}
    return {name: value for name, value in details.items() if value}
