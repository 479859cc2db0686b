"""How somebody looks where they write from."""

from typing import ClassVar

from django.db import models

from conversations.models.attachment import Blob
from customers.models import Identity
from helpdesk.lib import clock


class Picture(models.Model):
    """The small picture (WebP) that a provider tells of an address: it goes where the address goes, and with it."""

    identity = models.OneToOneField(Identity, on_delete=models.CASCADE, related_name="picture")
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="pictures")
    fetched_at = models.DateTimeField(default=clock.real)

    objects: ClassVar[models.Manager["Picture"]] = models.Manager()

    def __str__(self) -> str:
        return f"picture of identity {self.identity_id}"
