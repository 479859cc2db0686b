"""Answers to press as people write them: a title for each, which is also what comes back when it is pressed.

They stand in a draft's route under the name by which they travel in a delivery's, so what is taken back has them again.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from helpdesk.lib.outbound import Capabilities, QuickReply

NAME = "quick_replies"
# Of a text that is being written: more than any channel shows, so that all of it is kept until somebody decides.
KEPT_MAX, TITLE_MAX = 50, 1_000


class Unfit(ValueError):
    """They cannot go like this; says why, for whoever wrote them."""


def cleaned(titles: Iterable[str]) -> list[str]:
    """Return the titles that say something, each in one line."""
    lines = (" ".join(title.split())[:TITLE_MAX] for title in titles)
    return [line for line in lines if line][:KEPT_MAX]


def titles_in(route: Mapping[str, Any]) -> list[str]:
    """Return the titles that travel with a way."""
    return [str(one["title"]) for one in route.get(NAME) or ()]


def kept(titles: Iterable[str]) -> dict[str, Any]:
    """Return what a draft's route keeps of them."""
    found = [{"title": title, "payload": title} for title in cleaned(titles)]
    return {NAME: found} if found else {}


def joined(above: Mapping[str, Any], below: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the route of two texts put together keeps: all of both, each once."""
    return kept(dict.fromkeys([*titles_in(above), *titles_in(below)]))


def fitting(titles: list[str], text: str, can: Capabilities, *, is_public: bool) -> tuple[QuickReply, ...]:
    """Return the answers to press of a text. Raises Unfit."""
    if not titles:
        return ()
    if is_public or not can.quick_replies:
        raise Unfit(_("Nothing can be pressed there: send it without buttons."))
    if len(titles) > can.quick_replies:
        words = ngettext(
            "Too many buttons: at most %(n)d is shown there.", "Too many buttons: at most %(n)d are shown there.",
            can.quick_replies,
        )  # fmt: skip
        raise Unfit(words % {"n": can.quick_replies})
    _refuse_wording(titles, text, can)
    return tuple(QuickReply(title, title) for title in titles)


def _refuse_wording(titles: list[str], text: str, can: Capabilities) -> None:
    most = can.quick_reply_text_characters
    for place, title in enumerate(titles):
        if len(title) > can.quick_reply_characters:
            words = _("The button “%(title)s” is too long: at most %(n)d characters.")
            raise Unfit(words % {"title": title, "n": can.quick_reply_characters})
        if title in titles[:place]:
            raise Unfit(_("Two buttons say “%(title)s”: change one of them.") % {"title": title})
    if not text.strip():
        raise Unfit(_("Write something above the buttons."))
    if most and len(text.strip()) > most:
        raise Unfit(_("The text above buttons has at most %(n)d characters there.") % {"n": most})
