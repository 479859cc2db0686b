"""What a customer's history comes to, as far as an agent may see it. One statement, however long the history is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Aggregate, Count, F, FloatField, Func, Max, Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import JSONObject

from agents.models import Agent
from conversations.models.conversation import Conversation
from conversations.models.entry import Entry
from conversations.models.message import Message
from customers.models import Customer


@dataclass(frozen=True, slots=True)
class Figures:
    """A history in numbers. first_answer_seconds: the median of its conversations, None where none was answered."""

    conversations: int = 0
    unresolved: int = 0
    reopened: int = 0
    first_answer_seconds: float | None = None
    theirs: int = 0
    ours: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None

    @property
    def messages(self) -> int:
        return self.theirs + self.ours


class Median(Aggregate):
    """The middle of numbers; None of none."""

    template = "percentile_cont(0.5) within group (order by %(expressions)s)"
    output_field = FloatField()


class Seconds(Func):
    """A span of time as seconds."""

    template = "extract(epoch from %(expressions)s)::double precision"
    output_field = FloatField()


def figures_of(customer: Customer, agent: Agent) -> Figures:
    """Count what this agent may see of a customer whom they see."""
    asked = Customer.objects.filter(pk=customer.pk).values_list(_work(agent), _talk(agent))
    work, talk = asked.get()
    found: dict[str, Any] = {**(work or {}), **(talk or {})}
    for name in ("first_at", "last_at"):
        if found.get(name):
            found[name] = datetime.fromisoformat(found[name])
    return Figures(**found)


def _work(agent: Agent) -> Subquery:
    rows = Conversation.objects.visible_to(agent).filter(customer=OuterRef("pk"))
    answered = Q(first_reply_at__gte=F("opened_at"))
    return _one(
        rows,
        conversations=Count("pk"),
        unresolved=Count("pk", filter=~Q(status=Conversation.Status.RESOLVED)),
        reopened=Sum("reopened_count"),
        first_answer_seconds=Median(Seconds(F("first_reply_at") - F("opened_at")), filter=answered),
    )


def _talk(agent: Agent) -> Subquery:
    """What was taken back before it left was not said."""
    rows = Entry.objects.shown_to(agent).filter(customer=OuterRef("pk"), kind=Entry.Kind.MESSAGE)
    return _one(
        rows.exclude(data__has_key="undone"),
        theirs=Count("pk", filter=Q(message__direction=Message.Direction.IN)),
        ours=Count("pk", filter=Q(message__direction=Message.Direction.OUT)),
        first_at=Min("occurred_at"),
        last_at=Max("occurred_at"),
    )


def _one(rows: QuerySet[Any], **figures: Any) -> Subquery:
    """Gather several figures of the same rows in one answer: they are read once."""
    return Subquery(rows.order_by().values("customer").annotate(figures=JSONObject(**figures)).values("figures"))
