"""Handing a piece to Telegram, and changing what was sent.

A message is named "chat:number", for numbers are unique only within a chat; what the bot wrote in the name of a
business is "business/chat:number".
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext_noop as _

from channels_app.adapters._chat import reading
from channels_app.adapters._chat.reading import Json, part
from channels_app.adapters.telegram import client
from channels_app.adapters.telegram.entities import written
from helpdesk.lib.inbound import Party
from helpdesk.lib.markup import Mark, Rendered
from helpdesk.lib.outbound import Outbound, OutboundFile, QuickReply, SendError, Sent, SentPart

if TYPE_CHECKING:
    from channels_app.models import Channel

MB = 1024 * 1024
PHOTO_MAX_BYTES = 10 * MB
CALLBACK_MAX_BYTES = 64
# By which method a file goes, and under which name; anything else is a document.
METHODS = {
    "image/jpeg": ("sendPhoto", "photo"), "image/png": ("sendPhoto", "photo"), "image/webp": ("sendPhoto", "photo"),
    "image/gif": ("sendAnimation", "animation"), "video/mp4": ("sendVideo", "video"),
    "audio/ogg": ("sendVoice", "voice"), "audio/mpeg": ("sendAudio", "audio"), "audio/mp4": ("sendAudio", "audio"),
    "audio/x-m4a": ("sendAudio", "audio"),
}  # fmt: skip
DOCUMENT = ("sendDocument", "document")


def name_of(chat_id: str, number: str, business: str = "") -> str:
    """Spell a message's number so that it is unique within the bot."""
    return f"{business}/{chat_id}:{number}" if business else f"{chat_id}:{number}"


def send(channel: "Channel", outbound: Outbound) -> Sent:
    """Hand over a text or a file; in a group that moved, once more under its new id. Raises SendError."""
    try:
        return _send(channel, outbound, outbound.to.value)
    except client.Moved as moved:
        try:
            sent = _send(channel, outbound, moved.chat_id)
        except client.Moved:
            raise SendError("rejected_recipient", _("The group cannot be found any more.")) from None
        alias = Party(kind=outbound.to.kind, value=moved.chat_id, realm=outbound.to.realm)
        return Sent(sent.external_id, sent.parts, (alias,))


def edit(channel: "Channel", external_id: str, said: Rendered) -> None:
    """Change a text or a file's caption. Raises SendError."""
    fields = _place(external_id)
    try:
        _change(channel, "editMessageText", {**fields, **_words("text", "entities", said.text, said.marks)})
    except SendError as error:
        # A file has no text, only a caption.
        if "no text in the message" not in error.provider_code:
            raise
        caption = _words("caption", "caption_entities", said.text, said.marks)
        _change(channel, "editMessageCaption", {**fields, **caption})


def withdraw(channel: "Channel", external_id: str) -> None:
    """Delete a message for both sides. Raises SendError."""
    place = _place(external_id)
    if "business_connection_id" in place:
        _change(channel, "deleteBusinessMessages", {
            "business_connection_id": place["business_connection_id"], "message_ids": [place["message_id"]],
        })  # fmt: skip
    else:
        _change(channel, "deleteMessage", place)


def react(channel: "Channel", external_id: str, emoji: str) -> None:
    """Put a sign on a message; '' takes it away. Raises SendError."""
    signs = [{"type": "emoji", "emoji": emoji}] if emoji else []
    _change(channel, "setMessageReaction", {**_place(external_id), "reaction": signs})


def typing(channel: "Channel", chat_id: str) -> None:
    """Show for five seconds that somebody types. Raises SendError."""
    _change(channel, "sendChatAction", {"chat_id": chat_id, "action": "typing"})


