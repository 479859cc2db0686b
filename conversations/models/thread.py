"""The state of one exchange on one channel with one identity. A thread is not a conversation."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.models import Identity


class Thread(models.Model):
    """Where messages of one exchange travel; `conversation` is the one they belong to now.

    `external_id`: the provider's chat id; for mail our own 128-bit token. `hints`: what the adapter wants to find
    again when it sends, from the newest event (a reply token, the version of a log-in).
    """

    class Kind(models.TextChoices):
        DIRECT = "direct", _("Direct")
        GROUP = "group", _("Group")
        COMMENT = "comment", _("Comment")
        REVIEW = "review", _("Review")
        SIDE = "side", _("Side")

    # The unique index begins with the channel.
    channel = models.ForeignKey(
        "channels_app.Channel", on_delete=models.PROTECT, related_name="threads", db_index=False
    )
    identity = models.ForeignKey(Identity, on_delete=models.PROTECT, related_name="threads")
    conversation = models.ForeignKey(
        "conversations.Conversation",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="threads",
    )
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.DIRECT)
    external_id = models.CharField(max_length=200)
    subject = models.CharField(max_length=998, blank=True)
    reply_window_until = models.DateTimeField(null=True, blank=True)
    last_in_at = models.DateTimeField(null=True, blank=True)
    last_out_at = models.DateTimeField(null=True, blank=True)
    hints = models.JSONField(default=dict, blank=True)

    objects: ClassVar[models.Manager["Thread"]] = models.Manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["channel", "external_id"], name="thread_once"),
        ]

    def __str__(self) -> str:
        return f"thread {self.pk}"


class SideThread(models.Model):
    """An exchange with somebody else about a conversation; its messages are internal entries."""

    conversation = models.ForeignKey(
        "conversations.Conversation", on_delete=models.PROTECT, related_name="side_threads"
    )
    thread = models.OneToOneField(Thread, on_delete=models.PROTECT, related_name="side")
    identity = models.ForeignKey(Identity, on_delete=models.PROTECT, related_name="side_threads")
