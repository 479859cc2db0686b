"""How an agent looks at the inbox: saved views, and what was seen."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from agents.models import Team


class SavedView(models.Model):
    """A saved condition over conversations, private or shared with a team."""

    name = models.CharField(max_length=80)
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views")
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.CASCADE, related_name="saved_views")
    condition = models.JSONField(default=dict)
    sort = models.CharField(max_length=20, default="due")

    def __str__(self) -> str:
        return self.name


class SeenMarker(models.Model):
    """How far an agent has read a conversation; a number of the customer's sequence."""

    agent = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="seen_markers")
    conversation = models.ForeignKey(
        "conversations.Conversation", on_delete=models.CASCADE, related_name="seen_markers"
    )
    seen_seq = models.BigIntegerField(default=0)

    objects: ClassVar[models.Manager["SeenMarker"]] = models.Manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["agent", "conversation"], name="seen_marker_once"),
        ]
