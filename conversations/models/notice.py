"""An incident everybody should know of."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from helpdesk.lib import clock


class Notice(models.Model):
    """A banner shown from `starts_at` until `ends_at` (null: until somebody ends it)."""

    text = models.CharField(max_length=500)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="notices")
    starts_at = models.DateTimeField(default=clock.now)
    ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["-starts_at"], name="notice_newest"),
        ]

    def __str__(self) -> str:
        return self.text
