"""Plays Telegram: its updates with the webhook's secret, and its answers. Written as Telegram sees it."""

import email
import email.policy
import json
import secrets
from typing import TYPE_CHECKING, Any

from channels_app.adapters._sandbox import Played, PlayedMessage, Simulator, Webhook
from channels_app.adapters.telegram.config import secrets_of
from helpdesk.lib import clock
from helpdesk.lib.events import Event, EventFile, EventKind
from helpdesk.lib.http import Answer, Ask

if TYPE_CHECKING:
    from channels_app.models import Channel

Json = dict[str, Any]

BOT: Json = {"id": 110201543, "is_bot": True, "first_name": "Sandbox", "username": "sandbox_bot"}
TEXT_MAX, CAPTION_MAX = 4096, 1024
TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"
# (status, description, parameters) of each trouble.
FAULTS: dict[str, tuple[int, str, Json]] = {
    "throttled": (429, "Too Many Requests: retry after 5", {"retry_after": 5}),
    "provider_error": (502, "Bad Gateway", {}),
    "credentials": (401, "Unauthorized", {}),
    "rejected_recipient": (400, "Bad Request: chat not found", {}),
    "opted_out": (403, "Forbidden: bot was blocked by the user", {}),
}
# Telegram's field of each kind of file.
FIELDS = {"image": "photo", "video": "video", "audio": "audio", "file": "document", "sticker": "sticker"}
STATES = {EventKind.OPT_OUT: ("member", "kicked"), EventKind.OPT_IN: ("kicked", "member")}


class TelegramSimulator(Simulator):
    """People who write to a bot, and Telegram between them and us."""

    kinds = ("message", "edit", "reaction", "postback", "opt_out", "opt_in", "referral")
    faults = tuple(FAULTS)
    files = ("image", "voice", "audio", "video", "file", "sticker", "location", "contact")

    def webhook(self, channel: "Channel", event: Event) -> Webhook:
        """Write an event as an update. Raises ValueError."""
        if event.kind.value not in self.kinds:
            raise ValueError(f"Telegram has no {event.kind.value}.")
        update = {"update_id": secrets.randbelow(2**53), **_content(event)}
        secret = {"X-Telegram-Bot-Api-Secret-Token": secrets_of(channel)[0]}
        return Webhook(json.dumps(update).encode(), {"content-type": "application/json", **secret})

    def answer(self, channel: "Channel", ask: Ask, fault: str = "") -> Played:
        """Answer a method."""
        if fault:
            return Played(_refusal(*FAULTS.get(fault, FAULTS["provider_error"])))
        if "/file/bot" in ask.url:
            return Played(Answer(404, {}, b""))
        method, fields = ask.url.rpartition("/")[2], _fields(ask)
        return (
            _taken(method, fields)
            if method.startswith("send") and method != "sendChatAction"
            else _known(method, fields)
        )


def _content(event: Event) -> Json:
    who = {"id": _number(event.sender_id), "is_bot": False, **_named(event.sender_name)}
    around: Json = {
        "chat": {"id": who["id"], "type": "private", **_named(event.sender_name)},
        "from": who,
        "date": int((event.occurred_at or clock.now()).timestamp()),
    }
    about = _number(event.target_id.rpartition(":")[2])
    if event.kind in STATES:
        before, now = ({"user": BOT, "status": state} for state in STATES[event.kind])
        return {"my_chat_member": {**around, "old_chat_member": before, "new_chat_member": now}}
    if event.kind == EventKind.REACTION:
        signs = [{"type": "emoji", "emoji": event.reaction}]
        old, new = (signs, []) if event.is_removed else ([], signs)
        told = {"chat": around["chat"], "date": around["date"], "user": who, "message_id": about}
        return {"message_reaction": {**told, "old_reaction": old, "new_reaction": new}}
    if event.kind == EventKind.POSTBACK:
        button = {"text": event.text or event.payload, "callback_data": event.payload}
        under = {**around, "from": BOT, "message_id": about or 1, "reply_markup": {"inline_keyboard": [[button]]}}
        name = str(secrets.randbelow(2**62))
        return {
            "callback_query": {"id": name, "from": who, "message": under, "data": event.payload, "chat_instance": "1"}
        }
    if event.kind == EventKind.EDIT:
        return {"edited_message": {**around, "message_id": about, "edit_date": around["date"], "text": event.text}}
    return {"message": {**around, "message_id": _number(event.message_id), **_said(event)}}


