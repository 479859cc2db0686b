"""One act of handing an outgoing message to a provider. The sending is channels_app.delivery's."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from conversations.models.message import Message
from customers.models import Identity
from helpdesk.lib import clock


class Delivery(models.Model):
    """The state of one sending. Times are UTC; see docs/architecture.md for who moves what.

    hold_until: undo is possible until then; send_at: when the agent wants it to go.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        SENDING = "sending", _("Sending")
        RETRY = "retry", _("Will be tried again")
        SENT = "sent", _("Sent")
        DELIVERED = "delivered", _("Delivered")
        READ = "read", _("Read")
        FAILED = "failed", _("Failed")
        UNKNOWN = "unknown", _("May have been sent")
        CANCELLED = "cancelled", _("Cancelled")

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="deliveries")
    channel = models.ForeignKey("channels_app.Channel", on_delete=models.PROTECT, related_name="deliveries")
    route = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField(default=clock.real)
    next_try_at = models.DateTimeField(default=clock.real)
    hold_until = models.DateTimeField(null=True, blank=True)
    send_at = models.DateTimeField(null=True, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    idempotency_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    error_code = models.CharField(max_length=40, blank=True)
    error = models.CharField(max_length=500, blank=True)

    objects: ClassVar[models.Manager["Delivery"]] = models.Manager()

    class Meta:
        verbose_name_plural = "deliveries"
        indexes: ClassVar[list[models.Index]] = [
            # The sweeper: what is due.
            models.Index(
                fields=["next_try_at"],
                condition=Q(state__in=["queued", "retry"]),
                name="delivery_due",
            ),
            # The sweeper: claims whose sender may have died.
            models.Index(fields=["claimed_at"], condition=Q(state="sending"), name="delivery_claimed"),
        ]

    def __str__(self) -> str:
        return f"delivery {self.pk} ({self.state})"

    @property
    def is_waiting(self) -> bool:
        return self.state in {self.State.QUEUED, self.State.RETRY}

    @property
    def is_held(self) -> bool:
        """Whether undo is still possible: nobody claimed it."""
        return self.state == self.State.QUEUED and self.attempts == 0


class DeliveryPart(models.Model):
    """One provider message of a delivery or, for mail, one recipient.

    piece: what of the message it carries, {} for all of it: {"text": [from, until]} in characters of Message.text,
    {"attachment": pk}, both (a file with its caption), or {"template": true}.
    """

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="parts")
    channel = models.ForeignKey("channels_app.Channel", on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()
    role = models.CharField(max_length=8, default="to")
    identity = models.ForeignKey(Identity, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    address = models.CharField(max_length=320, blank=True)
    external_id = models.CharField(max_length=1000, null=True, blank=True)
    state = models.CharField(max_length=10, choices=Delivery.State, default=Delivery.State.QUEUED)
    error_code = models.CharField(max_length=40, blank=True)
    error = models.CharField(max_length=500, blank=True)
    piece = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["delivery", "position"], name="part_position_once"),
            models.UniqueConstraint(fields=["channel", "external_id"], name="part_id_once"),
        ]

    @property
    def key(self) -> str:
        """The same for every attempt of the piece; providers may give it back (Outbound.piece_key)."""
        return f"{self.delivery.idempotency_key}:{self.position}"


class PendingStatus(models.Model):
    """A status, edit, deletion or reaction that came before its message; or an echo of what we may have sent.

    event: {"state", "error_code", "error"}, or an event as conversations.events.happening writes it.
    """

    channel = models.ForeignKey("channels_app.Channel", on_delete=models.CASCADE, related_name="pending_statuses")
    external_id = models.CharField(max_length=1000)
    event = models.JSONField()
    received_at = models.DateTimeField(default=clock.real)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["channel", "external_id"], name="pending_by_target"),
        ]
