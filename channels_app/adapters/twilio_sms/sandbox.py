"""Plays Twilio: its calls with its signature, and its answers. Written as Twilio sees it, apart from the adapter."""

import base64
import hashlib
import hmac
import json
import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

from channels_app.adapters._sandbox import Played, PlayedMessage, Simulator, Webhook
from channels_app.addresses import webhook_of
from helpdesk.lib import clock
from helpdesk.lib.events import Event, EventFile, EventKind
from helpdesk.lib.http import Answer, Ask

if TYPE_CHECKING:
    from channels_app.models import Channel

JSON = {"content-type": "application/json"}
BODY_MAX = 1_600
# (HTTP status, Twilio's code, its words) of each trouble.
FAULTS = {
    "throttled": (429, 20429, "Too Many Requests"),
    "provider_error": (503, 20503, "Service Unavailable"),
    "credentials": (401, 20003, "Authenticate"),
    "rejected_recipient": (400, 21211, "The 'To' number is not a valid phone number."),
    "rejected_content": (400, 30007, "Message filtered"),
    "opted_out": (400, 21610, "Attempt to send to unsubscribed recipient"),
    "window_closed": (400, 63016, "Failed to send freeform message because you are outside the allowed window."),
}
PREFERENCES = {EventKind.OPT_OUT: "STOP", EventKind.OPT_IN: "START"}
TEMPLATE: dict[str, Any] = {
    "sid": "HX00000000000000000000000000000001",
    "friendly_name": "parcel_ready",
    "language": "en",
    "variables": {"1": "Ioana"},
    "types": {"twilio/text": {"body": "Hello {{1}}, your parcel is ready."}},
    "approval_requests": {"name": "parcel_ready", "category": "UTILITY", "status": "approved"},
}


class TwilioSimulator(Simulator):
    """A number's customers, and Twilio between them and us."""

    kinds = ("message", "postback", "opt_out", "opt_in")
    faults = tuple(FAULTS)
    statuses = ("delivered", "read")
    files = ("image", "video", "file", "location")

    def webhook(self, channel: "Channel", event: Event) -> Webhook:
        """Write an event as Twilio's form. Raises ValueError."""
        fields = _status(channel, event) if event.kind == EventKind.STATUS else _message(channel, event)
        key = str(event.details.get("piece_key") or "")
        path = f"status/{key}/" if key and event.kind == EventKind.STATUS else ""
        body = urlencode(fields).encode()
        signature = _signed(str(channel.config.get("auth_token", "")), webhook_of(channel, path), fields)
        headers = {"content-type": "application/x-www-form-urlencoded", "x-twilio-signature": signature}
        return Webhook(body, headers, path=path)

    def answer(self, channel: "Channel", ask: Ask, fault: str = "") -> Played:
        """Answer a request of the adapter's."""
        parts = urlsplit(ask.url)
        if fault:
            return Played(_error(*FAULTS.get(fault, FAULTS["provider_error"])))
        if not ask.headers.get("authorization", "").startswith("Basic "):
            return Played(_error(*FAULTS["credentials"]))
        if ask.method == "POST" and parts.path.endswith("/Messages.json"):
            return _taken(channel, {name: values[0] for name, values in parse_qs(ask.body.decode()).items()})
        return Played(Answer(200, JSON, json.dumps(_known(channel, parts.path)).encode()))


def _message(channel: "Channel", event: Event) -> list[tuple[str, str]]:
    if event.kind.value not in TwilioSimulator.kinds:
        raise ValueError(f"Twilio has no {event.kind.value}.")
    fields = {
        "MessageSid": event.message_id or f"SM{secrets.token_hex(16)}",
        "SmsStatus": "received",
        "AccountSid": str(channel.config.get("account_sid", "")),
        "From": _spelled(channel, event.sender_id),
        "To": str(channel.config.get("address", "")),
        "Body": event.text or PREFERENCES.get(event.kind, ""),
        "NumSegments": "1",
        "ApiVersion": "2010-04-01",
    }
    if event.sender_name and channel.look == "whatsapp":
        fields["ProfileName"] = event.sender_name
    if event.kind in PREFERENCES:
        fields["OptOutType"] = PREFERENCES[event.kind]
    if event.kind == EventKind.POSTBACK:
        fields |= {"ButtonText": event.text, "ButtonPayload": event.payload or event.text}
    if event.reply_to:
        fields["OriginalRepliedMessageSid"] = event.reply_to
    return [*fields.items(), *_files(event.files)]


