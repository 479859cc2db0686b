"""Handing one piece to the Cloud API: a text, a file, a template, with answers to press."""

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_noop as _

from channels_app.adapters._meta.graph import Call, Graph
from channels_app.adapters._meta.reading import dicts, text
from channels_app.adapters.whatsapp import templating
from channels_app.adapters.whatsapp.people import BSUID, is_bsuid, party
from helpdesk.lib.inbound import Party
from helpdesk.lib.outbound import Outbound, OutboundFile, SendError, Sent, SentPart

if TYPE_CHECKING:
    from channels_app.models import Channel

Payload = dict[str, Any]
KEY_MAX = 512
BUTTONS_MAX, ROWS_MAX = 3, 10
BUTTON_TITLE_MAX, ROW_TITLE_MAX, BODY_MAX = 20, 24, 1024
LIST_BUTTON = {"it": "Scegli", "ro": "Alege"}
IMAGES = frozenset({"image/jpeg", "image/png"})
VIDEOS = frozenset({"video/mp4", "video/3gpp"})
AUDIO = frozenset({"audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg", "audio/opus"})
STICKERS = frozenset({"image/webp"})
SHOWN = {"image": IMAGES, "video": VIDEOS, "audio": AUDIO, "sticker": STICKERS}


def send(graph: Graph, outbound: Outbound) -> Sent:
    """Send one piece. Raises SendError."""
    payload = {"messaging_product": "whatsapp", **addressed(outbound), **_content(graph, outbound)}
    if outbound.quotes:
        payload["context"] = {"message_id": outbound.quotes}
    if outbound.piece_key:
        payload["biz_opaque_callback_data"] = outbound.piece_key[:KEY_MAX]
    found = graph.ask(Call(_messages(graph), "Send a message", "POST", body=payload, sends=True))
    messages = dicts(found.get("messages"))
    name = text(messages[0].get("id")) if messages else ""
    if not name:
        raise SendError("provider_error", _("Meta took it, but its answer could not be read."), maybe_sent=True)
    return Sent(name, (SentPart(outbound.recipients[0].position, name),), _aliases(found, outbound.to))


def addressed(outbound: Outbound) -> Payload:
    """Write whom it goes to: a group, an id within our business, or a number."""
    group = outbound.hints.get("group_id", "")
    if group and group == outbound.thread_key:
        return {"recipient_type": "group", "to": group}
    return {"recipient_type": "individual", **to(outbound.to)}


def to(somebody: Party) -> Payload:
    """Write one person: BSUIDs go into a key of their own."""
    if somebody.realm == BSUID or is_bsuid(somebody.value):
        return {"recipient": somebody.value}
    return {"to": somebody.value.removeprefix("+")}


def react(graph: Graph, somebody: Party, external_id: str, emoji: str) -> None:
    """Put a sign on a message; '' takes it away."""
    body = {"type": "reaction", "reaction": {"message_id": external_id, "emoji": emoji}}
    _post(graph, {"recipient_type": "individual", **to(somebody), **body}, "React")


def mark_read(graph: Graph, external_id: str, *, is_typing: bool) -> None:
    """Say that a message was seen; typing shows for 25 seconds and says so too."""
    body: Payload = {"status": "read", "message_id": external_id}
    if is_typing:
        body["typing_indicator"] = {"type": "text"}
    _post(graph, body, "Mark as read")


def upload(graph: Graph, file: OutboundFile) -> str:
    """Give Meta a file and return its id. Nothing reaches anybody by it."""
    fields = {"messaging_product": "whatsapp", "type": file.content_type}
    path = f"{text(graph.config.get('phone_number_id'))}/media"
    found = text(graph.ask(Call(path, "Upload a file", "POST", body=fields, file=file, seconds=40)).get("id"))
    if not found:
        raise SendError("provider_error", _("Meta did not take the file."), retryable=True)
    return found


