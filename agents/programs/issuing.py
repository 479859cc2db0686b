"""Tokens given out and revoked, services taken on and retired; each told in the audit rows."""

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from agents import audit, leaving
from agents.models import Agent, ApiToken, Membership, Role, Team
from helpdesk.lib import clock

# As agents.audit knows what is changed here.
THING = "api"
# Nothing is ever sent there: the name is reserved for what does not exist (RFC 2606).
NOWHERE = "service.invalid"


def issue(
    agent: Agent, name: str, scopes: Iterable[str], *, by: Agent, expires_at: datetime | None = None
) -> tuple[ApiToken, str]:
    """Give an agent or a service a token. The secret is returned once and never readable again."""
    with transaction.atomic():
        made, secret = ApiToken.issue(agent, name, scopes=scopes, expires_at=expires_at)
        audit.changed(by, THING, {}, _said(made))
        return made, secret


def revoke(token: ApiToken, *, by: Agent) -> bool:
    """Let a token open nothing from the next request on; return whether it did. Safe to call twice."""
    with transaction.atomic():
        gone = ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=clock.real())
        if gone:
            audit.changed(by, THING, _said(token), {})
        return bool(gone)


def add_service(name: str, role: Role, teams: Iterable[Team], *, by: Agent) -> Agent:
    """Take on a program: it has a role and teams as an agent has, and nobody can sign in as it."""
    with transaction.atomic():
        address = f"{uuid.uuid4().hex}@{NOWHERE}"
        service = Agent.objects.create_user(address, None, name=name, role=role, is_service=True)
        _place(service, teams)
        audit.changed(by, THING, {}, _told(service))
        return service


def change_service(service: Agent, name: str, role: Role, teams: Iterable[Team], *, by: Agent) -> None:
    """Give a service another name, role or teams; what it sees changes from the next request on."""
    with transaction.atomic():
        row = Agent.objects.select_for_update(no_key=True, of=("self",)).get(pk=service.pk, is_service=True)
        before = _told(row)
        row.name, row.role = name, role
        row.save(update_fields=["name", "role"])
        _place(row, teams)
        if (after := _told(row)) != before:
            audit.changed(by, THING, before, after)


def retire(service: Agent, *, by: Agent) -> None:
    """Lock a service out and revoke its tokens; its entries keep its name."""
    with transaction.atomic():
        for token in ApiToken.objects.filter(agent=service, revoked_at=None):
            revoke(token, by=by)
        audit.changed(by, THING, _told(service), {})
        leaving.deactivate(service)


def _place(service: Agent, teams: Iterable[Team]) -> None:
    wanted = list(teams)
    service.memberships.exclude(team__in=wanted).delete()
    had = set(service.memberships.values_list("team_id", flat=True))
    Membership.objects.bulk_create(Membership(agent=service, team=team) for team in wanted if team.pk not in had)


def _said(token: ApiToken) -> dict[str, Any]:
    # Called a program here: values that are named after tokens or keys are not kept by audit rows.
    until = token.expires_at.isoformat() if token.expires_at else None
    return {"program": token.name, "of": token.agent.name, "scopes": token.scopes, "until": until}


def _told(service: Agent) -> dict[str, Any]:
    teams = sorted(Team.objects.filter(memberships__agent=service).values_list("name", flat=True))
    return {"service": service.name, "role": service.role.name, "teams": teams}
