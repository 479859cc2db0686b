"""The exports that administrators asked for, and how far each is."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from helpdesk.lib import clock


class ExportRun(models.Model):
    """One export of everything: asked for, written by a worker, kept for some days. file: its name in EXPORT_DIR."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Being written")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")
        REMOVED = "removed", _("Removed")

    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="export_runs")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    asked_at = models.DateTimeField(default=clock.real)
    # When the worker last said that it lives.
    beaten_at = models.DateTimeField(null=True, blank=True)
    ready_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    rows_about = models.BigIntegerField(default=0)
    rows_done = models.BigIntegerField(default=0)
    file = models.CharField(max_length=120, blank=True)
    size_bytes = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)
    error = models.CharField(max_length=500, blank=True)

    objects: ClassVar[models.Manager["ExportRun"]] = models.Manager()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            # The sweeper: what is to be written, or went stale; at most a few.
            models.Index(
                fields=["asked_at"], condition=models.Q(state__in=["waiting", "running"]), name="export_run_to_do"
            ),
        ]

    def __str__(self) -> str:
        return f"export {self.pk} ({self.state})"

    @property
    def is_under_way(self) -> bool:
        """Whether a page that shows it should look again."""
        return self.state in {self.State.WAITING, self.State.RUNNING}

    @property
    def percent(self) -> int:
        """How far it is, by the planner's guess: never full before it is ready."""
        if self.state == self.State.READY:
            return 100
        return min(99, self.rows_done * 100 // max(1, self.rows_about))
