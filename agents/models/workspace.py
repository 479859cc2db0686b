"""The installation itself: what an administrator changes daily, and who changed what."""

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from helpdesk.lib import clock


class Workspace(models.Model):
    """One row: the settings that belong to everybody.

    held_since: restored from a backup then; nothing leaves until an administrator says so.
    order_pattern: how order numbers look, separated by spaces: 9 a digit, A a letter, all else itself ("RO-999999");
    empty: 4 to 12 digits, with or without letters, after the word "order".
    """

    name = models.CharField(max_length=80, default="Telaio")
    reply_target_minutes = models.PositiveIntegerField(default=60)
    reopen_days = models.PositiveSmallIntegerField(default=14)
    allows_parallel_conversations = models.BooleanField(default=False)
    order_pattern = models.CharField(max_length=200, blank=True)
    clock_offset_seconds = models.IntegerField(default=0)
    # Whether channels may be played by the desk itself where customers are served (docs/sandbox.md).
    allows_sandboxes = models.BooleanField(default=False)
    # Whether providers are asked for pictures of who writes.
    fetches_pictures = models.BooleanField(default=True)
    held_since = models.DateTimeField(null=True, blank=True)
    # What counts where nothing nearer has one (agents/hours/counting.py).
    calendar = models.ForeignKey("Calendar", null=True, blank=True, on_delete=models.PROTECT, related_name="workspaces")

    class Meta:
        verbose_name = verbose_name_plural = _("the whole desk")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(pk=1), name="workspace_is_one_row"),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def get(cls) -> "Workspace":
        """Return the one row, made on first use."""
        return cls.objects.get_or_create(pk=1)[0]

    @classmethod
    def held(cls) -> models.QuerySet["Workspace"]:
        """Return the row if nothing may leave this desk, for `exists()` and `Exists()`."""
        return cls.objects.exclude(held_since=None)


class Calendar(models.Model):
    """When people work here; changed by agents/hours/keeping.py, which gives it another version each time.

    slots: [{"weekday": 0-6, "from": "09:00", "to": "18:00"}], 0 being Monday; a `to` that is not after its `from` is on
    the next day, "24:00" is midnight. country, subdivision: whose public holidays are closed days, as the holidays
    library names them.
    """

    NAME_MAX = 80

    name = models.CharField(max_length=NAME_MAX, unique=True)
    time_zone = models.CharField(max_length=64, default="UTC")
    is_always_open = models.BooleanField(default=False)
    slots = models.JSONField(default=list, blank=True)
    country = models.CharField(max_length=2, blank=True)
    subdivision = models.CharField(max_length=40, blank=True)
    version = models.UUIDField(default=uuid.uuid4, editable=False)

    class Meta:
        verbose_name = _("calendar")
        verbose_name_plural = _("calendars")

    def __str__(self) -> str:
        return self.name


class Holiday(models.Model):
    """A day of a calendar's own, whatever weekday or public holiday it is. slots: [{"from", "to"}]; none: closed."""

    NAME_MAX = 80

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="holidays")
    on = models.DateField()
    name = models.CharField(max_length=NAME_MAX)
    slots = models.JSONField(default=list, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["calendar", "on"], name="holiday_once"),
        ]


class Brand(models.Model):
    """A face shown to customers."""

    NAME_MAX: ClassVar[int] = 80

    name = models.CharField(max_length=NAME_MAX, unique=True)
    language = models.CharField(max_length=8, default="en")
    is_default = models.BooleanField(default=False)
    allows_parallel_conversations = models.BooleanField(default=False)
    calendar = models.ForeignKey(Calendar, null=True, blank=True, on_delete=models.PROTECT, related_name="brands")

    class Meta:
        verbose_name = _("brand")
        verbose_name_plural = _("brands")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["is_default"],
                condition=models.Q(is_default=True),
                name="brand_one_default",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class AuditRows(models.QuerySet["AuditRow"]):
    """Rows that are only ever added."""

    def update(self, **kwargs: Any) -> int:
        """Refuse it."""
        raise TypeError("Audit rows are never changed.")

    def delete(self) -> tuple[int, dict[str, int]]:
        """Refuse it."""
        raise TypeError("Audit rows are never deleted.")


class AuditRow(models.Model):
    """Who changed or did what, and what it was before. Only ever added, by agents.audit.

    Held by this class alone, whose rows and lists refuse to change or delete any: the database has no stored functions
    that could, so whoever holds its password still can.
    """

    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="audit_rows")
    thing = models.CharField(max_length=120)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    at = models.DateTimeField(default=clock.now)

    objects = AuditRows.as_manager()

    class Meta:
        verbose_name = _("audit row")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["thing", "-at"], name="audit_by_thing"),
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add it; refuse to change one that is there."""
        if not self._state.adding:
            raise TypeError("Audit rows are never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Refuse it."""
        raise TypeError("Audit rows are never deleted.")
