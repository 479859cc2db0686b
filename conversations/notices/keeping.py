"""Notices are published, changed, ended and shown again; each is audited, and every open page hears of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from agents import audit
from agents.models import Agent, Brand
from agents.staff.administering import differing
from conversations import live
from conversations.models.notice import Notice
from helpdesk.lib import clock

# As agents.audit knows what is changed here.
THING = "notices"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a notice is to say, to whom and when. starts_at None: from now on; ends_at None: until it is ended."""

    texts: dict[str, str]
    brand: Brand | None = None
    shows_agents: bool = True
    shows_customers: bool = True
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@transaction.atomic
def make(wanted: Wanted, *, by: Agent | None) -> Notice:
    """Make a notice; pages that are open show it at once, or when it begins."""
    row = Notice(by=by, starts_at=clock.now())
    _fill(row, wanted)
    audit.changed(by, THING, {}, _said(row))
    _tell(row.brand)
    return row


@transaction.atomic
def change(notice: Notice, wanted: Wanted, *, by: Agent) -> Notice:
    """Change what it says, to whom or when. Locks its row."""
    row = _locked(notice)
    before, brand = _said(row), row.brand
    _fill(row, wanted)
    after = _said(row)
    if after != before:
        _keep(row, before, after, by)
        _tell(row.brand, brand)
    return row


@transaction.atomic
def end(notice: Notice, *, by: Agent) -> bool:
    """End it now, or call it off before it began; return whether it was still to be shown. Locks its row."""
    row = _locked(notice)
    if row.is_over(clock.now()):
        return False
    before, row.ended_at = _said(row), clock.now()
    row.save(update_fields=["ended_at"])
    _keep(row, before, _said(row), by)
    _tell(row.brand)
    return True


@transaction.atomic
def reopen(notice: Notice, *, by: Agent) -> bool:
    """Show it again as it was planned; one whose time is over until somebody ends it. Return whether it was over.

    Locks its row.
    """
    row = _locked(notice)
    if not row.is_over(clock.now()):
        return False
    before, row.ended_at = _said(row), None
    if row.is_over(clock.now()):
        row.ends_at = None
    row.save(update_fields=["ended_at", "ends_at"])
    _keep(row, before, _said(row), by)
    _tell(row.brand)
    return True


def _locked(notice: Notice) -> Notice:
    return Notice.objects.select_for_update(no_key=True, of=("self",)).select_related("brand").get(pk=notice.pk)


def _fill(row: Notice, wanted: Wanted) -> None:
    row.texts, row.brand = dict(wanted.texts), wanted.brand
    row.shows_agents, row.shows_customers = wanted.shows_agents, wanted.shows_customers
    row.starts_at, row.ends_at = wanted.starts_at or row.starts_at, wanted.ends_at
    row.save()


def _keep(row: Notice, before: dict[str, Any], after: dict[str, Any], by: Agent) -> None:
    # A language that was written anew, or taken away, stands on one side only.
    before, after = ({**dict.fromkeys({*before, *after}, ""), **side} for side in (before, after))
    audit.changed(by, THING, *differing(before, after, "notice"))


def _said(row: Notice) -> dict[str, Any]:
    times = {"starts_at": row.starts_at, "ends_at": row.ends_at, "ended_at": row.ended_at}
    return {
        "notice": row.pk,
        **{f"text_{code}": text for code, text in row.texts.items()},
        "brand": row.brand.name if row.brand else "",
        "shows_agents": row.shows_agents, "shows_customers": row.shows_customers,
        **{name: at.isoformat(timespec="minutes") if at else "" for name, at in times.items()},
    }  # fmt: skip


def _tell(*brands: Brand | None) -> None:
    """Let every page that stands ask what there is to know now."""
    named = {brand.pk for brand in brands if brand}
    pks = Brand.objects.values_list("pk", flat=True) if None in brands else named
    people = Agent.objects.people().values_list("pk", flat=True)
    audiences = [*(f"visitor.brand.{pk}" for pk in pks), *(f"agent.{pk}" for pk in people)]
    live.nudge_each(audiences, "notices")
