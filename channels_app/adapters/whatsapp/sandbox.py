"""Plays WhatsApp's Cloud API: what customers do there, and what it answers. Written as Meta sees it."""

from typing import Any

from django.utils.translation import gettext

from channels_app.adapters._meta.simulating import NOT_TOLD, Asked, Json, new_id, read, seconds, signed, told, trouble
from channels_app.adapters._sandbox import Played, PlayedMessage, Simulator, Webhook
from channels_app.models import Channel
from helpdesk.lib.events import Event, EventFile, EventKind
from helpdesk.lib.http import Answer, Ask

FAULTS = {
    "throttled": (429, 130429),
    "window_closed": (400, 131047),
    "no_offers": (400, 131050),
    "provider_error": (500, 131000),
    "credentials": (401, 190),
    "rejected_recipient": (400, 131026),
}
TEXT_MAX, CAPTION_MAX = 4096, 1024
TYPES = {"image": "image", "video": "video", "audio": "audio", "file": "document", "sticker": "sticker"}
MEDIA, FILES = "media-", "https://lookaside.fbsbx.com/whatsapp_business/attachments/"
TEMPLATES: tuple[Json, ...] = tuple(
    {
        "id": str(number), "name": name, "language": language, "status": "APPROVED", "category": category,
        "components": [{"type": "BODY", "text": body}],
    }
    for number, (name, language, category, body) in enumerate(
        (
            ("order_ready", "en", "UTILITY", "Hello {{1}}, your order {{2}} is ready to be fetched."),
            ("order_ready", "it", "UTILITY", "Ciao {{1}}, il tuo ordine {{2}} è pronto per il ritiro."),
            ("order_ready", "ro", "UTILITY", "Bună, {{1}}! Comanda ta {{2}} te așteaptă."),
            ("may_we_go_on", "en", "UTILITY", "Hello {{1}}, we have an answer for you. May we go on here?"),
            ("may_we_go_on", "it", "UTILITY", "Ciao {{1}}, abbiamo una risposta per te. Possiamo continuare qui?"),
        ),
        1001,
    )
)  # fmt: skip


class WhatsAppSimulator(Simulator):
    """A number as Meta runs it."""

    kinds = ("message", "edit", "delete", "reaction", "postback", "form_reply", "order", "opt_in", "opt_out", "system",
             "referral", "unsupported", "echo")  # fmt: skip
    files: tuple[str, ...] = ("image", "voice", "video", "file", "sticker", "location", "contact")
    faults = tuple(FAULTS)
    statuses = ("delivered", "read")

    def webhook(self, channel: Channel, event: Event) -> Webhook:
        """Write an event as Meta's request. Raises ValueError for what Meta does not tell."""
        number = str(channel.config.get("phone_number_id") or "1")
        field, inner = _inside(channel, event)
        shown = "".join(sign for sign in str(channel.config.get("address", "")) if sign.isdigit()) or "15550100"
        metadata = {"display_phone_number": shown, "phone_number_id": number}
        value: Json = {"messaging_product": "whatsapp", "metadata": metadata, **inner}
        account = str(channel.config.get("waba_id") or "1")
        entry = {"id": account, "changes": [{"field": field, "value": value}]}
        return signed(channel, {"object": "whatsapp_business_account", "entry": [entry]})

    def answer(self, channel: Channel, ask: Ask, fault: str = "") -> Played:
        """Answer a request as the Cloud API would."""
        if fault:
            status, code = FAULTS[fault]
            return Played(trouble(status, code))
        if not ask.headers.get("authorization"):
            return Played(trouble(401, 190))
        asked = read(ask)
        edge = asked.path.partition("/")[2]
        if edge == "messages":
            return _sent(asked.fields)
        return Played(_other(asked, edge))


