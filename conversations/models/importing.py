"""Files of customers that administrators bring, how far each is, and the rows that were not taken."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from conversations.models.attachment import Blob
from helpdesk.lib import clock


class CustomerImport(models.Model):
    """One file. mapping: for each column what it holds ('': nothing). position: rows of this pass that are done,
    written in the same transaction as what became of them. checked: the counts of the pass that changed nothing."""

    class State(models.TextChoices):
        NEW = "new", _("Not checked yet")
        CHECKING = "checking", _("Being checked")
        CHECKED = "checked", _("Checked")
        RUNNING = "running", _("Running")
        PAUSED = "paused", _("Paused")
        DONE = "done", _("Done")
        CANCELLED = "cancelled", _("Cancelled")
        FAILED = "failed", _("Failed")

    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="customer_imports"
    )
    filename = models.CharField(max_length=255)
    size_bytes = models.BigIntegerField(default=0)
    encoding = models.CharField(max_length=20)
    delimiter = models.CharField(max_length=1, default=",")
    header = models.JSONField(default=list)
    mapping = models.JSONField(default=list)
    state = models.CharField(max_length=9, choices=State, default=State.NEW)
    made_at = models.DateTimeField(default=clock.real)
    began_at = models.DateTimeField(null=True, blank=True)
    # When a worker last said that it lives.
    beaten_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    position = models.BigIntegerField(default=0)
    bytes_done = models.BigIntegerField(default=0)
    new_count = models.BigIntegerField(default=0)
    updated_count = models.BigIntegerField(default=0)
    unchanged_count = models.BigIntegerField(default=0)
    refused_count = models.BigIntegerField(default=0)
    checked = models.JSONField(default=dict)
    error = models.CharField(max_length=500, blank=True)

    objects: ClassVar[models.Manager["CustomerImport"]] = models.Manager()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            # The sweeper, and who is next: at most a few.
            models.Index(
                fields=["began_at"], condition=models.Q(state__in=["checking", "running"]), name="customer_import_to_do"
            ),
        ]

    def __str__(self) -> str:
        return self.filename

    @property
    def is_under_way(self) -> bool:
        """Whether a worker is at it, or will be."""
        return self.state in {self.State.CHECKING, self.State.RUNNING}

    @property
    def percent(self) -> int:
        """How far this pass is."""
        return min(99, self.bytes_done * 100 // max(1, self.size_bytes)) if self.is_under_way else 100

    @property
    def counts(self) -> dict[str, int]:
        """What became of the rows of this pass."""
        names = ("new", "updated", "unchanged", "refused")
        return {name: getattr(self, f"{name}_count") for name in names}


class ImportPart(models.Model):
    """A piece of the file as it came, so that no file is ever whole in memory."""

    run = models.ForeignKey(CustomerImport, on_delete=models.CASCADE, related_name="parts", db_index=False)
    position = models.PositiveIntegerField()
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="import_parts")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["run", "position"], name="import_part_once"),
        ]


class ImportProblem(models.Model):
    """A row that was not taken. row: its number, the header being 1; line: where it ends in the file."""

    run = models.ForeignKey(CustomerImport, on_delete=models.CASCADE, related_name="problems", db_index=False)
    row = models.BigIntegerField()
    line = models.BigIntegerField()
    why = models.CharField(max_length=500)
    cells = models.JSONField(default=list)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["run", "row"], name="import_problem_once"),
        ]


class ImportKey(models.Model):
    """An address that would be new, while a file is checked: the same person further down is not new again.

    owner: the row where it came first.
    """

    run = models.ForeignKey(CustomerImport, on_delete=models.CASCADE, related_name="keys", db_index=False)
    key = models.CharField(max_length=64)
    owner = models.BigIntegerField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["run", "key"], name="import_key_once"),
        ]
