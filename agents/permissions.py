"""What an agent may see and change. The querysets of the upper rooms ask these questions."""

from collections.abc import Iterable
from dataclasses import dataclass

from agents.models import Agent, Role


@dataclass(frozen=True, slots=True)
class Sight:
    """How far an agent sees. `team_ids` are the teams they are a member of."""

    kind: str
    team_ids: frozenset[int]
    agent_id: int
    reads_whole_timelines: bool

    @property
    def is_all(self) -> bool:
        return self.kind == Role.Sight.ALL

    @property
    def is_teams(self) -> bool:
        return self.kind == Role.Sight.TEAMS


def sight_of(agent: Agent) -> Sight:
    """Read how far this agent sees, from the database as it is now (two queries at most), unless it is kept."""
    if isinstance(agent.kept_sight, Sight):
        return agent.kept_sight
    role = agent.role
    return Sight(
        kind=role.sight,
        team_ids=frozenset(membership.team_id for membership in agent.memberships.all()),
        agent_id=agent.pk,
        reads_whole_timelines=role.reads_whole_timelines,
    )


def keep_sight(agent: Agent) -> Agent:
    """Let every question of one request be answered by one reading; for an object that ends with the request."""
    agent.kept_sight = sight_of(agent)
    return agent


def audiences(sight: Sight) -> Iterable[str]:
    """Name the live audiences of lists that this agent hears (docs/architecture.md)."""
    yield f"agent.{sight.agent_id}"
    if sight.is_all:
        yield "all"
    if sight.is_teams:
        yield "team.0"
        yield from (f"team.{pk}" for pk in sorted(sight.team_ids))


def can(agent: Agent, verb: str, thing: object = None) -> bool:
    """Return whether the role allows a verb: reply, supervise or administer."""
    if not agent.is_active:
        return False
    return agent.is_superuser or bool(getattr(agent.role, f"can_{verb}"))


def oversees(agent: Agent) -> bool:
    """Whether they look after the whole desk: administrators, and supervisors who see everything."""
    return can(agent, "administer") or (can(agent, "supervise") and sight_of(agent).is_all)
