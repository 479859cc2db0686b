"""People who work here, how they are grouped, and the face they show."""

from agents.models.agent import Agent, AgentManager, Membership, Role, Shift, Skill, SkillLevel, Team
from agents.models.invitation import Invitation
from agents.models.token import ApiToken, IdempotencyKey
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
    "IdempotencyKey",
    "Invitation",
    "Membership",
    "Role",
    "Shift",
    "Skill",
    "SkillLevel",
    "Team",
    "Workspace",
]
