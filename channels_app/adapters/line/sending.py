"""Handing a piece to LINE: as a reply, which is free, while its token lasts; else as a push, which may be repeated."""

import uuid
from typing import TYPE_CHECKING

from django.utils.translation import gettext_noop as _

from channels_app import asking
from channels_app.adapters._chat.reading import Json, name_of, parts, word
from channels_app.adapters.line import client
from conversations.files import links
from helpdesk.lib import clock
from helpdesk.lib.http import Answer
from helpdesk.lib.outbound import Outbound, OutboundFile, SendError, Sent, SentPart

if TYPE_CHECKING:
    from channels_app.models import Channel

REPLY, PUSH = "/v2/bot/message/reply", "/v2/bot/message/push"
# A token lasts about a minute.
TOKEN_SECONDS = 50
# Of what a piece's key becomes the retry key that LINE wants as a UUID.
KEYS = uuid.UUID("5f1c8f0e-6a2d-5d0c-9a53-8f2f4f6f7d11")
LABEL_MAX, DATA_MAX = 20, 300
PICTURES = ("image/jpeg", "image/png")
# What is shown first may have 1 MB; the picture itself could have 10.
PICTURE_MAX_BYTES = 1024 * 1024


def send(channel: "Channel", outbound: Outbound) -> Sent:
    """Hand over one piece. Raises SendError."""
    messages = _messages(channel, outbound)
    token = _token(outbound)
    if token:
        answer = _reply(channel, token, messages)
        if answer is not None:
            return _sent(outbound, answer)
    return _sent(outbound, _push(channel, outbound, messages))


def retry_key(outbound: Outbound) -> str:
    """Return the same UUID for every attempt of a piece."""
    return str(uuid.uuid5(KEYS, outbound.piece_key or outbound.idempotency_key))


def _reply(channel: "Channel", token: str, messages: list[Json]) -> Answer | None:
    """Answer by a token; None where the token is over, and nothing was sent. Raises SendError.

    LINE has no key for repeating this: whatever went wrong half-way may have been sent.
    """
    answer = client.call(channel, "POST", REPLY, {"replyToken": token, "messages": messages}, sends=True)
    if answer.status == 200:
        return answer
    said = word(asking.json_of(answer).get("message")).lower()
    if answer.status == 400 and "reply token" in said:
        return None
    if answer.status >= 500:
        words = _("LINE had a problem while it took the message. It may have been sent.")
        raise SendError("provider_error", words, maybe_sent=True, provider_code=str(answer.status))
    raise client.refused(answer)


def _push(channel: "Channel", outbound: Outbound, messages: list[Json]) -> Answer:
    """Push under the piece's key: LINE sends what has the same key once, and answers 409 to the others."""
    fields = {"to": outbound.to.value, "messages": messages}
    try:
        answer = client.call(channel, "POST", PUSH, fields, retry_key=retry_key(outbound), sends=True)
    except SendError as error:
        if not error.maybe_sent:
            raise
        words = _("LINE did not answer. It is tried again; LINE sends it once.")
        raise SendError("connection", words, retryable=True) from None
    if answer.status in {200, 409}:
        return answer
    raise client.refused(answer)


def _sent(outbound: Outbound, answer: Answer) -> Sent:
    names = [name_of(one.get("id")) for one in parts(asking.json_of(answer).get("sentMessages"))]
    name = next((one for one in names if one), "")
    return Sent(name, (SentPart(outbound.recipients[0].position, name),))


def _token(outbound: Outbound) -> str:
    """Return the newest reply token while it lasts."""
    since = outbound.hints.get("reply_at", "")
    if not since.isdigit() or abs(clock.real().timestamp() - int(since)) >= TOKEN_SECONDS:
        return ""
    return outbound.hints.get("reply_token", "")


def _messages(channel: "Channel", outbound: Outbound) -> list[Json]:
    """Return the objects that a call carries, five at most; what is pressed stands under the last."""
    found: list[Json] = [_picture(channel, file) for file in outbound.files]
    if outbound.text:
        found.append({"type": "text", "text": outbound.text})
    return [*found[:-1], {**found[-1], **_buttons(outbound)}]


def _picture(channel: "Channel", file: OutboundFile) -> Json:
    """Return a picture, which LINE fetches from an address of ours; as small as they are it is its own preview."""
    if file.content_type not in PICTURES:
        raise SendError("unsupported", _("LINE takes only JPEG and PNG pictures. Send a link to the file instead."))
    if len(file.data) > PICTURE_MAX_BYTES:
        raise SendError("too_large", _("The picture is too large for LINE. Send a link to it instead."))
    url = links.make(file, by=None)
    if not url.startswith("https://") and not channel.is_sandbox:
        words = _("LINE fetches pictures only over https, and this desk has no such address.")
        raise SendError("not_configured", words, our_fault=True)
    return {"type": "image", "originalContentUrl": url, "previewImageUrl": url}


def _buttons(outbound: Outbound) -> Json:
    if not outbound.quick_replies:
        return {}
    if any(len(one.title) > LABEL_MAX or len(one.payload) > DATA_MAX for one in outbound.quick_replies):
        raise SendError("rejected_content", _("An answer to press is longer than LINE takes."))
    actions = [
        {"type": "postback", "label": one.title, "data": one.payload or one.title, "displayText": one.title}
        for one in outbound.quick_replies
    ]
    return {"quickReply": {"items": [{"type": "action", "action": action} for action in actions]}}
