"""Telling visitors who talks to them, how long it takes and when somebody is there, and what is forgotten by itself."""

import math
from collections.abc import Sequence
from datetime import timedelta

from django.utils.translation import ngettext

from agents.hours.counting import calendar_for, hours_of
from agents.hours.saying import outlook
from channels_app.models import Channel
from conversations import live, visiting, waiting
from conversations.models import Conversation, Message, Thread
from customers.identify import find
from customers.models import Identity
from helpdesk.lib import clock
from helpdesk.lib.inbound import Party

INITIALS = 2
SECONDS = {"typing": 8, "seen": 0}


def about(channel: Channel, identities: Sequence[Identity]) -> dict[str, object]:
    """Say who answered last (by first name and letters), how long it takes now, and whether somebody is there."""
    return {"agent": _agent(identities), "wait": wait_of(channel, identities), "hours": hours_words(channel)}


def hours_words(channel: Channel) -> str:
    """Say that nobody is there and when somebody is; '' while it is open."""
    calendar = calendar_for(channel=channel, team=channel.default_team, brand=channel.brand)
    found = outlook(hours_of(calendar), [], clock.now())
    return "" if found.is_open else found.words


def wait_of(channel: Channel, identities: Sequence[Identity]) -> str:
    """Say how many wait longer and how long it usually takes.

    '' where somebody has it, nothing waits, or it is closed.
    """
    threads = Thread.objects.filter(channel=channel, identity__in=[identity.pk for identity in identities])
    found = Conversation.objects.filter(threads__in=threads, status=Conversation.Status.OPEN, assignee=None)
    row = found.exclude(waiting_since=None).order_by("-pk").first()
    if row is None or hours_words(channel):
        return ""
    ahead, usual = waiting.ahead_of(row), waiting.usual_wait(row)
    said = [_usually(usual)] if usual is not None else []
    if ahead:
        said.append(ngettext("%(n)d person before you", "%(n)d people before you", ahead) % {"n": ahead})
    return " · ".join(said)


def show(party: Party, what: str) -> None:
    """Tell all browsers of this identity; nobody hears it where none is open."""
    identity = find(party.kind, party.value, realm=party.realm)
    if identity is not None:
        live.ephemeral([f"visitor.identity.{identity.pk}"], {"what": what}, ttl_seconds=SECONDS[what])


def _agent(identities: Sequence[Identity]) -> dict[str, str] | None:
    rows = visiting.readable_by(identities).filter(message__direction=Message.Direction.OUT).exclude(by=None)
    last = rows.select_related("by").order_by("-occurred_at", "-pk").first()
    if last is None or last.by is None:
        return None
    return {"name": last.by.first_name, "initials": last.by.initials[:INITIALS]}


def _usually(usual: timedelta) -> str:
    minutes = max(1, math.ceil(usual.total_seconds() / 60))
    if minutes < 90:
        return ngettext("about %(n)d minute", "about %(n)d minutes", minutes) % {"n": minutes}
    hours = round(minutes / 60)
    return ngettext("about %(n)d hour", "about %(n)d hours", hours) % {"n": hours}
