"""What somebody is writing, kept on the server from the first second."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from helpdesk.lib import clock


class Draft(models.Model):
    """One agent's unsent text in one conversation and mode; stays, empty, when it was sent.

    `writing` names the text, `closed` holds the names of the last ones sent, `taken` of those among them that
    a colleague took over (name: by whom), `page` and `version` put the saves of one page in order.
    Written by conversations.drafts only.
    """

    class Mode(models.TextChoices):
        REPLY = "reply", _("Reply")
        NOTE = "note", _("Note")

    agent = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="drafts")
    conversation = models.ForeignKey("conversations.Conversation", on_delete=models.CASCADE, related_name="drafts")
    mode = models.CharField(max_length=8, choices=Mode, default=Mode.REPLY)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    route = models.JSONField(default=dict, blank=True)
    writing = models.CharField(max_length=64, blank=True)
    page = models.CharField(max_length=64, blank=True)
    version = models.PositiveIntegerField(default=0)
    closed = models.JSONField(default=list, blank=True)
    taken = models.JSONField(default=dict, blank=True)
    saved_at = models.DateTimeField(default=clock.now)

    objects: ClassVar[models.Manager["Draft"]] = models.Manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["agent", "conversation", "mode"], name="draft_once"),
        ]
