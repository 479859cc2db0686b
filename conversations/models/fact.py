"""What is already known: feeds the strip above the composer and the story so far."""

from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from conversations.models.entry import Entry
from customers.models import Customer
from helpdesk.lib import clock

if TYPE_CHECKING:
    from agents.models import Agent


class FactQuerySet(models.QuerySet["Fact"]):
    """Questions over many facts."""

    def shown_to(self, agent: "Agent") -> "FactQuerySet":
        """Facts of a visible customer whose entry this agent may read: its privacy is theirs."""
        entries = Entry.objects.shown_to(agent)
        if entries.query.where:
            return self.filter(Exists(entries.filter(pk=OuterRef("entry_id"))))
        return self

    def standing(self) -> "FactQuerySet":
        """Facts that still hold: what was dismissed by hand is not known again when it is said again.

        What was taken back or removed says nothing any more.
        """
        dismissed = Fact.objects.filter(
            customer=OuterRef("customer"), what=OuterRef("what"), value=OuterRef("value"), is_current=False
        ).exclude(what="")
        rows = self.filter(is_current=True, entry__message__deleted_at=None).exclude(Exists(dismissed))
        return rows.exclude(entry__data__has_key="undone")


class Fact(models.Model):
    """One thing learnt from one entry; it goes wherever its entry goes, and is seen by whoever may read that.

    `customer` is the entry's, kept here for the index. `what`: which thing is known; "" for the parts of a story.
    `is_current`: False once a person dismissed or corrected it. `told_at`: when an overdue promise was told, or
    seen to be kept.
    """

    class Kind(models.TextChoices):
        ASKED = "asked", pgettext_lazy("story", "Asked")
        TRIED = "tried", pgettext_lazy("story", "Tried")
        PROMISED = "promised", pgettext_lazy("story", "Promised")
        OPEN = "open", pgettext_lazy("story", "Open")
        KNOWN = "known", pgettext_lazy("story", "Known")

    class What(models.TextChoices):
        ORDER = "order", _("Order")
        TRACKING = "tracking", _("Tracking number")
        ADDRESS = "address", pgettext_lazy("postal", "Address")
        PHONE = "phone", _("Phone")
        PRODUCT = "product", _("Product")

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="facts", db_index=False)
    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="facts", db_index=False)
    kind = models.CharField(max_length=8, choices=Kind)
    what = models.CharField(max_length=12, choices=What, blank=True)
    value = models.CharField(max_length=500)
    due_at = models.DateTimeField(null=True, blank=True)
    is_current = models.BooleanField(default=True)
    told_at = models.DateTimeField(null=True, blank=True)
    learnt_at = models.DateTimeField(default=clock.now)

    objects = FactQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            # The key of the after-entry step: an entry teaches each thing once, however often it is read.
            models.UniqueConstraint(fields=["entry", "kind", "what", "value"], name="fact_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["customer", "-learnt_at"], name="fact_newest"),
            # Who else wrote of an order.
            models.Index(fields=["value"], condition=Q(what="order"), name="fact_order"),
            # What was dismissed, asked for each fact that is shown.
            models.Index(fields=["customer", "what", "value"], condition=Q(is_current=False), name="fact_dismissed"),
            # The sweeper: promises whose time has come.
            models.Index(
                fields=["due_at"],
                condition=Q(kind="promised", is_current=True, told_at=None),
                name="fact_promise_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.value}"
