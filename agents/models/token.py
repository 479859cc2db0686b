"""Tokens that programs use in place of a log-in."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from agents.models.agent import Agent
from agents.programs.scopes import every
from helpdesk.lib import clock

PREFIX = "tel_"
# How much of a secret is kept to be recognised by; what is left of it is still 212 random bits.
HINT_LENGTH = 10
# When it was used is written down this often: a program that asks all the time is no row written all the time.
USED_EVERY = timedelta(minutes=1)


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    """Questions over many tokens."""

    def live(self) -> "ApiTokenQuerySet":
        """Those that open something now."""
        in_time = Q(expires_at=None) | Q(expires_at__gt=clock.real())
        return self.filter(in_time, revoked_at=None, agent__is_active=True)


class ApiToken(models.Model):
    """A program's key; only its SHA-256 is kept. It may do what its agent may do, as far as its scopes reach.

    hint: how the secret begins, to know it by. Issued and revoked by agents.programs.issuing.
    """

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=16, blank=True)
    scopes = models.JSONField(default=every)
    made_at = models.DateTimeField(default=clock.real)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    @property
    def is_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= clock.real()

    @classmethod
    def issue(
        cls, agent: Agent, name: str, *, scopes: Iterable[str] | None = None, expires_at: datetime | None = None
    ) -> tuple["ApiToken", str]:
        """Make a token; the secret is returned once and never readable again. scopes: every one without."""
        secret = PREFIX + secrets.token_urlsafe(32)
        said = every() if scopes is None else list(scopes)
        more: dict[str, Any] = {"digest": digest(secret), "hint": secret[:HINT_LENGTH], "expires_at": expires_at}
        return cls.objects.create(agent=agent, name=name, scopes=said, **more), secret

    @classmethod
    def find(cls, secret: str) -> "ApiToken | None":
        """Return the live token with this secret, whose agent is still active; note that it was used."""
        found = cls.objects.live().select_related("agent__role").filter(digest=digest(secret)).first()
        if found is not None:
            found.mark_used()
        return found

    def mark_used(self) -> None:
        """Write down that it was used now, once a minute at most."""
        now = clock.real()
        if self.last_used_at is None or self.last_used_at <= now - USED_EVERY:
            type(self).objects.filter(pk=self.pk).update(last_used_at=now)


class IdempotencyKey(models.Model):
    """What a request with an Idempotency-Key was answered, kept for a day. Written with what the request did."""

    token = models.ForeignKey(ApiToken, on_delete=models.CASCADE, related_name="idempotency_keys", db_index=False)
    key = models.CharField(max_length=255)
    digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    headers = models.JSONField(default=dict)
    body = models.JSONField(null=True)
    made_at = models.DateTimeField(default=clock.real, db_index=True)

    objects: ClassVar[models.Manager["IdempotencyKey"]] = models.Manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["token", "key"], name="idempotency_key_once"),
        ]

    def __str__(self) -> str:
        return self.key


def digest(secret: str) -> str:
    """Return the hex SHA-256 of a secret. The secret is random, so no salt is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()
