"""What is already known: feeds the strip above the composer and the story so far."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from conversations.models.entry import Entry
from customers.models import Customer
from helpdesk.lib import clock


class Fact(models.Model):
    """One thing learnt, with the entry that taught it."""

    class Kind(models.TextChoices):
        ASKED = "asked", _("Asked")
        TRIED = "tried", _("Tried")
        PROMISED = "promised", _("Promised")
        OPEN = "open", _("Open")
        KNOWN = "known", _("Known")

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="facts")
    conversation = models.ForeignKey(
        "conversations.Conversation",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="facts",
    )
    entry = models.ForeignKey(Entry, null=True, blank=True, on_delete=models.CASCADE, related_name="facts")
    kind = models.CharField(max_length=8, choices=Kind)
    label = models.CharField(max_length=80, blank=True)
    value = models.CharField(max_length=500)
    is_current = models.BooleanField(default=True)
    learnt_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["customer", "-learnt_at"], name="fact_newest"),
        ]
