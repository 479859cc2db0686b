"""The people who work here: invited, given a role and teams, locked out and let in again; told in the audit rows.

Nobody is deleted: what they wrote and own keeps their name.
"""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from agents import audit, leaving
from agents.models import Agent, Invitation, Membership, Role, Team
from agents.staff.administering import Refused, differing, keep_an_administrator, one_at_a_time
from helpdesk.lib.names import clean_name

NAME_MAX, EMAIL_MAX = 120, 254
# As agents.audit knows what is changed here.
THING = "people"


@dataclass(frozen=True, slots=True)
class Place:
    """Somebody's place at the desk. teams: those they shall be in."""

    name: str
    role: Role
    teams: tuple[Team, ...] = ()


def invite(email: str, place: Place, *, by: Agent) -> tuple[Agent, str]:
    """Add somebody who has no password yet; return them and the secret of their link. Raises Refused.

    The secret cannot be read again. Locks the workspace's row.
    """
    with one_at_a_time():
        name, email = _named(place.name), email.strip().lower()
        try:
            validate_email(email)
        except ValidationError as error:
            raise Refused(_("Write an email address."), "email") from error
        if (there := Agent.objects.filter(email__iexact=email).first()) is not None:
            raise Refused(_("This is the address of %(name)s.") % {"name": there}, "email")
        agent = Agent.objects.create_user(email[:EMAIL_MAX], None, name=name, role=place.role, language=by.language,
                                          time_zone=by.time_zone)  # fmt: skip
        Membership.objects.bulk_create(Membership(agent=agent, team=team) for team in place.teams)
        audit.changed(by, THING, {}, _said(agent))
        return agent, Invitation.issue(agent, by=by)


def change(agent: Agent, place: Place, *, by: Agent) -> None:
    """Rename somebody, give them another role or other teams. Raises Refused. Locks the workspace's row."""
    with one_at_a_time():
        row = Agent.objects.get(pk=agent.pk)
        before = _said(row)
        row.name = _named(place.name)
        row.save(update_fields=["name"])
        if row.role_id != place.role.pk:
            leaving.change_role(row, place.role)
            keep_an_administrator()
        has, wanted = {team.pk: team for team in row.teams.all()}, {team.pk: team for team in place.teams}
        for pk in has.keys() - wanted.keys():
            leaving.leave_team(row, has[pk])
        for pk in wanted.keys() - has.keys():
            leaving.join_team(row, wanted[pk])
        after = _said(row)
        if after != before:
            audit.changed(by, THING, *differing(before, after, "person"))


def renew(agent: Agent, *, by: Agent) -> str:
    """Make another link by which somebody chooses a password; those of before are void. Raises Refused."""
    with one_at_a_time():
        row = Agent.objects.get(pk=agent.pk)
        if not row.is_active:
            raise Refused(_("Activate them first."))
        audit.changed(by, THING, {}, {"person": row.email, "invited_again": True})
        return Invitation.issue(row, by=by)


def deactivate(agent: Agent, *, by: Agent) -> None:
    """Lock somebody out: sessions, sockets, tokens and links die at once. Raises Refused. Locks the workspace's row."""
    with one_at_a_time():
        row = Agent.objects.get(pk=agent.pk)
        if row.pk == by.pk:
            raise Refused(_("You cannot deactivate yourself. Ask another administrator."))
        if not row.is_active:
            return
        leaving.deactivate(row)
        keep_an_administrator()
        audit.changed(by, THING, {"person": row.email, "is_active": True}, {"person": row.email, "is_active": False})


def activate(agent: Agent, *, by: Agent) -> None:
    """Let somebody in again, with the password they had; sessions and tokens of before stay dead."""
    with one_at_a_time():
        if Agent.objects.filter(pk=agent.pk, is_active=False).update(is_active=True):
            said = {"person": agent.email}
            audit.changed(by, THING, {**said, "is_active": False}, {**said, "is_active": True})


def come(invitation: Invitation, name: str, password: str, *, language: str) -> bool:
    """Give somebody who was invited the name and password they chose; return False when the link was used meanwhile.

    Sessions and sockets of before end with the old password.
    """
    with transaction.atomic():
        agent = Agent.objects.select_for_update(no_key=True, of=("self",)).get(pk=invitation.agent_id)
        if not agent.is_active or not invitation.use():
            return False
        if agent.is_invited:
            agent.language = language
        agent.name = clean_name(name, NAME_MAX) or agent.name
        agent.set_password(password)
        agent.save(update_fields=["name", "password", "language"])
        audit.changed(agent, THING, {}, {"person": agent.email, "came_by_invitation": True})
        leaving.tell(agent.pk)
        return True


def _named(text: str) -> str:
    name = clean_name(text)
    if not name or len(name) > NAME_MAX:
        raise Refused(_("Write a name of at most %(n)d characters.") % {"n": NAME_MAX}, "name")
    return name


def _said(agent: Agent) -> dict[str, Any]:
    teams = list(Team.objects.filter(memberships__agent=agent).order_by("slug").values_list("slug", flat=True))
    return {"person": agent.email, "name": agent.name, "role": agent.role.slug, "teams": teams}
