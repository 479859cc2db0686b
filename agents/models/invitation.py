"""The way in for somebody whom an administrator lets in."""

import secrets
from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models

from agents.models.agent import Agent
from agents.models.token import digest
from helpdesk.lib import clock

DAYS = 7


class Invitation(models.Model):
    """A link that lets an agent choose a password, once; of its secret (256 bits) only the SHA-256 is kept."""

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="invitations")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(default=clock.real)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager["Invitation"]] = models.Manager()

    @classmethod
    def issue(cls, agent: Agent, *, by: Agent) -> str:
        """Make a link for an agent and void the ones before; the secret is returned once and never readable again."""
        cls.void(agent)
        secret, now = secrets.token_urlsafe(32), clock.real()
        expires_at = now + timedelta(days=DAYS)
        cls.objects.create(agent=agent, by=by, digest=digest(secret), made_at=now, expires_at=expires_at)
        return secret

    @classmethod
    def void(cls, agent: Agent) -> None:
        """Let no link of an agent work any more."""
        now = clock.real()
        cls.objects.filter(agent=agent, used_at=None, expires_at__gt=now).update(expires_at=now)

    @classmethod
    def find(cls, secret: str) -> "Invitation | None":
        """Return what still works with this secret, whose agent is active."""
        rows = cls.objects.select_related("agent__role").filter(digest=digest(secret), used_at=None)
        return rows.filter(expires_at__gt=clock.real(), agent__is_active=True).first()

    def use(self) -> bool:
        """Use it up; return whether nobody was faster. A compare-and-set."""
        rows = Invitation.objects.filter(pk=self.pk, used_at=None, expires_at__gt=clock.real())
        return rows.update(used_at=clock.real()) == 1
