"""Handing a piece to Viber (REST bot API, send_message, read 2026-11)."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_noop as _

from channels_app.adapters._chat.reading import Json, name_of
from channels_app.adapters.viber import client
from channels_app.adapters.viber.config import NAME_MAX
from conversations.files import links
from helpdesk.lib import files as kinds
from helpdesk.lib.outbound import FileRule, Outbound, OutboundFile, SendError, Sent, SentPart

if TYPE_CHECKING:
    from channels_app.models import Channel

COLUMNS = 6
FILENAME_MAX = 256
MB = 1024 * 1024
# Viber's words for files, and what each may be; anything else goes as a file.
RULES = {
    "picture": FileRule("image", MB, ("image/jpeg", "image/png")),
    "video": FileRule("video", 26 * MB, ("video/mp4",)),
    "file": FileRule("file", 50 * MB),
}


def send(channel: "Channel", outbound: Outbound) -> Sent:
    """Hand over one piece. Raises SendError."""
    fields = {
        "receiver": outbound.to.value,
        "sender": {"name": _name(channel, outbound)},
        **_content(outbound),
        **_buttons(outbound),
    }
    told = client.call(channel, "send_message", fields, sends=True)
    name = name_of(told.get("message_token"))
    if not name:
        words = _("Viber answered something we do not understand. It may have been sent.")
        raise SendError("timeout", words, maybe_sent=True)
    return Sent(name, (SentPart(outbound.recipients[0].position, name),))


def _content(outbound: Outbound) -> Json:
    """Return a text, or a file that Viber fetches from an address of ours."""
    if not outbound.files:
        return {"type": "text", "text": outbound.text}
    file = outbound.files[0]
    kind = _kind(file)
    if len(file.data) > RULES[kind].max_bytes:
        raise SendError("too_large", _("The file is too large for Viber. Send a link to it instead."))
    found: Json = {"type": kind, "media": links.make(file, by=None)}
    if kind == "picture":
        return {**found, "text": ""}
    found["size"] = len(file.data)
    return {**found, "file_name": _shortened(file.filename)} if kind == "file" else found


def _kind(file: OutboundFile) -> str:
    """Return as what a file goes: what is too large to be shown goes as a file."""
    fitting = (kind for kind, rule in RULES.items() if _fits(file, rule))
    return next(fitting, "file")


def _fits(file: OutboundFile, rule: FileRule) -> bool:
    return kinds.takes(rule, file.content_type) and len(file.data) <= rule.max_bytes


def _shortened(filename: str) -> str:
    """Return a name of the length that Viber takes, with its ending."""
    stem, dot, ending = filename.rpartition(".")
    return filename if len(filename) <= FILENAME_MAX else f"{stem[: FILENAME_MAX - len(ending) - 1]}{dot}{ending}"


def _name(channel: "Channel", outbound: Outbound) -> str:
    """Return who writes; Viber refuses a message without, and a longer name."""
    name = outbound.sender_name or str(channel.config.get("name") or "") or channel.name
    return name if len(name) <= NAME_MAX else f"{name[: NAME_MAX - 1].rstrip()}…"


def _buttons(outbound: Outbound) -> Json:
    """Return a keyboard; what is pressed comes back as a text."""
    if not outbound.quick_replies:
        return {}
    buttons = [
        {
            "Columns": COLUMNS,
            "Rows": 1,
            "ActionType": "reply",
            "ActionBody": one.payload or one.title,
            "Text": one.title,
        }
        for one in outbound.quick_replies
    ]
    return {"keyboard": {"Type": "keyboard", "Buttons": buttons}, "min_api_version": 3}
