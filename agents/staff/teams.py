"""Which teams there are, who is in them, and whether others see their work; each change told in the audit rows."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.utils.text import slugify
from django.utils.translation import gettext as _

from agents import audit, leaving
from agents.models import Agent, Calendar, Membership, Team
from agents.staff import administering
from agents.staff.administering import Refused, differing, named, one_at_a_time

TEAMS_MAX, SLUG_MAX = 200, 50
# As agents.audit knows what is changed here.
THING = "teams"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a team shall be. slug: of its view in the inbox; empty: made of the name. joins, leaves: agents' keys."""

    name: str
    slug: str = ""
    is_private: bool = False
    joins: frozenset[int] = frozenset()
    leaves: frozenset[int] = frozenset()
    calendar: Calendar | None = None


def add(wanted: Wanted, *, by: Agent) -> Team:
    """Add a team. Raises Refused. Locks the workspace's row."""
    with one_at_a_time():
        if Team.objects.count() >= TEAMS_MAX:
            raise Refused(_("There are %(n)d teams already. Delete one first.") % {"n": TEAMS_MAX})
        row = Team(is_private=wanted.is_private, calendar=wanted.calendar)
        row.name, row.slug = _named(wanted, row)
        row.save()
        _let(wanted, row)
        audit.changed(by, THING, {}, _said(row))
        return row


def change(team: Team, wanted: Wanted, *, by: Agent) -> Team:
    """Rename a team, open or close it, let people in and out. Raises Refused.

    Locks the workspace's row, and when it becomes private or public all its customers' rows, some at a time.
    """
    with one_at_a_time():
        row = _still(team)
        before, was_private = _said(row), row.is_private
        row.name, row.slug = _named(wanted, row)
        row.is_private, row.calendar = wanted.is_private, wanted.calendar
        row.save()
        _let(wanted, row)
        after = _said(row)
        if after != before:
            audit.changed(by, THING, *differing(before, after, "team"))
        if row.is_private != was_private:
            leaving.tell_team(row.pk)
        return row


def remove(team: Team, *, by: Agent) -> None:
    """Delete a team that nothing belongs to; whoever is in it leaves. Raises Refused. Locks the workspace's row."""
    with one_at_a_time():
        row = _still(team)
        if left := belonging(row):
            raise Refused(_holding_words(left))
        before = _said(row)
        for agent in row.agents.all():
            leaving.leave_team(agent, row)
        try:
            with transaction.atomic():
                row.delete()
                # Foreign keys are looked at when a transaction ends: too late to say why.
                connection.check_constraints()
        except (ProtectedError, IntegrityError) as error:
            # Something came in at the same moment; the row object has lost its key by now.
            raise Refused(_holding_words(belonging(team))) from error
        audit.changed(by, THING, before, {})


def belonging(team: Team) -> list[tuple[str, int]]:
    """Return what belongs to a team besides its people, and how much of it: (what, count)."""
    return administering.belonging(team, Membership)


def _still(team: Team) -> Team:
    row = Team.objects.filter(pk=team.pk).first()
    if row is None:
        raise Refused(_("This team was deleted in the meantime."))
    return row


def _named(wanted: Wanted, row: Team) -> tuple[str, str]:
    others = Team.objects.exclude(pk=row.pk)
    name = named(wanted.name, Team.NAME_MAX, list(others.values_list("name", flat=True)))
    taken = set(others.values_list("slug", flat=True))
    if not wanted.slug:
        return name, row.slug or _free_slug(name, taken)
    try:
        validate_slug(wanted.slug)
    except ValidationError as error:
        raise Refused(_("Only letters a to z, digits, - and _."), "slug") from error
    if len(wanted.slug) > SLUG_MAX or wanted.slug in taken:
        raise Refused(_("This address is taken or too long."), "slug")
    return name, wanted.slug


def _free_slug(name: str, taken: set[str]) -> str:
    base = slugify(name)[: SLUG_MAX - 4].strip("-_") or "team"
    tries = (base, *(f"{base}-{n}" for n in range(2, TEAMS_MAX + 2)))
    return next(slug for slug in tries if slug not in taken)


def _let(wanted: Wanted, row: Team) -> None:
    """Let people in and out; who is there already, or gone already, stays so."""
    inside = set(row.memberships.values_list("agent", flat=True))
    for agent in Agent.objects.filter(pk__in=wanted.joins - inside, is_active=True):
        leaving.join_team(agent, row)
    for agent in Agent.objects.filter(pk__in=wanted.leaves & inside):
        leaving.leave_team(agent, row)


def _said(team: Team) -> dict[str, Any]:
    members = list(team.agents.order_by("email").values_list("email", flat=True)) if team.pk else []
    calendar = team.calendar.name if team.calendar else ""
    return {
        "team": team.slug, "name": team.name, "is_private": team.is_private, "calendar": calendar, "members": members,
    }  # fmt: skip


def _holding_words(left: list[tuple[str, int]]) -> str:
    words = _("Something still belongs to this team (%(what)s). Give it to another team first.")
    return words % {"what": administering.listed(left)}
