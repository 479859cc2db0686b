"""Who read which customer."""

from typing import ClassVar

from django.db import models

from agents.models import Agent
from customers.models import Customer
from helpdesk.lib import clock


class CustomerRead(models.Model):
    """An agent opened a customer within an hour; `at`: first. Written by conversations.auditing.reads alone.

    A merge leaves these rows where they are: whose they are now is asked by conversations.auditing.readers.
    """

    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="customer_reads", db_index=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="reads", db_index=False)
    hour = models.DateTimeField()
    at = models.DateTimeField(default=clock.now)

    objects: ClassVar[models.Manager["CustomerRead"]] = models.Manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            # Also who read one customer, the newest last.
            models.UniqueConstraint(fields=["customer", "hour", "agent"], name="customer_read_once_an_hour"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            # What one agent read, the newest first.
            models.Index(fields=["agent", "-id"], name="customer_read_by"),
        ]
