"""What came through a channel, and what was said to its provider."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from channels_app.models.channel import Channel
from helpdesk.lib import clock


class RawEvent(models.Model):
    """What arrived, stored before anything looked at it. Never changed after, only its state.

    Bodies over BLOB_INLINE_MAX_BYTES are kept as a blob named by body_sha256.
    """

    class State(models.TextChoices):
        NEW = "new", _("New")
        FILED = "filed", _("Filed")
        DUPLICATE = "duplicate", _("Duplicate")
        IGNORED = "ignored", _("Ignored")
        QUARANTINED = "quarantined", _("Quarantined")

    # The unique index begins with the channel.
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="raw_events", db_index=False)
    dedupe_key = models.CharField(max_length=220)
    headers = models.JSONField(default=dict)
    body = models.BinaryField(null=True)
    body_sha256 = models.CharField(max_length=64)
    body_bytes = models.BigIntegerField(default=0)
    received_at = models.DateTimeField(default=clock.real)
    copies_count = models.PositiveIntegerField(default=0)
    messages_count = models.PositiveIntegerField(default=0)
    duplicates_count = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=12, choices=State, default=State.NEW)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    filed_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager["RawEvent"]] = models.Manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["channel", "dedupe_key"], name="raw_event_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            # The sweeper: what nobody picked up.
            models.Index(fields=["received_at"], condition=Q(state="new"), name="raw_event_to_file"),
            # The quarantine page.
            models.Index(
                fields=["-received_at"],
                condition=Q(state="quarantined"),
                name="raw_event_quarantined",
            ),
            # reconcile: per channel and day.
            models.Index(fields=["channel", "received_at"], name="raw_event_by_day"),
        ]

    def __str__(self) -> str:
        return f"raw event {self.pk} ({self.state})"


class ChannelLog(models.Model):
    """One exchange with a provider, secrets redacted: what makes a channel supportable."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="logs")
    at = models.DateTimeField(default=clock.real)
    direction = models.CharField(max_length=3, default="out")
    what = models.CharField(max_length=200)
    is_ok = models.BooleanField(default=True)
    detail = models.CharField(max_length=1000, blank=True)
    elapsed_milliseconds = models.PositiveIntegerField(default=0)

    objects: ClassVar[models.Manager["ChannelLog"]] = models.Manager()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["channel", "-at"], name="channel_log_newest"),
        ]
