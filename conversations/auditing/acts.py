"""What people do with customers that administrators must be able to look up, beside what their timelines tell."""

from agents import audit
from agents.models import Agent
from conversations.models.mergerecord import MergeRecord


def of_merge(act: str, record: MergeRecord, *, by: Agent | None) -> None:
    """Write down a merge, split, move, or that it was taken back. Names stand on the timelines, not here."""
    audit.changed(by, f"merge {record.pk}", {}, {"act": act, "customer": record.kept_id, "other": record.other_id})
