"""When what agents may see changes: signed out, another role, out of a team. Upper rooms are told by name."""

from django.conf import settings
from django.db.models import F
from django.utils.module_loading import import_string

from agents.models import Agent, Invitation, Membership, Role, Team
from helpdesk.lib import clock


def tell(agent_id: int) -> None:
    """Call what settings.AGENT_LEFT names, so that open sockets are closed after commit."""
    for name in settings.AGENT_LEFT:
        import_string(name)(agent_id)


def tell_team(team_id: int) -> None:
    """Call what settings.TEAM_PRIVACY names: a team's entries appear or vanish for everybody else. In a transaction."""
    for name in settings.TEAM_PRIVACY:
        import_string(name)(team_id)


def change_role(agent: Agent, role: Role) -> None:
    """Give an agent another role; what they may see and do changes at once."""
    agent.role = role
    # Made by createsuperuser: whoever is given a role that does not administer shall not administer.
    agent.is_superuser = agent.is_superuser and role.can_administer
    agent.save(update_fields=["role", "is_superuser"])
    tell(agent.pk)


def join_team(agent: Agent, team: Team) -> None:
    """Let an agent into a team; their sockets come again and hear it."""
    Membership.objects.get_or_create(agent=agent, team=team)
    tell(agent.pk)


def leave_team(agent: Agent, team: Team) -> None:
    """Take an agent out of a team."""
    Membership.objects.filter(agent=agent, team=team).delete()
    tell(agent.pk)


def deactivate(agent: Agent) -> None:
    """Lock an agent out for good: sessions, tokens and links of before stay dead when they are let in again.

    What they wrote and own keeps their name.
    """
    Agent.objects.filter(pk=agent.pk).update(is_active=False, locked_out_count=F("locked_out_count") + 1)
    agent.refresh_from_db(fields=["is_active", "locked_out_count"])
    agent.api_tokens.filter(revoked_at=None).update(revoked_at=clock.real())
    Invitation.void(agent)
    tell(agent.pk)
