"""The list of people: found by words and state, fifty at a time, with when each was last here."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from agents import presence
from agents.models import Agent
from helpdesk.lib import clock

PER_PAGE, WORDS_MAX = 50, 100
INVITED = Q(password="") | Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)
Narrow = Callable[["QuerySet[Agent]"], "QuerySet[Agent]"]
STATES: dict[str, tuple[object, Narrow]] = {
    "": (_("Active"), lambda rows: rows.filter(is_active=True)),
    "invited": (_("Invited"), lambda rows: rows.filter(INVITED, is_active=True)),
    "deactivated": (_("Deactivated"), lambda rows: rows.filter(is_active=False)),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One of the people. seen_at: when they last were here, None for never."""

    agent: Agent
    teams: list[str]
    is_here: bool
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class Page:
    """What the list shows. next: where it goes on."""

    words: str
    state: str
    lines: list[Line] = field(default_factory=list)
    next: str = ""

    @property
    def states(self) -> list[tuple[str, object]]:
        """All states with their names."""
        return [(state, name) for state, (name, _narrow) in STATES.items()]


def page_of(words: str, state: str, after: str) -> Page:
    """Return a page of people by name. after: the key of whom the page before ended with; nonsense is the beginning."""
    words, state = words.strip()[:WORDS_MAX], state if state in STATES else ""
    everybody = Agent.objects.filter(is_service=False).prefetch_related("memberships__team").order_by("name", "pk")
    rows = STATES[state][1](everybody)
    if words:
        rows = rows.filter(Q(name__icontains=words) | Q(email__icontains=words))
    last = Agent.objects.filter(pk=int(after)).first() if after.isdecimal() and len(after) < 19 else None
    if last is not None:
        rows = rows.filter(Q(name__gt=last.name) | Q(name=last.name, pk__gt=last.pk))
    found = list(rows[: PER_PAGE + 1])
    shown = found[:PER_PAGE]
    return Page(words, state, _lines(shown), str(shown[-1].pk) if len(found) > PER_PAGE else "")


def _lines(agents: list[Agent]) -> list[Line]:
    heard, now = presence.last_heard([agent.pk for agent in agents]), clock.real().timestamp()
    lines = []
    for agent in agents:
        at = heard.get(agent.pk)
        seen = [datetime.fromtimestamp(at, UTC)] if at else []
        seen += [agent.last_login] if agent.last_login else []
        is_here = agent.is_active and at is not None and at > now - presence.HERE_SECONDS
        teams = [membership.team.name for membership in agent.memberships.all()]
        lines.append(Line(agent, sorted(teams), is_here, max(seen, default=None)))
    return lines
