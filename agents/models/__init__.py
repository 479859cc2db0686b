"""People who work here, how they are grouped, and the face they show."""

from agents.models.agent import Agent, AgentManager, Membership, Role, Shift, Skill, SkillLevel, Team
from agents.models.token import ApiToken
from agents.models.transfer import ExportRun
from agents.models.workspace import AuditRow, Brand, Calendar, Holiday, Workspace

__all__ = [
    "Agent",
    "AgentManager",
    "ApiToken",
    "AuditRow",
    "Brand",
    "Calendar",
    "ExportRun",
    "Holiday",
    "Membership",
    "Role",
    "Shift",
    "Skill",
    "SkillLevel",
    "Team",
    "Workspace",
]
