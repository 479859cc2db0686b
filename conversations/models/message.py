"""What was said to or by a customer: the text-and-files part of an entry."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from conversations.models.entry import Entry
from conversations.models.thread import Thread
from customers.models import Customer, Identity
from helpdesk.lib import markup


class Message(models.Model):
    """One message; its primary key is its entry's.

    `text` is the new text, `quoted` what it repeats; `html` is sanitised. `external_id` is the
    provider's id (mail: the Message-ID, `<id>#<12 hex>` where another body had taken it).
    `fingerprint` tells two copies of one message apart from two messages.
    """

    class Direction(models.TextChoices):
        IN = "in", _("From the customer")
        OUT = "out", _("To the customer")

    entry = models.OneToOneField(Entry, primary_key=True, on_delete=models.PROTECT, related_name="message")
    # Customer and channel need no index of their own: the unique ones begin with them.
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="messages", db_index=False)
    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="messages")
    channel = models.ForeignKey(
        "channels_app.Channel", on_delete=models.PROTECT, related_name="messages", db_index=False
    )
    direction = models.CharField(max_length=3, choices=Direction)
    sender = models.ForeignKey(Identity, null=True, blank=True, on_delete=models.PROTECT, related_name="sent_messages")
    subject = models.CharField(max_length=998, blank=True)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    quoted = models.TextField(blank=True)
    language = models.CharField(max_length=8, blank=True)
    external_id = models.CharField(max_length=1000, null=True, blank=True)
    is_id_reused = models.BooleanField(default=False)
    fingerprint = models.CharField(max_length=64, null=True, blank=True)
    in_reply_to = models.CharField(max_length=1000, blank=True)
    template = models.CharField(max_length=120, blank=True)
    also_on = models.JSONField(default=list, blank=True)
    has_remote_images = models.BooleanField(default=False)
    edited_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects: ClassVar[models.Manager["Message"]] = models.Manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["channel", "external_id"], name="message_id_once"),
            models.UniqueConstraint(fields=["customer", "fingerprint"], name="message_fingerprint_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            # A bounce names the Message-ID of a mail of ours, on whichever mailbox.
            models.Index(fields=["external_id"], name="message_by_external_id"),
        ]

    def __str__(self) -> str:
        return f"message {self.pk}"

    @property
    def is_inbound(self) -> bool:
        return self.direction == self.Direction.IN

    @property
    def words(self) -> str:
        """The text as it is read: without the marks by which its author made parts of it bold, a link, …"""
        return self.entry.read(self.text)

    def leaving(self) -> markup.Written:
        """Return the text as it leaves on its channel, whole or in parts."""
        return markup.leaving(self.text, self.channel.capabilities.markup, is_marked=self.entry.is_marked)


class MessageVersion(models.Model):
    """What a message said before it was edited."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="versions")
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    at = models.DateTimeField()


class Recipient(models.Model):
    """Somebody a message was addressed to, as it was written."""

    class Role(models.TextChoices):
        FROM = "from", _("From")
        TO = "to", _("To")
        CC = "cc", _("Cc")
        BCC = "bcc", _("Bcc")
        REPLY_TO = "reply_to", _("Reply to")

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="recipients")
    identity = models.ForeignKey(Identity, null=True, blank=True, on_delete=models.SET_NULL, related_name="received")
    role = models.CharField(max_length=8, choices=Role)
    address = models.CharField(max_length=320)
    name = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["pk"]


class Reaction(models.Model):
    """A sign somebody put on a message."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="reactions")
    identity = models.ForeignKey(Identity, null=True, on_delete=models.CASCADE, related_name="reactions")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="reactions")
    emoji = models.CharField(max_length=32)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["message", "identity", "by", "emoji"],
                nulls_distinct=False,
                name="reaction_once",
            ),
        ]
