"""What an agent changes of a message at its provider after it was said. The asking is channels_app.amending's."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from conversations.models.message import Message
from helpdesk.lib import clock


class Amendment(models.Model):
    """A reaction, an edit, a withdrawal or the hiding of a comment on its way. See conversations.amending.

    value: the sign or the new text; before: what it was, as it is put back.
    """

    class Act(models.TextChoices):
        REACT = "react", _("Reaction")
        EDIT = "edit", _("Edit")
        WITHDRAW = "withdraw", _("Withdrawal")
        HIDE = "hide", _("Hiding")
        SHOW = "show", _("Showing again")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        ASKING = "asking", _("Being asked for")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="amendments")
    act = models.CharField(max_length=8, choices=Act)
    value = models.TextField(blank=True)
    before = models.JSONField(default=dict, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField(default=clock.real)
    next_try_at = models.DateTimeField(default=clock.real)
    error_code = models.CharField(max_length=40, blank=True)
    error = models.CharField(max_length=500, blank=True)

    objects: ClassVar[models.Manager["Amendment"]] = models.Manager()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            # The sweeper: what is due, and what a process that died left behind.
            models.Index(
                fields=["next_try_at"], condition=Q(state__in=["waiting", "asking"]), name="amendment_under_way"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.act} of message {self.message_id} ({self.state})"