def _send(channel: "Channel", outbound: Outbound, chat_id: str) -> Sent:
    fields = {"chat_id": chat_id, **_where(outbound), **_buttons(outbound)}
    if outbound.files:
        caption = _words("caption", "caption_entities", outbound.text, outbound.marks)
        result = _send_file(channel, {**fields, **caption}, outbound.files[0])
    else:
        said = _words("text", "entities", outbound.text, outbound.marks)
        result = client.call(channel, "sendMessage", {**fields, **said}, sends=True)
    number = reading.name_of(part(result).get("message_id"))
    if not number:
        words = _("Telegram answered something we do not understand. It may have been sent.")
        raise SendError("timeout", words, maybe_sent=True)
    name = name_of(chat_id, number, outbound.hints.get("business", ""))
    return Sent(name, (SentPart(outbound.recipients[0].position, name),))


def _words(text: str, entities: str, said: str, marks: Sequence[Mark]) -> Json:
    """Write the words with what is marked in them beside; no sign of theirs means anything to Telegram."""
    found = written(said, marks)
    return {text: said, **({entities: found} if found else {})}


def _send_file(channel: "Channel", fields: Json, file: OutboundFile) -> object:
    method, name = METHODS.get(file.content_type.partition(";")[0].strip().lower(), DOCUMENT)
    if method == "sendPhoto" and len(file.data) > PHOTO_MAX_BYTES:
        method, name = DOCUMENT
    try:
        return client.call(channel, method, fields, (name, file), sends=True)
    except SendError as error:
        if method != "sendPhoto" or not client.is_about_picture(error):
            raise
        # A picture that is very long or very wide goes as a file.
        return client.call(channel, DOCUMENT[0], fields, (DOCUMENT[1], file), sends=True)


def _where(outbound: Outbound) -> Json:
    """Return the topic, the business and the message that an answer belongs to."""
    found: Json = {}
    if outbound.hints.get("topic"):
        found["message_thread_id"] = int(outbound.hints["topic"])
    if outbound.hints.get("business"):
        found["business_connection_id"] = outbound.hints["business"]
    number = outbound.quotes.rpartition(":")[2]
    if number.isascii() and number.isdigit():
        # What was deleted in the meantime must not hold up the answer.
        found["reply_parameters"] = {"message_id": int(number), "allow_sending_without_reply": True}
    return found


def _buttons(outbound: Outbound) -> Json:
    if not outbound.quick_replies:
        return {}
    named = [one for one in outbound.quick_replies if one.payload != one.title]
    if any(len(one.payload.encode()) > CALLBACK_MAX_BYTES for one in named):
        raise SendError("rejected_content", _("An answer to press is longer than Telegram takes."))
    offered = enumerate(outbound.quick_replies)
    rows = [[{"text": one.title, "callback_data": _pressed(one, place)}] for place, one in offered]
    return {"reply_markup": {"inline_keyboard": rows}}


def _pressed(one: QuickReply, place: int) -> str:
    """Return what comes back: the title, where it is not longer than that; the keyboard tells the title again."""
    said = one.payload or one.title
    if len(said.encode()) <= CALLBACK_MAX_BYTES:
        return said
    end = f"…{place + 1}"
    return said.encode()[: CALLBACK_MAX_BYTES - len(end.encode())].decode(errors="ignore") + end


def _place(external_id: str) -> Json:
    """Read a message's name back. Raises SendError."""
    where, _colon, number = external_id.rpartition(":")
    business, _slash, chat = where.rpartition("/")
    if not chat or not (number.isascii() and number.isdigit()):
        raise SendError("rejected_content", _("This message is not on Telegram any more."))
    found: Json = {"chat_id": chat, "message_id": int(number)}
    return {**found, "business_connection_id": business} if business else found


def _change(channel: "Channel", method: str, fields: Json) -> None:
    try:
        client.call(channel, method, fields)
    except client.Moved:
        raise SendError("rejected_content", _("The group has moved; its old messages cannot be changed.")) from None
    except SendError as error:
        if "message is not modified" not in error.provider_code:
            raise
