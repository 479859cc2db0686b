"""Which values of two customers the one has that a merge makes of them, and what goes back when it is undone."""

from datetime import datetime, time
from typing import Any

from django.db import models

from conversations import companies
from customers.custom import PREFIX
from customers.models import Customer

# What can be chosen from either side, field by field; custom fields as well, as PREFIX + their slug.
CHOSEN = ("name", "language", "time_zone", "company_id", "preferred_identity_id", "quiet_from", "quiet_until")
QUIET = ("quiet_from", "quiet_until")


def is_chosen(name: str) -> bool:
    """Whether this names something that can be chosen from either side."""
    return name in CHOSEN or name.startswith(PREFIX)


def choose(kept: Customer, other: Customer, take: frozenset[str]) -> dict[str, Any]:
    """Set the fields as chosen, gaps from the other side; return what they were and what they are."""
    before = {name: getattr(kept, name) for name in (*CHOSEN, "custom", "first_seen_at", "is_blocked")}
    for name in CHOSEN:
        is_gap = name not in QUIET and not getattr(kept, name)
        if name in take or is_gap:
            setattr(kept, name, getattr(other, name))
    kept.custom = _join(kept.custom, other.custom, take)
    kept.first_seen_at = min(kept.first_seen_at, other.first_seen_at)
    kept.is_blocked = kept.is_blocked or other.is_blocked
    kept.save(update_fields=list(before))
    after = {name: getattr(kept, name) for name in before}
    changed = [name for name in before if before[name] != after[name]]
    return {"before": {name: _plain(before[name]) for name in changed},
            "after": {name: _plain(after[name]) for name in changed}}  # fmt: skip


def restore(kept: Customer, fields: dict[str, Any]) -> list[str]:
    """Put back what still is as the merge left it; return the names of what changed, for the caller to save."""
    before, after = fields["before"], fields["after"]
    restored = [name for name in after if name != "custom" and _plain(getattr(kept, name)) == after[name]]
    if before.get("company_id") and companies.hold(before["company_id"]) is None:
        # It was joined with another meanwhile, or deleted.
        restored = [name for name in restored if name != "company_id"]
    columns = {column.attname: column for column in Customer._meta.concrete_fields}
    for name in restored:
        column: models.Field[Any, Any] = columns[name]
        setattr(kept, name, column.to_python(before[name]))
    if "custom" in after:
        kept.custom = _parted(kept.custom, before["custom"], after["custom"])
        restored.append("custom")
    return restored


def _join(ours: dict[str, Any], theirs: dict[str, Any], take: frozenset[str]) -> dict[str, Any]:
    chosen = {slug: theirs.get(slug) for slug in {*ours, *theirs} if PREFIX + slug in take}
    joined = {**theirs, **ours, **chosen}
    return {slug: value for slug, value in joined.items() if value is not None}


def _parted(now: dict[str, Any], before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Give each field its old value back where nobody changed it since."""
    untouched = {slug for slug in {*before, *after} if now.get(slug) == after.get(slug)}
    back = {slug: before[slug] for slug in untouched if slug in before}
    return {slug: value for slug, value in now.items() if slug not in untouched} | back


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime | time) else value