def _files(files: tuple[EventFile, ...]) -> list[tuple[str, str]]:
    media = [one for one in files if one.url]
    fields = [("NumMedia", str(len(media)))]
    for number, file in enumerate(media):
        fields += [(f"MediaUrl{number}", file.url), (f"MediaContentType{number}", file.mime)]
    for place in [one for one in files if one.lat is not None and one.lng is not None][:1]:
        fields += [("Latitude", str(place.lat)), ("Longitude", str(place.lng))]
        fields += [("Label", place.name), ("Address", place.text)]
    return fields


def _status(channel: "Channel", event: Event) -> list[tuple[str, str]]:
    state = "undelivered" if event.status == "failed" else event.status
    fields = [
        ("MessageSid", event.target_id),
        ("MessageStatus", state),
        ("AccountSid", str(channel.config.get("account_sid", ""))),
        ("From", str(channel.config.get("address", ""))),
        ("To", _spelled(channel, event.recipient_id)),
    ]
    return [*fields, ("ErrorCode", event.error_code or "30003")] if event.status == "failed" else fields


def _spelled(channel: "Channel", number: str) -> str:
    is_plain = channel.look == "whatsapp" and not number.startswith("whatsapp:")
    return f"whatsapp:{number}" if is_plain else number


def _signed(token: str, url: str, fields: list[tuple[str, str]]) -> str:
    text = url + "".join(f"{name}{value}" for name, value in sorted(set(fields)))
    return base64.b64encode(hmac.digest(token.encode(), text.encode(), hashlib.sha1)).decode()


def _taken(channel: "Channel", given: dict[str, str]) -> Played:
    text, template = given.get("Body", ""), given.get("ContentSid", "")
    if not given.get("To"):
        return Played(_error(400, 21604, "A 'To' phone number is required."))
    if not (text or template or given.get("MediaUrl")):
        return Played(_error(400, 21602, "Message body is required."))
    if len(text) > BODY_MAX:
        return Played(_error(400, 21617, "The concatenated message body exceeds the 1600 character limit."))
    name = f"{'MM' if given.get('MediaUrl') else 'SM'}{secrets.token_hex(16)}"
    said = {
        "sid": name,
        "status": "queued",
        "direction": "outbound-api",
        "to": given["To"],
        "from": given.get("From"),
        "body": text,
        "error_code": None,
        "date_created": f"{clock.now():%a, %d %b %Y %H:%M:%S} +0000",
    }
    shown = {"media": given.get("MediaUrl", ""), "template": template, "values": given.get("ContentVariables", "")}
    details = {key: value for key, value in shown.items() if value}
    answer = Answer(201, JSON, json.dumps(said).encode())
    return Played(
        answer, (PlayedMessage(name, given["To"], text or TEMPLATE["types"]["twilio/text"]["body"], details),)
    )


def _known(channel: "Channel", path: str) -> dict[str, Any]:
    """Return what Twilio knows: the account, the number, one template, no message that was missed."""
    if path.endswith("/ContentAndApprovals"):
        return {"contents": [TEMPLATE], "meta": {"next_page_url": None}}
    if path.endswith("/IncomingPhoneNumbers.json"):
        number = {"sid": "PN00000000000000000000000000000001", "phone_number": channel.config.get("address")}
        return {"incoming_phone_numbers": [number]}
    if path.endswith("/Messages.json"):
        return {"messages": [], "next_page_uri": None}
    return {"sid": channel.config.get("account_sid"), "status": "active"}


def _error(status: int, code: int, words: str) -> Answer:
    said = {"code": code, "message": words, "more_info": f"https://www.twilio.com/docs/errors/{code}", "status": status}
    return Answer(status, {**JSON, "retry-after": "2"} if status == 429 else JSON, json.dumps(said).encode())


simulator = TwilioSimulator()
