"""The empty sheet: the cloth an agent wove today, and where to go next."""

from dataclasses import dataclass
from datetime import datetime, time

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agents.models import Agent
from conversations.lists.queries import View
from conversations.models.message import Message
from helpdesk.lib import clock

PICKS_MAX = 20


@dataclass(frozen=True, slots=True)
class Today:
    """How many answers an agent gave today, and their channels in order: (glyph, height 1–3)."""

    answers: int
    cloth: list[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to go on with."""

    slug: str
    glyph: str
    title: str
    words: str
    keys: tuple[str, ...]


def today_of(agent: Agent) -> Today:
    """Read what the agent answered since midnight, in their time zone."""
    local = clock.now().astimezone(timezone.get_current_timezone())
    midnight = datetime.combine(local.date(), time(0), local.tzinfo)
    answers = Message.objects.filter(
        entry__by=agent, entry__occurred_at__gte=midnight, direction=Message.Direction.OUT
    ).exclude(entry__data__has_key="undone")
    newest = answers.select_related("channel").order_by("-entry__occurred_at")[:PICKS_MAX]
    cloth = [(message.channel.icon, 1 + len(message.text) % 3) for message in newest]
    return Today(answers.count(), cloth[::-1])


def next_steps(agent: Agent, view: View, counts: dict[str, int]) -> list[Step]:
    """Offer the other lists that have something in them."""
    steps = []
    if counts["mine"] and view.slug != "mine":
        title = ngettext("%(n)d is yours", "%(n)d are yours", counts["mine"]) % {"n": counts["mine"]}
        steps.append(Step("mine", "inbox", title, _("what you have taken or were given"), ("g", "m")))
    if counts["unassigned"] and view.slug != "unassigned":
        title = _("Unassigned has %(n)d") % {"n": counts["unassigned"]}
        steps.append(Step("unassigned", "inbox", title, _("nobody has taken them yet"), ("g", "u")))
    if counts["snoozed"] and view.slug != "snoozed":
        title = ngettext("%(n)d comes back later", "%(n)d come back later", counts["snoozed"]) % {
            "n": counts["snoozed"]
        }
        steps.append(Step("snoozed", "snooze", title, _("put away until a time"), ()))
    return steps
