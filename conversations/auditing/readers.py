"""Who read a customer, whoever their entries belonged to then: along merges, splits, and what was taken back."""

from django.db.models import Q, QuerySet

from agents.models import Agent
from conversations.merging.deciding import family
from conversations.models.customerread import CustomerRead
from conversations.models.mergerecord import MergeRecord
from customers.models import Customer

Kind = MergeRecord.Kind


def of(customer: Customer) -> "QuerySet[CustomerRead]":
    """Return who read this customer, and those who are part of them now, or were as long as they were.

    An hour that a merge fell into counts whole: whoever read before it may have read on.
    """
    ours = family(customer.pk)
    found = Q(customer__in=ours)
    records = MergeRecord.objects.filter(Q(kept__in=ours) | Q(other__in=ours), kind__in=(Kind.MERGE, Kind.SPLIT))
    for record in records:
        found |= _through(record, is_other=record.other_id in ours)
    return CustomerRead.objects.filter(found)


def seen_by(agent: Agent) -> "QuerySet[CustomerRead]":
    """Return who read which of the customers that this agent sees."""
    rows = CustomerRead.objects.all()
    seen = Customer.objects.visible_to(agent)
    return rows.filter(customer__in=seen.values("pk")) if seen.query.where else rows


def _through(record: MergeRecord, *, is_other: bool) -> Q:
    """Who read ours as part of somebody else."""
    from_hour = record.at.replace(minute=0, second=0, microsecond=0)
    nobody = Q(pk=None)
    if record.kind == Kind.MERGE:
        # They were one until it was taken back: what went back was read there.
        while_one = Q(customer=record.kept_id, hour__gte=from_hour, hour__lte=record.undone_at)
        return while_one if is_other and record.undone_at else nobody
    if is_other:
        # What was split off had been read there; where it was taken back it is not ours.
        return nobody if record.undone_at else Q(customer__in=family(record.kept_id), hour__lte=record.at)
    away = Q(customer=record.other_id, hour__gte=from_hour, hour__lte=record.undone_at)
    return away if record.undone_at else nobody
