"""Files that programs leave here before they say what for."""

import secrets
from typing import ClassVar

from django.db import models
from django.db.models import Q

from conversations.models.attachment import Blob
from helpdesk.lib import clock


def new_key() -> str:
    """Return an id that nobody guesses."""
    return secrets.token_urlsafe(24)


class Upload(models.Model):
    """A file that the other side of a channel left here, to name it in what it sends next; forgotten if it does not.

    key: its public id. idempotency_key: the caller's, as SHA-256, null for none. signed: the time and bytes that were
    signed, as SHA-256: one signature brings one file. named_at: when something that came named it first. owner: the
    key of the visitor who alone may name it, '' where the channel's other side is one.
    """

    channel = models.ForeignKey(
        "channels_app.Channel", on_delete=models.CASCADE, related_name="uploads", db_index=False
    )
    key = models.CharField(max_length=64, unique=True, default=new_key)
    idempotency_key = models.CharField(max_length=64, null=True)
    signed = models.CharField(max_length=64)
    body_sha256 = models.CharField(max_length=64)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="uploads")
    owner = models.CharField(max_length=64, blank=True, default="")
    filename = models.CharField(max_length=255)
    content_type = models.CharField(max_length=120)
    made_at = models.DateTimeField(default=clock.real, db_index=True)
    named_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager["Upload"]] = models.Manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["channel", "signed"], name="upload_signed_once"),
            models.UniqueConstraint(fields=["channel", "idempotency_key"], name="upload_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            # How much a visitor has left here and not sent.
            models.Index(fields=["owner"], condition=~Q(owner="") & Q(named_at=None), name="upload_unsent"),
        ]

    def __str__(self) -> str:
        return self.filename