def _inside(channel: Channel, event: Event) -> tuple[str, Json]:
    """Return the field of a change and what its value holds. Raises ValueError."""
    at = str(seconds(event.occurred_at))
    if event.kind == EventKind.STATUS:
        return "messages", {"statuses": [_status(event, at)]}
    if event.kind in {EventKind.OPT_IN, EventKind.OPT_OUT}:
        value = "stop" if event.kind == EventKind.OPT_OUT else "resume"
        wish = {"wa_id": _number(event.sender_id), "category": "marketing_messages", "value": value, "timestamp": at}
        return "user_preferences", {"user_preferences": [wish]}
    if event.kind == EventKind.ECHO:
        number = str(channel.config.get("phone_number_id") or "1")
        said = {"id": f"wamid.{event.message_id}", "timestamp": at, "type": "text", "text": {"body": event.text}}
        return "smb_message_echoes", {"message_echoes": [{"from": number, "to": _number(event.sender_id), **said}]}
    message = {**_from(event.sender_id), "id": event.message_id, "timestamp": at, **_message(event)}
    if event.reply_to:
        message["context"] = {"id": event.reply_to}
    return "messages", {"contacts": [_card(event)], "messages": [message]}


def _number(value: str) -> str:
    return value.removeprefix("+")


def _is_number(value: str) -> bool:
    return _number(value).isdigit()


def _from(value: str) -> Json:
    """Write who sent it: a number, or the id of somebody who hides theirs."""
    return {"from": _number(value)} if _is_number(value) else {"from_user_id": value}


def _card(event: Event) -> Json:
    person = {"wa_id": _number(event.sender_id)} if _is_number(event.sender_id) else {"user_id": event.sender_id}
    return {"profile": {"name": event.sender_name or "A customer"}, **person}


def _message(event: Event) -> Json:
    """Write the part that says what kind of message it is. Raises ValueError."""
    text: Json = {"type": "text", "text": {"body": event.text}}
    interactive: dict[EventKind, Json] = {
        EventKind.POSTBACK: {"type": "button_reply", "button_reply": {"id": event.payload, "title": event.text}},
        EventKind.FORM_REPLY: {
            "type": "nfm_reply",
            "nfm_reply": {"name": "flow", "body": "Sent", "response_json": '{"rating": "5", "comment": "Very good"}'},
        },
    }
    items = [{"product_retailer_id": "cup-1", "quantity": 2, "item_price": 7.5, "currency": "EUR"}]
    simple: dict[EventKind, Json] = {
        EventKind.MESSAGE: _file(event.files[0], event.text) if event.files else text,
        EventKind.EDIT: {"type": "edit", "edit": {"original_message_id": event.target_id, "message": text}},
        EventKind.DELETE: {"type": "revoke", "revoke": {"original_message_id": event.target_id}},
        EventKind.ORDER: {"type": "order", "order": {"catalog_id": "1", "text": event.text, "product_items": items}},
        EventKind.UNSUPPORTED: {"type": "unsupported", "errors": [{"code": 131051, "title": "Message type unknown"}]},
        EventKind.SYSTEM: {"type": "system", "system": _new_number(event)},
        EventKind.REFERRAL: {**text, "referral": _ad()},
        EventKind.REACTION: {"type": "reaction", "reaction": {"message_id": event.target_id, "emoji": event.reaction}},
    }
    if event.kind in interactive:
        return {"type": "interactive", "interactive": interactive[event.kind]}
    if event.kind not in simple:
        raise ValueError(gettext(NOT_TOLD))
    return simple[event.kind]


def _new_number(event: Event) -> Json:
    """Write that somebody changed their number: the typed one, else one that is theirs plus one."""
    old = _number(event.sender_id)
    typed = "".join(sign for sign in event.text if sign.isdigit())
    new = typed if len(typed) > 6 else str(int(old) + 1) if old.isdigit() else old
    return {"type": "user_changed_number", "body": f"User changed from {old} to {new}", "wa_id": new}


