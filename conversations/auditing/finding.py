"""Which audit rows there are: narrowed by who, what, when and words, a page at a time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar

from django.db import models
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from agents.models import AuditRow

PER_PAGE = 50
M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for. who: an agent's key, 0 for the desk itself; since, until: days, both included."""

    who: int | None = None
    what: str = ""
    since: date | None = None
    until: date | None = None
    words: str = ""


def rows_of(asked: Asked) -> "QuerySet[AuditRow]":
    """Return the rows that fit."""
    rows = within(AuditRow.objects.select_related("by"), asked, "by")
    if asked.what:
        rows = rows.filter(Q(thing=asked.what) | Q(thing__startswith=f"{asked.what} "))
    for word in asked.words.split()[:8]:
        # As JSON spells what it quotes.
        said = word.replace("\\", "\\\\").replace('"', '\\"')
        texts = {"was": Cast("before", TextField()), "now": Cast("after", TextField())}
        found = Q(was__icontains=said) | Q(now__icontains=said) | Q(thing__icontains=word) | Q(by__name__icontains=word)
        rows = rows.alias(**texts).filter(found)
    return rows


def within(rows: "QuerySet[M]", asked: Asked, who: str) -> "QuerySet[M]":
    """Leave what somebody did between two days of the reader's time zone. who: the field of the agent."""
    narrow: dict[str, Any] = {}
    if asked.who is not None:
        narrow[who] = asked.who or None
    if asked.since:
        narrow["at__gte"] = _begins(asked.since)
    if asked.until and asked.until < date.max:
        narrow["at__lt"] = _begins(asked.until + timedelta(days=1))
    return rows.filter(**narrow)


def page(rows: "QuerySet[M]", after: str) -> tuple[list[M], str]:
    """Return fifty rows, the newest first, and where it goes on. after: the key the page before ended with."""
    if after.isdecimal() and len(after) < 19:
        rows = rows.filter(pk__lt=int(after))
    found = list(rows.order_by("-pk")[: PER_PAGE + 1])
    return found[:PER_PAGE], str(found[PER_PAGE - 1].pk) if len(found) > PER_PAGE else ""


def customers_in(rows: Iterable[AuditRow]) -> set[int]:
    """Return whom rows are about."""
    values = (side.get(name) for row in rows for side in (row.before, row.after) for name in ("customer", "other"))
    return {value for value in values if isinstance(value, int)}


def _begins(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(max(day, date(1900, 1, 1)), time()))
