"""Whom an agent may not know: other customers that entries of a merge, split or move would name."""

from collections.abc import Iterable
from typing import Any

from agents.models import Agent
from agents.permissions import sight_of
from conversations.models.conversation import Conversation
from conversations.models.entry import Entry
from conversations.models.mergerecord import MergeRecord
from customers.models import Customer

CAME = "conversations.Conversation"


def strangers_in(entries: Iterable[Entry], agent: Agent) -> set[int]:
    """Return which of the customers that these entries name are out of this agent's sight.

    Asks nothing when there are none, or for who sees everything. Somebody who was merged is known by what came along.
    """
    named = {entry.data["customer"] for entry in entries if entry.kind == Entry.Kind.MERGE and "customer" in entry.data}
    if not named or sight_of(agent).is_all:
        return set()
    known = set(Customer.objects.visible_to(agent).present().filter(pk__in=named).values_list("pk", flat=True))
    merged = Customer.objects.filter(pk__in=named - known).exclude(merged_into=None)
    return named - known - {row.pk for row in merged if _is_known(row, agent)}


def sees_both(agent: Agent, record: MergeRecord) -> bool:
    """Whether the agent would see both customers again if it was undone: one conversation of each, or there is none."""
    if sight_of(agent).is_all:
        return True
    if record.kind != MergeRecord.Kind.MERGE:
        both = {record.kept_id, record.other_id}
        return Customer.objects.visible_to(agent).filter(pk__in=both).count() == len(both)
    rows = Conversation.objects.filter(customer=record.kept_id)
    came = rows.filter(pk__in=record.moved[CAME])
    sides = (came, rows.exclude(pk__in=came.values("pk")))
    return all(side.visible_to(agent).exists() or not side.exists() for side in sides)


def undoable_by(agent: Agent, records: Iterable[int]) -> set[int]:
    """Return which of these records this agent may take back."""
    wanted: Any = set(records)
    if not wanted or sight_of(agent).is_all:
        return set(wanted)
    return {row.pk for row in MergeRecord.objects.filter(pk__in=wanted) if sees_both(agent, row)}


def _is_known(merged: Customer, agent: Agent) -> bool:
    """Whether the agent reads anything that came with somebody who was merged; with nothing, who it came to."""
    records = MergeRecord.objects.filter(other=merged, kind=MergeRecord.Kind.MERGE, undone_at=None)
    record = records.order_by("-pk").first()
    if record is not None and record.moved[CAME]:
        return Entry.objects.visible_to(agent).filter(conversation__in=record.moved[CAME]).exists()
    return Customer.objects.visible_to(agent).filter(merged_from=merged).exists()
