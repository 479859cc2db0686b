"""What an entry says of changes that its provider was asked for: a comment is hidden, something was refused."""

from datetime import datetime

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from conversations.amending import HIDINGS, UNDER_WAY, Possible
from conversations.models.amendment import Amendment
from conversations.models.entry import Entry

Act, State = Amendment.Act, Amendment.State


def amiss(entry: Entry) -> str:
    """Say that a change of a message did not reach the other side; '' where none failed."""
    found = entry.data.get("amendment", {})
    if found.get("state") != State.FAILED:
        return ""
    words = {
        Act.REACT: _("The reaction was not taken."),
        Act.EDIT: _("The change was not taken; they still see this text."),
        Act.WITHDRAW: _("It could not be removed on their side."),
        Act.HIDE: _("It could not be hidden: everybody can still read it on the page."),
        Act.SHOW: _("It could not be shown again: it is still hidden from the page."),
    }
    return _joined(words[found["act"]], found["error"])


def again(entry: Entry, can: Possible) -> str:
    """Return what failed and can be asked for once more with one press: hide, show or ''."""
    found = entry.data.get("amendment", {})
    if found.get("state") != State.FAILED:
        return ""
    return {Act.HIDE: "hide" if can.hide else "", Act.SHOW: "show" if can.show else ""}.get(found["act"], "")


def hidden(entry: Entry) -> str:
    """Say that a public comment is hidden from its page, or will be soon; '' where everybody reads it."""
    found = entry.data.get("amendment", {})
    if found.get("act") in HIDINGS and found.get("state") in UNDER_WAY:
        return _under_way(found["act"], found["error"])
    mark = entry.data.get("hidden")
    if not mark:
        return ""
    at = datetime.fromisoformat(mark["at"]).astimezone(timezone.get_current_timezone())
    return _("Hidden from the page by %(who)s, %(when)s") % {
        "who": mark["by"] or _("somebody who left"),
        "when": formats.date_format(at, "j M H:i"),
    }


def _under_way(act: str, error: str) -> str:
    """Say what is being asked for; with the trouble where it did not go at once."""
    if error:
        words = _("Not hidden yet; it is tried again.") if act == Act.HIDE else _("Not shown yet; it is tried again.")
        return _joined(words, error)
    return _("Being hidden from the page…") if act == Act.HIDE else _("Being shown on the page again…")


def _joined(words: str, error: str) -> str:
    return " ".join(filter(None, (words, _(error) if error else "")))
