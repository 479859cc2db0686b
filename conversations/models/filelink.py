"""A file that whoever has its link may fetch for a while."""

from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models

from conversations.models.attachment import Blob
from helpdesk.lib import clock

DAYS = 30


def _in_time() -> datetime:
    return clock.real() + timedelta(days=DAYS)


class FileLink(models.Model):
    """A file sent as a link, because it does not fit its channel; of the link's secret only the SHA-256 is kept.

    Made and found by conversations.files.links.
    """

    digest = models.CharField(max_length=64, unique=True)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="links")
    filename = models.CharField(max_length=255)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(default=clock.real)
    expires_at = models.DateTimeField(default=_in_time)

    objects: ClassVar[models.Manager["FileLink"]] = models.Manager()

    def __str__(self) -> str:
        return self.filename
