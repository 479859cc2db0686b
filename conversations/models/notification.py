"""What an agent should be told, once."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.models import Team
from conversations.models.entry import Entry
from helpdesk.lib import clock


class Notification(models.Model):
    """One entry that concerns one agent. The key is unique, so a step run twice tells once."""

    class Kind(models.TextChoices):
        REPLY = "reply", _("Reply in my conversation")
        ASSIGNED = "assigned", _("Assigned to me")
        MENTION = "mention", _("Mention")
        PROMISE = "promise", _("Promise overdue")

    agent = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications")
    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=12, choices=Kind)
    made_at = models.DateTimeField(default=clock.now)
    seen_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager["Notification"]] = models.Manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["agent", "entry"], name="notification_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["agent", "-made_at"], name="notification_newest"),
        ]


class Mention(models.Model):
    """An agent or team named in a note."""

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="mentions")
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="mentions")
    team = models.ForeignKey(Team, null=True, on_delete=models.CASCADE, related_name="mentions")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["entry", "agent", "team"], nulls_distinct=False, name="mention_once"),
        ]


class PushSubscription(models.Model):
    """A browser that may be woken."""

    agent = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="push_subscriptions")
    endpoint = models.URLField(max_length=500, unique=True)
    keys = models.JSONField(default=dict)
    made_at = models.DateTimeField(default=clock.real)
