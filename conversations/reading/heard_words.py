"""What providers told of a customer, in a few words: links and advertisements, joining and leaving, wishes."""

from typing import Any

from django.utils.translation import gettext as _

CHARACTERS_MAX = 120


def heard_words(data: Any) -> str:
    """Say what an entry made of an event tells (conversations.events.happened)."""
    channel, said = data.get("channel", ""), str(data.get("said", ""))[:CHARACTERS_MAX]
    if data.get("event") == "referral":
        return _referral_words(data.get("referral", {}), channel)
    words = {
        "join": _("joined on %(channel)s"),
        "leave": _("left on %(channel)s"),
        "member_change": _("members changed on %(channel)s"),
        "handover": _("the conversation on %(channel)s was handed over"),
        "conversation_started": _("opened the conversation on %(channel)s"),
        "message_request": _("accepted our messages on %(channel)s"),
        "system": _("%(channel)s says"),
        "call": _("called on %(channel)s"),
        "call_permission": _("answered whether we may call on %(channel)s"),
    }
    found = words.get(str(data.get("event")), _("something happened on %(channel)s")) % {"channel": channel}
    return f"{found}: {said}" if said else found


def wish_words(data: Any) -> str:
    """Say what a customer said themselves of being written to."""
    values = {"address": data.get("value", ""), "channel": data.get("channel", ""), "word": data.get("keyword", "")}
    if data["act"] in {"offers", "no_offers"}:
        return _offer_words(data["act"] == "offers", values)
    if data["act"] == "opted_in":
        if values["word"]:
            return _("wants messages at %(address)s again (“%(word)s” on %(channel)s)") % values
        return _("wants messages at %(address)s (%(channel)s)") % values
    if values["word"]:
        return _("wants no more messages at %(address)s (“%(word)s” on %(channel)s)") % values
    said = _("wants no more messages at %(address)s (%(channel)s)") % values
    return f"{said}: {_(data['reason'])}" if data.get("reason") else said


def _offer_words(is_wanted: bool, values: dict[str, str]) -> str:
    if is_wanted:
        return _("wants offers and automatic messages at %(address)s (%(channel)s)") % values
    if values["word"]:
        return _("wants no more offers and automatic messages at %(address)s (“%(word)s” on %(channel)s)") % values
    return _("wants no more offers and automatic messages at %(address)s (%(channel)s)") % values


def _referral_words(referral: Any, channel: str) -> str:
    headline = str(referral.get("headline") or referral.get("ad_title") or "")[:CHARACTERS_MAX]
    if headline or referral.get("ad_id"):
        said = headline or referral["ad_id"]
        return _("came by the advertisement “%(name)s” on %(channel)s") % {"name": said, "channel": channel}
    if referral.get("ref"):
        name = str(referral["ref"])[:CHARACTERS_MAX]
        return _("came by the link “%(name)s” on %(channel)s") % {"name": name, "channel": channel}
    return _("came by a link on %(channel)s") % {"channel": channel}
