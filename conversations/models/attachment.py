"""Files, stored once per content."""

import hashlib
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from conversations.models.entry import Entry
from helpdesk.lib import clock, sql

# Held until the transaction ends: whoever forgets unused bytes waits, and sees then that they are used.
KNOWN = "SELECT 1 FROM conversations_blob WHERE sha256 = %(pk)s FOR KEY SHARE"


class Blob(models.Model):
    """Bytes, named by their SHA-256. In the database, so that one commit holds everything."""

    class Scan(models.TextChoices):
        UNSCANNED = "unscanned", _("Not checked")
        CLEAN = "clean", _("Clean")
        INFECTED = "infected", _("Infected")

    sha256 = models.CharField(primary_key=True, max_length=64)
    size_bytes = models.BigIntegerField()
    content = models.BinaryField()
    scan_state = models.CharField(max_length=10, choices=Scan, default=Scan.UNSCANNED)
    stored_at = models.DateTimeField(default=clock.real)

    objects: ClassVar[models.Manager["Blob"]] = models.Manager()

    @classmethod
    def keep(cls, content: bytes) -> str:
        """Store the bytes unless they are there; return their SHA-256. Safe to call twice."""
        sha256 = hashlib.sha256(content).hexdigest()
        if sql.run(KNOWN, {"pk": sha256}).fetchone() is None:
            blob = cls(sha256=sha256, size_bytes=len(content), content=content)
            # Two workers may store the same file at once: the second insert does nothing.
            sql.insert(blob, if_new=True)
        return sha256


class Attachment(models.Model):
    """A file of an entry. `blob` is null while the file is still being fetched, and for what has no bytes: a place.

    kind: image, audio, video, file, sticker, location, contact or another word of helpdesk.lib.events.EventFile;
    '' for what came by mail or from an agent. source: where the provider has it, a place's degrees, a contact's
    numbers (EventFile as JSON); and what was seen of the content: width, height, seconds; and why it is unavailable.
    thumbnail: a small picture of a picture. attempts and next_try_at: of fetching it (channels_app.media).
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Being fetched")
        HERE = "here", _("Here")
        UNAVAILABLE = "unavailable", _("Not available")

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="attachments")
    blob = models.ForeignKey(Blob, null=True, blank=True, on_delete=models.PROTECT, related_name="attachments")
    filename = models.CharField(max_length=255)
    content_type = models.CharField(max_length=120, default="application/octet-stream")
    content_id = models.CharField(max_length=255, blank=True)
    is_inline = models.BooleanField(default=False)
    state = models.CharField(max_length=12, choices=State, default=State.HERE)
    source = models.JSONField(default=dict, blank=True)
    kind = models.CharField(max_length=20, blank=True, default="")
    thumbnail = models.ForeignKey(Blob, null=True, blank=True, on_delete=models.PROTECT, related_name="thumbnails")
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["pk"]
        indexes: ClassVar[list[models.Index]] = [
            # The sweeper: files that nobody has fetched yet.
            models.Index(fields=["next_try_at", "id"], condition=Q(state="waiting"), name="attachment_to_fetch"),
        ]

    def __str__(self) -> str:
        return self.filename

    @property
    def is_here(self) -> bool:
        return self.state == self.State.HERE and self.blob_id is not None
