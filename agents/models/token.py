"""Tokens that programs use in place of a log-in."""

import hashlib
import secrets
from typing import ClassVar

from django.db import models

from agents.models.agent import Agent
from helpdesk.lib import clock

PREFIX = "tel_"


class ApiToken(models.Model):
    """A program's key; only its SHA-256 is kept. It may do what its agent may do."""

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(default=clock.real)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager["ApiToken"]] = models.Manager()

    def __str__(self) -> str:
        return self.name

    @classmethod
    def issue(cls, agent: Agent, name: str) -> tuple["ApiToken", str]:
        """Make a token; the secret is returned once and never readable again."""
        secret = PREFIX + secrets.token_urlsafe(32)
        return cls.objects.create(agent=agent, name=name, digest=digest(secret)), secret

    @classmethod
    def find(cls, secret: str) -> "ApiToken | None":
        """Return the live token with this secret, whose agent is still active."""
        return (
            cls.objects.select_related("agent__role")
            .filter(digest=digest(secret), revoked_at=None, agent__is_active=True)
            .first()
        )


def digest(secret: str) -> str:
    """Return the hex SHA-256 of a secret. The secret is random, so no salt is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()
