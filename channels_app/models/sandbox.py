"""What the desk "sent" while it played the provider."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from channels_app.models.channel import Channel
from helpdesk.lib import clock


class SandboxMessage(models.Model):
    """What a channel in sandbox mode "sent": the desk plays the provider and keeps it here, where people can look."""

    class State(models.TextChoices):
        SENT = "sent", _("Sent")
        DELIVERED = "delivered", _("Delivered")
        READ = "read", _("Read")
        FAILED = "failed", _("Failed")

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="sandbox_messages", db_index=False)
    external_id = models.CharField(max_length=200)
    recipient = models.CharField(max_length=320)
    text = models.TextField(blank=True)
    details = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.SENT)
    at = models.DateTimeField(default=clock.now)

    objects: ClassVar[models.Manager["SandboxMessage"]] = models.Manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["channel", "external_id"], name="sandbox_message_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            # The page of what was sent, newest first.
            models.Index(fields=["channel", "-id"], name="sandbox_message_newest"),
        ]

    def __str__(self) -> str:
        return f"sandbox message {self.pk} ({self.state})"
