"""Texts that a provider approved."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from channels_app.models.channel import Channel
from helpdesk.lib import clock


class MessageTemplate(models.Model):
    """A text that a provider approved, kept so that the composer can offer it; the provider's word is the truth."""

    class Status(models.TextChoices):
        APPROVED = "approved", _("Approved")
        PENDING = "pending", _("Pending")
        REJECTED = "rejected", _("Rejected")
        PAUSED = "paused", _("Paused")
        DISABLED = "disabled", _("Disabled")

    # The unique index begins with the channel.
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="templates", db_index=False)
    external_id = models.CharField(max_length=120, blank=True)
    name = models.CharField(max_length=512)
    language = models.CharField(max_length=16)
    body = models.TextField()
    status = models.CharField(max_length=10, choices=Status, default=Status.APPROVED)
    category = models.CharField(max_length=20, blank=True)
    header = models.CharField(max_length=10, blank=True)
    header_text = models.CharField(max_length=200, blank=True)
    footer = models.CharField(max_length=200, blank=True)
    buttons = models.JSONField(default=list, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    synced_at = models.DateTimeField(default=clock.real)

    objects: ClassVar[models.Manager["MessageTemplate"]] = models.Manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["channel", "name", "language"], name="message_template_once"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.language})"

    @property
    def category_word(self) -> str:
        """What a text is for, in words; as the provider says it where we have none."""
        words = {
            "marketing": gettext("Offers"),
            "utility": gettext("Service"),
            "authentication": gettext("Log-in code"),
        }
        return words.get(self.category.lower(), self.category)
