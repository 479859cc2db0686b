"""What became of a link that asked somebody over to a secure chat, in words."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from conversations.models.entry import Entry
from conversations.models.message import Message
from helpdesk.lib import clock


@dataclass(frozen=True, slots=True)
class Hop:
    """The state of a link. way: the way by which a new one could go, '' where there is no need of one."""

    words: str
    tone: str
    glyph: str
    way: str = ""


def hop_of(entry: Entry, message: Message) -> Hop | None:
    """Say whether the link of a message was opened, until when it can be, or that it is over; None: it has none."""
    kept = entry.data.get("hop")
    if not kept:
        return None
    way = str(kept.get("way", ""))
    if kept.get("opened_at"):
        return Hop(_("Link to the secure chat: opened %(time)s") % {"time": _time(kept["opened_at"])}, "done", "check")
    if message.deleted_at is not None:
        return Hop(_("Link to the secure chat: taken back"), "", "x", way)
    if not kept.get("until"):
        return Hop(_("Link to the secure chat: it is made when this leaves"), "", "clock")
    if kept.get("is_over") or datetime.fromisoformat(kept["until"]) <= clock.now():
        return Hop(_("Link to the secure chat: over, nobody opened it"), "warn", "alert", way)
    words = _("Link to the secure chat: valid until %(time)s, not opened yet")
    return Hop(words % {"time": _time(kept["until"])}, "", "clock")


def _time(written: str) -> str:
    at = datetime.fromisoformat(written).astimezone(timezone.get_current_timezone())
    is_today = at.date() == clock.now().astimezone(at.tzinfo).date()
    return formats.date_format(at, "H:i" if is_today else "j M H:i")
