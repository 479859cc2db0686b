"""Where an answer can go, as the composer shows it: the channels with their rules, the addresses with their windows."""

import json
from collections import Counter
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from conversations.afterwards import NO_ADDRESS, NO_MAILBOX, PAUSED, UNWANTED, Plan
from conversations.ways import HUMAN, Way
from customers.models import Customer
from helpdesk.lib.outbound import Capabilities

# What an answer waits for that can go nowhere else.
WAITS = {
    NO_ADDRESS: gettext_noop(
        "If they leave first, they read it when they come back: no address is known, so ask for one."
    ),
    UNWANTED: gettext_noop("If they leave first, they read it when they come back: no mail may go to their address."),
    NO_MAILBOX: gettext_noop(
        "If they leave first, they read it when they come back: this brand has no mailbox to write to them."
    ),
    PAUSED: gettext_noop("If they leave first, they read it when they come back: this channel is paused."),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A channel in "Reply via". verb: what the button says; instead: what offers it; rules: what fits, as JSON.

    bridge: the line that ties it to the customer's last message, "" where none helps.
    """

    pk: int
    name: str
    icon: str
    verb: str
    instead: str
    rules: str
    bridge: str


@dataclass(frozen=True, slots=True)
class Place:
    """An address in "To". line: who gets it, through what; until and by_hand: milliseconds, 0 where there is no end.

    came_over: a link of ours brought them there.
    after: what becomes of it where its reader may have left.
    """

    key: str
    channel: int
    label: str
    is_verified: bool
    line: str
    why_not: str
    closed: str
    note: str
    reason: str
    by_hand_words: str
    until: int
    by_hand: int
    has_templates: bool
    is_comment: bool
    private_why: str
    is_private_chat: bool
    came_over: bool
    after: str


def choices_of(ways: list[Way], bridges: dict[int, str]) -> list[Choice]:
    """Return each channel once, in the order of its best way; two of one kind are told apart by their names."""
    channels = {way.channel.pk: way.channel for way in ways}
    chosen = [_choice(channel, bridges.get(pk, "")) for pk, channel in channels.items()]
    alike = Counter(one.name for one in chosen)
    return [replace(one, name=f"{one.name}: {channels[one.pk].name}") if alike[one.name] > 1 else one for one in chosen]


def place_of(way: Way, customer: Customer, plan: Plan | None) -> Place:
    """Return an address as the page knows it. plan: of a reader who may leave."""
    can = way.channel.capabilities
    words = {"name": customer.best_name, "address": way.identity.label, "ours": way.channel.name}
    return Place(
        key=way.key, channel=way.channel.pk, label=way.identity.label, is_verified=way.identity.is_verified,
        # Of whom nothing is known, the address is the name.
        line=(_("To %(address)s, from %(ours)s") if words["name"] == words["address"]
              else _("To %(name)s at %(address)s, from %(ours)s")) % words,
        why_not="" if way.can_use else way.why_not, closed=_("The time to answer here is over"),
        note=way.note, reason=way.reason, by_hand_words=_by_hand(way),
        until=_end(way), by_hand=_milliseconds(way.by_hand_until), has_templates=can.has_templates,
        is_comment=way.is_comment, private_why=way.private_why_not, is_private_chat=way.is_private_chat,
        came_over=way.came_at is not None,
        after=_afterwards(plan, customer) if plan else "",
    )  # fmt: skip


def verb_of(icon: str, label: str) -> str:
    """Say what the button does: "Send by email", "Send on WhatsApp"."""
    verbs = {"email": _("Send by email"), "sms": _("Send by SMS"), "form": _("Send")}
    return verbs.get(icon) or _("Send on %(channel)s") % {"channel": label}


def _choice(channel: Any, bridge: str) -> Choice:
    label = str(channel.label)
    rules = _rules(channel.capabilities)
    icon = channel.icon
    return Choice(channel.pk, label, icon, verb_of(icon, label), _instead(icon, label), json.dumps(rules), bridge)


def _instead(icon: str, label: str) -> str:
    known = {"email": _("Send this by email instead"), "sms": _("Send by SMS instead")}
    return known.get(icon) or _("Send on %(channel)s instead") % {"channel": label}


def _rules(can: Capabilities) -> dict[str, Any]:
    return {
        "limit": can.max_text_characters, "unit": can.text_unit, "caption": can.max_caption_characters,
        "subject": can.has_subject, "copies": can.has_copies, "pieces": can.in_pieces, "bytes": can.max_files_bytes,
        "markup": can.markup, "buttons": can.quick_replies, "title": can.quick_reply_characters,
        "above": can.quick_reply_text_characters,
        "files": [asdict(rule) for rule in can.file_rules],
    }  # fmt: skip


def _end(way: Way) -> int:
    """Return when the window closes or closed; 1 where all that is known is that it has."""
    if not way.window:
        return 0
    return 1 if way.window == HUMAN else _milliseconds(way.until) or 1


def _by_hand(way: Way) -> str:
    """Say until when only a person may write; rules and robots may not."""
    if way.by_hand_until is None:
        return ""
    at = way.by_hand_until.astimezone(timezone.get_current_timezone())
    return _("Only by hand, until %(when)s") % {"when": formats.date_format(at, "D j M H:i")}


def _afterwards(plan: Plan, customer: Customer) -> str:
    """Say what becomes of an answer that is not read before its reader leaves; never more than will be done."""
    if plan.to is None:
        return _(WAITS[plan.why_not])
    minutes = max(1, round(plan.after.total_seconds() / 60))
    said = ngettext(
        "If it is unread %(n)d minute after they leave, it goes by email to %(address)s.",
        "If it is unread %(n)d minutes after they leave, it goes by email to %(address)s.",
        minutes,
    ) % {"n": minutes, "address": plan.to.value}
    return f"{said} {_('It waits for the end of their quiet hours.')}" if customer.quiet_from else said


def _milliseconds(at: datetime | None) -> int:
    return int(at.timestamp() * 1000) if at else 0
