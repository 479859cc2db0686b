"""When an agent loses something: signed out, another role, out of a team. Upper rooms are told by name."""

from django.conf import settings
from django.utils.module_loading import import_string

from agents.models import Agent, Membership, Role, Team


def tell(agent_id: int) -> None:
    """Call what settings.AGENT_LEFT names, so that open sockets are closed after commit."""
    for name in settings.AGENT_LEFT:
        import_string(name)(agent_id)


def change_role(agent: Agent, role: Role) -> None:
    """Give an agent another role; what they may see changes at once."""
    agent.role = role
    agent.save(update_fields=["role"])
    tell(agent.pk)


def leave_team(agent: Agent, team: Team) -> None:
    """Take an agent out of a team."""
    Membership.objects.filter(agent=agent, team=team).delete()
    tell(agent.pk)


def deactivate(agent: Agent) -> None:
    """Lock an agent out; their entries keep their name."""
    agent.is_active = False
    agent.save(update_fields=["is_active"])
    tell(agent.pk)