def _ad() -> Json:
    return {"source_type": "ad", "source_id": "7", "source_url": "https://ads.example.test/7", "headline": "Half price",
            "body": "Only today", "ctwa_clid": "sandbox"}  # fmt: skip


def _file(file: EventFile, caption: str) -> Json:
    if file.type == "location":
        place = {"latitude": file.lat, "longitude": file.lng, "address": file.text}
        return {"type": "location", "location": place}
    if file.type == "contact":
        phones = [{"phone": phone} for phone in file.phones]
        card = {
            "name": {"formatted_name": file.name},
            "phones": phones,
            "emails": [{"email": one} for one in file.emails],
        }
        return {"type": "contacts", "contacts": [card]}
    kind = TYPES.get(file.type, "document")
    given: dict[str, Any] = {"id": f"{MEDIA}{file.ref}", "mime_type": file.mime}
    given |= {"voice": True} if file.is_voice else {}
    given |= {"filename": file.name} if kind == "document" else {}
    given |= {"caption": caption} if caption and kind not in {"audio", "sticker"} else {}
    return {"type": kind, kind: given}


def _status(event: Event, at: str) -> Json:
    person = {"recipient_id": _number(event.recipient_id)}
    if not _is_number(event.recipient_id):
        person = {"recipient_user_id": event.recipient_id}
    given: Json = {"id": event.target_id, "status": event.status, "timestamp": at, **person}
    if event.status == "failed":
        given["errors"] = [{"code": 131026, "title": "Message undeliverable"}]
    return given


def _sent(given: Json) -> Played:
    """Take a message for a customer."""
    if given.get("status") == "read":
        return Played(told({"success": True}))
    person = str(given.get("to") or given.get("recipient") or "")
    kind = str(given.get("type") or "")
    inner = given.get(kind)
    if not person or not isinstance(inner, dict):
        return Played(trouble(400, 131008))
    text = str(inner.get("body") or inner.get("caption") or inner.get("emoji") or "")
    if len(text) > (TEXT_MAX if kind == "text" else CAPTION_MAX):
        return Played(trouble(400, 131009))
    details: Json = {"type": kind, **_details(kind, inner)}
    if kind == "interactive":
        text = str(inner.get("body", {}).get("text", ""))
    name = new_id("wamid.")
    card = {"input": person, **({"wa_id": person} if person.isdigit() else {"user_id": person})}
    answer = told({"messaging_product": "whatsapp", "contacts": [card], "messages": [{"id": name}]})
    return Played(answer, (PlayedMessage(name, person, text, details),))


def _details(kind: str, inner: Json) -> Json:
    if kind == "template":
        values = [one.get("text", "") for part in inner.get("components", []) for one in part.get("parameters", [])]
        return {"template": inner.get("name", ""), "values": values}
    if kind == "interactive":
        action = inner.get("action", {})
        rows = [row for section in action.get("sections", []) for row in section.get("rows", [])]
        titles = [one.get("reply", {}).get("title", "") for one in action.get("buttons", [])]
        return {"buttons": titles + [row.get("title", "") for row in rows]}
    if kind == "reaction":
        return {"about": inner.get("message_id", "")}
    return {"files": [inner.get("filename") or kind]} if kind in TYPES.values() else {}


def _other(asked: Asked, edge: str) -> Answer:
    """Answer what reaches nobody: files, templates, subscriptions, the number itself."""
    if edge == "media" and asked.method == "POST":
        return told({"id": new_id("")})
    if edge == "message_templates":
        return told({"data": list(TEMPLATES), "paging": {"cursors": {"before": "a", "after": "b"}}})
    if asked.path.startswith(MEDIA):
        return told({"url": FILES + asked.path.removeprefix(MEDIA), "id": asked.path})
    if edge == "subscribed_apps":
        return told({"success": True})
    return told({"id": asked.path, "display_phone_number": "+1 555-0100", "verified_name": "Sandbox"})


simulator = WhatsAppSimulator()
