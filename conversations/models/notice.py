"""An incident everybody should know of."""

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from agents.models import Brand
from helpdesk.lib import clock


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Questions over notices."""

    def running(self, at: datetime) -> "NoticeQuerySet":
        """Those that are shown at a moment."""
        return self.unfinished(at).filter(starts_at__lte=at)

    def unfinished(self, at: datetime) -> "NoticeQuerySet":
        """Those that are shown at a moment, or will be."""
        return self.filter(Q(ends_at=None) | Q(ends_at__gt=at), ended_at=None)


class Notice(models.Model):
    """A banner shown from `starts_at` until `ends_at` (null: until somebody ends it).

    texts: by language, at least one. brand: whose customers read it; null: everybody's. ended_at: when somebody ended
    it, whatever was planned; taken back it is as it was before.
    """

    TEXT_MAX = 500

    texts = models.JSONField(default=dict)
    # With its brand it goes: without one it would be shown to the customers of all others.
    brand = models.ForeignKey(Brand, null=True, blank=True, on_delete=models.CASCADE, related_name="notices")
    shows_agents = models.BooleanField(default=True)
    shows_customers = models.BooleanField(default=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="notices")
    starts_at = models.DateTimeField(default=clock.now)
    ends_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=~Q(texts={}), name="notice_says_something"),
            models.CheckConstraint(
                condition=Q(shows_agents=True) | Q(shows_customers=True), name="notice_shown_somewhere"
            ),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at")), name="notice_ends_after_it_starts"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["-starts_at"], name="notice_newest"),
        ]

    def __str__(self) -> str:
        return str(next(iter(self.texts.values()), ""))

    def is_over(self, at: datetime) -> bool:
        """Whether it is shown no more."""
        return self.ended_at is not None or (self.ends_at is not None and self.ends_at <= at)

    def is_running(self, at: datetime) -> bool:
        """Whether it is shown."""
        return self.starts_at <= at and not self.is_over(at)
