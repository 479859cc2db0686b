"""Something that somebody promised to do."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from customers.models import Customer
from helpdesk.lib import clock


class Task(models.Model):
    """A thing to do for a customer, with or without a conversation."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="tasks")
    conversation = models.ForeignKey(
        "conversations.Conversation",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="tasks",
    )
    text = models.CharField(max_length=500)
    assignee = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="tasks")
    due_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["assignee", "due_at"], condition=Q(done_at=None), name="task_to_do"),
        ]

    def __str__(self) -> str:
        return self.text
