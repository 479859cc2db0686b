"""Who else is told of entries, and what became of each telling. The sending is conversations.webhooks'."""

import uuid
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agents.models import Team
from conversations.models.entry import Entry
from helpdesk.lib import clock, crypto

if TYPE_CHECKING:
    from django.utils.functional import Promise


# How a state looks; all others are plain.
TONES = {"delivered": "ok", "failed": "bad", "retry": "warn"}
ERRORS = {
    "unreachable": _("It could not be reached, or not by a public address."),
    "timeout": _("It took too long to answer."),
    "secret": _("Its secret was sealed with another SECRET_KEY. Give it a new one."),
}


class Webhook(models.Model):
    """An address of another program that is told of entries.

    groups: which kinds, as conversations.webhooks.kinds names them. It sees everything but private teams, and those of
    them that an administrator chose (`teams`). failing_since: nothing got through since then; failures: tries in a row;
    rest_until: it is left alone that long. former_until: until then what is sent is signed with the former secret too.
    """

    class OffReason(models.TextChoices):
        PERSON = "person", _("Switched off")
        FAILING = "failing", _("Switched off: nothing got through for three days")
        GONE = "gone", _("Switched off: the receiver says that it is gone for good")

    name = models.CharField(max_length=80)
    url = models.CharField(max_length=2000)
    sealed_secrets = models.TextField()
    former_until = models.DateTimeField(null=True, blank=True)
    groups = models.JSONField(default=list)
    teams = models.ManyToManyField(Team, blank=True, related_name="+")
    is_on = models.BooleanField(default=True)
    off_at = models.DateTimeField(null=True, blank=True)
    off_reason = models.CharField(max_length=8, choices=OffReason, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)
    rest_until = models.DateTimeField(null=True, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(default=clock.real)

    objects: ClassVar[models.Manager["Webhook"]] = models.Manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def secrets(self) -> list[str]:
        """The secrets in clear, the newest first. Raises crypto.Unreadable."""
        return list(crypto.unseal(self.sealed_secrets).get("secrets", []))

    @secrets.setter
    def secrets(self, values: list[str]) -> None:
        self.sealed_secrets = crypto.seal({"secrets": values})

    @property
    def was_switched_off(self) -> bool:
        """Whether the desk did it, and nobody has looked yet."""
        return not self.is_on and self.off_reason in {self.OffReason.FAILING, self.OffReason.GONE}


class WebhookDelivery(models.Model):
    """One entry told to one webhook; without an entry it is a test.

    event_id: the same in every try, so that receivers know a repeated one. lane: those of one customer stand in one
    lane and leave in their order. queued_at: when it was queued last; tries end three days later. Withheld: the webhook
    may not see the entry, or is not told of its kind, any more.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        SENDING = "sending", _("Being sent")
        RETRY = "retry", _("Will be tried again")
        DELIVERED = "delivered", _("Delivered")
        FAILED = "failed", _("Failed")
        WITHHELD = "withheld", _("Withheld")
        DROPPED = "dropped", _("Left out")

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    entry = models.ForeignKey(Entry, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    event_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    event = models.CharField(max_length=20)
    lane = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    attempts = models.PositiveIntegerField(default=0)
    queued_at = models.DateTimeField(default=clock.real)
    next_try_at = models.DateTimeField(default=clock.real)
    claimed_at = models.DateTimeField(null=True, blank=True)
    tried_at = models.DateTimeField(null=True, blank=True)
    body_sha256 = models.CharField(max_length=64, blank=True)
    status_code = models.PositiveSmallIntegerField(null=True, blank=True)
    error_code = models.CharField(max_length=20, blank=True)
    answer = models.TextField(blank=True)
    duration_ms = models.PositiveIntegerField(null=True, blank=True)

    objects: ClassVar[models.Manager["WebhookDelivery"]] = models.Manager()

    class Meta:
        verbose_name_plural = "webhook deliveries"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["webhook", "entry"], name="webhook_entry_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            # A lane's sender and the sweeper: what is due.
            models.Index(
                fields=["webhook", "lane", "next_try_at", "id"],
                condition=Q(state__in=["queued", "retry"]),
                name="webhook_due",
            ),
            # The page: how many failed; replaying them.
            models.Index(
                fields=["webhook", "queued_at"],
                condition=Q(state__in=["failed", "dropped"]),
                name="webhook_unsent",
            ),
            # The sweeper: claims whose sender may have died.
            models.Index(fields=["claimed_at"], condition=Q(state="sending"), name="webhook_claimed"),
            # The log of one, newest first.
            models.Index(fields=["webhook", "-id"], name="webhook_log"),
            # The sweeper: what is old enough to be forgotten.
            models.Index(fields=["queued_at"], name="webhook_old"),
        ]

    def __str__(self) -> str:
        return f"webhook delivery {self.pk} ({self.state})"

    @property
    def is_under_way(self) -> bool:
        return self.state in {self.State.QUEUED, self.State.SENDING, self.State.RETRY}

    @property
    def is_soon(self) -> bool:
        """Whether whoever looks may wait for it."""
        is_free = self.webhook.is_on or self.entry_id is None
        return is_free and self.state in {self.State.QUEUED, self.State.SENDING}

    @property
    def tone(self) -> str:
        return TONES.get(self.state, "")

    @property
    def error(self) -> "str | Promise":
        """Why no answer came, in the reader's language."""
        return ERRORS.get(self.error_code, self.error_code)

    @property
    def message_id(self) -> str:
        """What receivers know it by, in every try."""
        return f"msg_{self.event_id.hex}"