def kind_of(file: OutboundFile) -> str:
    """Say as what a file is sent; what is neither picture, film, sound nor sticker is a document."""
    mime = file.content_type.partition(";")[0].strip().lower()
    shown = next((kind for kind, mimes in SHOWN.items() if mime in mimes), "document")
    # A picture that is too large to be shown goes as a file: the rules that chose it know its size.
    return "document" if file.kind == "file" else shown


def _messages(graph: Graph) -> str:
    return f"{text(graph.config.get('phone_number_id'))}/messages"


def _post(graph: Graph, body: Payload, what: str) -> None:
    graph.ask(Call(_messages(graph), what, "POST", body={"messaging_product": "whatsapp", **body}))


def _content(graph: Graph, outbound: Outbound) -> Payload:
    if outbound.template is not None:
        media = upload(graph, outbound.files[0]) if outbound.files else ""
        return templating.written(graph.channel, outbound.template, media)
    if outbound.quick_replies:
        return _interactive(graph, outbound)
    if outbound.files:
        return _file(graph, outbound.files[0], outbound.text)
    return {"type": "text", "text": {"body": outbound.text, "preview_url": "://" in outbound.text}}


def _file(graph: Graph, file: OutboundFile, caption: str) -> Payload:
    kind = kind_of(file)
    if caption and kind in {"audio", "sticker"}:
        raise SendError("unsupported", _("A sound or a sticker carries no text here. Send the text by itself."))
    given: Payload = {"id": upload(graph, file)}
    if caption:
        given["caption"] = caption
    if kind == "document":
        given["filename"] = file.filename
    return {"type": kind, kind: given}


def _interactive(graph: Graph, outbound: Outbound) -> Payload:
    """Write answers to press: up to three as buttons, up to ten as a list."""
    replies = outbound.quick_replies
    is_list = len(replies) > BUTTONS_MAX
    title_max = ROW_TITLE_MAX if is_list else BUTTON_TITLE_MAX
    if len(replies) > ROWS_MAX or any(len(one.title) > title_max for one in replies):
        raise SendError("rejected_content", _("Too many answers to press, or one that is too long."))
    if not outbound.text or len(outbound.text) > BODY_MAX:
        raise SendError("rejected_content", _("Answers to press need a text of at most 1,024 characters."))
    found: Payload = {"type": "list" if is_list else "button", "body": {"text": outbound.text}}
    if is_list:
        rows = [{"id": one.payload[:200], "title": one.title} for one in replies]
        button = LIST_BUTTON.get(outbound.language[:2], "Choose")
        found["action"] = {"button": button, "sections": [{"rows": rows}]}
    else:
        buttons = [{"type": "reply", "reply": {"id": one.payload[:256], "title": one.title}} for one in replies]
        found["action"] = {"buttons": buttons}
    if outbound.files:
        found["header"] = _header(graph, outbound.files[0])
    return {"type": "interactive", "interactive": found}


def _header(graph: Graph, file: OutboundFile) -> Payload:
    kind = kind_of(file)
    if kind in {"audio", "sticker"}:
        raise SendError("unsupported", _("A sound or a sticker cannot go with answers to press."))
    return {"type": kind, kind: {"id": upload(graph, file)}}


def _aliases(found: Payload, somebody: Party) -> tuple[Party, ...]:
    """Return the ids that the answer tells of the recipient: the BSUID of a number, the number of a BSUID."""
    aliases: list[Party] = []
    for row in dicts(found.get("contacts")):
        aliases += [party(value) for key in ("wa_id", "user_id") if (value := text(row.get(key)))]
    return tuple(one for one in dict.fromkeys(aliases) if one.value != somebody.value)


def check(channel: "Channel", graph: Graph) -> None:
    """Ask for the number itself. Raises SendError."""
    number = text(channel.config.get("phone_number_id"))
    graph.ask(Call(number, "Look at the number", query={"fields": "id,display_phone_number,verified_name"}))
