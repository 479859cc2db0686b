"""What a merge, split or move did, so that it can be taken back."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from helpdesk.lib import clock


class MergeRecord(models.Model):
    """The evidence for a merge, split or move, and the rows it moved: {table: [pk, …]}."""

    class Kind(models.TextChoices):
        MERGE = "merge", _("Merge")
        SPLIT = "split", _("Split")
        MOVE = "move", _("Move")

    kind = models.CharField(max_length=8, choices=Kind)
    kept = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="merges_kept")
    other = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="merges_lost")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="merges")
    evidence = models.JSONField(default=dict)
    moved = models.JSONField(default=dict)
    at = models.DateTimeField(default=clock.now)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["kept", "-at"], name="merge_newest"),
        ]