def _said(event: Event) -> Json:
    if event.kind == EventKind.REFERRAL:
        return {"text": f"/start {event.ref or event.text or 'sandbox'}"}
    said: Json = {"caption" if event.files else "text": event.text} if event.text else {}
    if event.reply_to:
        said["reply_to_message"] = {"message_id": _number(event.reply_to.rpartition(":")[2]), "date": 1}
    for file in event.files:
        said |= _file(file)
    return said


def _file(file: EventFile) -> Json:
    if file.type == "location":
        place = {"latitude": file.lat, "longitude": file.lng}
        venue = {"venue": {"location": place, "title": file.name or file.text, "address": file.text}}
        return {"location": place, **(venue if file.text else {})}
    if file.type == "contact":
        return {"contact": {"phone_number": next(iter(file.phones), ""), **_named(file.name)}}
    told = {"file_id": file.ref, "file_unique_id": file.ref, "file_size": file.size_bytes or 1, "mime_type": file.mime}
    if file.type == "image":
        return {"photo": [{**told, "width": 240, "height": 240}]}
    if file.is_voice:
        return {"voice": {**told, "duration": 1}}
    shown = {"emoji": "🙂", "width": 96, "height": 96} if file.type == "sticker" else {"file_name": file.name}
    return {FIELDS.get(file.type, "document"): {**told, **shown}}


def _taken(method: str, fields: Json) -> Played:
    """Take a message, or refuse it as Telegram would."""
    text, chat = str(fields.get("text") or fields.get("caption") or ""), str(fields.get("chat_id", ""))
    most = TEXT_MAX if method == "sendMessage" else CAPTION_MAX
    if method == "sendMessage" and not text:
        return Played(_refusal(400, "Bad Request: message text is empty", {}))
    if len(text.encode("utf-16-le")) // 2 > most:
        return Played(_refusal(400, "Bad Request: message is too long", {}))
    number = secrets.randbelow(9 * 10**8) + 10**8
    file = next((value for value in fields.values() if isinstance(value, tuple)), None)
    details: Json = {"method": method, **({"file": file[0], "bytes": file[1]} if file else {})}
    details |= {
        name: fields[name]
        for name in ("reply_markup", "reply_parameters", "entities", "caption_entities")
        if name in fields
    }
    result = {
        "message_id": number,
        "date": int(clock.now().timestamp()),
        "chat": {"id": _number(chat), "type": "private"},
    }
    return Played(_success(result), (PlayedMessage(f"{chat}:{number}", chat, text, details),))


def _known(method: str, fields: Json) -> Played:
    """Answer what reaches no customer, or changes what did."""
    if method == "getMe":
        return Played(_success(BOT))
    if method == "getChat":
        return Played(_success({"id": _number(str(fields.get("chat_id"))), "type": "private", "first_name": "Ada"}))
    if method == "answerCallbackQuery" and not str(fields.get("callback_query_id", "")).isdigit():
        return Played(_refusal(400, TOO_OLD, {}))
    if method == "getFile":
        name = str(fields.get("file_id", ""))
        return Played(_success({"file_id": name, "file_unique_id": name, "file_path": f"files/{name}"}))
    return Played(_success(True))


def _fields(ask: Ask) -> Json:
    """Read a method's fields: JSON, or a form whose file becomes its name and size."""
    kind = ask.headers.get("content-type", "")
    if not kind.startswith("multipart/"):
        found = json.loads(ask.body or b"{}")
        return found if isinstance(found, dict) else {}
    message = email.message_from_bytes(f"content-type: {kind}\n\n".encode() + ask.body, policy=email.policy.HTTP)
    fields: Json = {}
    for part in message.iter_parts():
        named, content = part["content-disposition"].params, part.get_payload(decode=True)
        data = content if isinstance(content, bytes) else b""
        is_file = "filename" in named
        fields[named["name"]] = (named["filename"], len(data)) if is_file else data.decode("utf-8", "replace")
    return fields


def _named(name: str) -> Json:
    first, _space, last = name.partition(" ")
    return {"first_name": first or "Guest", **({"last_name": last} if last else {})}


def _number(written: str) -> int:
    """Return an id as Telegram has it; for words the same number each time."""
    try:
        return int(written)
    except ValueError:
        return int.from_bytes(written.encode()[:6], "big") or 1


def _success(result: Any) -> Answer:
    return Answer(200, {"content-type": "application/json"}, json.dumps({"ok": True, "result": result}).encode())


def _refusal(status: int, description: str, parameters: Json) -> Answer:
    told = {"ok": False, "error_code": status, "description": description}
    body = {**told, "parameters": parameters} if parameters else told
    return Answer(status, {"content-type": "application/json"}, json.dumps(body).encode())


simulator = TelegramSimulator()
