"""What customers did when they left: they ended a chat, said how our help was, wanted to be forgotten."""

from typing import Any

from django.utils import formats, timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from conversations.rating import SCORES


def ended_words(data: Any) -> str:
    """Say that the customer ended the chat, and whether something is still to be answered."""
    if data.get("after", {}).get("status") == "resolved":
        return _("ended the chat")
    return _("ended the chat; what is unanswered stays open")


def rated_words(data: Any) -> str:
    """Say what they gave, in a number and a word; the comment stands below."""
    score, before = int(data["score"]), data.get("before", {})
    named = {"score": score, "most": max(SCORES), "word": _(SCORES[score])}
    if before:
        return _("changed the rating from %(before)s to %(score)s of %(most)s: %(word)s") % {
            **named, "before": before["score"],
        }  # fmt: skip
    return _("rated our help %(score)s of %(most)s: %(word)s") % named


def erasure_words(data: Any) -> str:
    """Say what they want deleted, and until when that is to be done."""
    until = parse_datetime(str(data.get("until")))
    at = formats.date_format(until.astimezone(timezone.get_current_timezone()), "j M Y") if until else ""
    words = _("wants all that we hold of them deleted by %(day)s (reference %(reference)s)")
    if not data.get("is_proved"):
        words = _("wants what was said through this browser deleted by %(day)s (reference %(reference)s)")
    return words % {"day": at, "reference": data.get("reference", "")}
