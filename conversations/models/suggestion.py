"""Two customers who may be one person: what speaks for it, and what people decided."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from helpdesk.lib import clock


class Suggestion(models.Model):
    """A pair of customers, the older first. A rejected one is never suggested nor joined by itself again.

    reasons: [kind, detail, is proved] each. The pair stays as it was when one of them is merged into somebody:
    whoever they became inherits what was rejected.
    """

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        ACCEPTED = "accepted", _("Accepted")
        REJECTED = "rejected", _("Rejected")

    one = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="suggestions_as_older")
    two = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="suggestions_as_newer")
    score = models.PositiveSmallIntegerField(default=0)
    reasons = models.JSONField(default=list)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    found_at = models.DateTimeField(default=clock.now)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    objects: ClassVar[models.Manager["Suggestion"]] = models.Manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["one", "two"], name="suggestion_once"),
            models.CheckConstraint(condition=Q(one__lt=F("two")), name="suggestion_older_first"),
        ]
