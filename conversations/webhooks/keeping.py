"""Which webhooks there are: made, changed, switched, tried, replayed and removed by administrators; each audited.

The secret is returned when it is made and never readable again. Of an address the audit rows keep the host alone: the
rest of it may be a key.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from agents import audit
from agents.models import Agent, Team, Workspace
from agents.permissions import sight_of
from conversations.models.entry import Entry
from conversations.models.webhook import Webhook, WebhookDelivery
from conversations.webhooks import signing
from conversations.webhooks.failing import THING
from conversations.webhooks.kinds import TEST
from conversations.webhooks.noting import TEST_LANE, wake
from helpdesk.lib import clock, crypto

State = WebhookDelivery.State
WAITING = (State.QUEUED, State.RETRY)
UNSENT = (State.FAILED, State.DROPPED)
WEBHOOKS_MAX, BATCH = 20, 1_000
OVERLAP = timedelta(hours=24)


class Refused(ValueError):
    """It cannot be so now: too many, a name that is taken, a roll that is not over."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an administrator asks for. teams: the private ones among those they see that it may be told of."""

    name: str
    url: str
    groups: list[str]
    teams: list[Team] = field(default_factory=list)


def make(wanted: Wanted, *, by: Agent) -> tuple[Webhook, str]:
    """Make a webhook; return it with its secret. Raises Refused. Locks the workspace's row."""
    with transaction.atomic():
        Workspace.objects.select_for_update(no_key=True).get(pk=Workspace.get().pk)
        if Webhook.objects.count() >= WEBHOOKS_MAX:
            raise Refused("many")
        _refuse_taken(wanted.name)
        webhook, secret = Webhook(made_by=by), signing.new_secret()
        webhook.secrets = [secret]
        _fill(webhook, wanted, by)
        audit.changed(by, THING, {}, _said(webhook))
        return webhook, secret


def change(webhook: Webhook, wanted: Wanted, *, by: Agent) -> None:
    """Change what a webhook is. Another address begins without the failures of the former. Raises Refused."""
    with transaction.atomic():
        row = _locked(webhook)
        _refuse_taken(wanted.name, row)
        before, former = _said(row), row.url
        _fill(row, wanted, by)
        if former != row.url:
            Webhook.objects.filter(pk=row.pk).update(failures=0, failing_since=None, rest_until=None)
        if before != _said(row) or former != row.url:
            audit.changed(by, THING, before, _said(row))


def roll(webhook: Webhook, *, by: Agent, overlaps: bool) -> str:
    """Give it another secret and return it; with overlap the former is signed with too, for a day.

    Raises Refused while a former overlap lasts: it would end what a receiver may still go by.
    """
    with transaction.atomic():
        row = _locked(webhook)
        now, secret = clock.real(), signing.new_secret()
        if overlaps and signing.is_rolling(row, now):
            raise Refused("rolling")
        row.secrets = [secret, *(_readable(row)[:1] if overlaps else [])]
        row.former_until = now + OVERLAP if overlaps else None
        row.save(update_fields=["sealed_secrets", "former_until"])
        audit.changed(by, THING, {"webhook": row.name}, {"secret": "rolled", "overlaps": overlaps})
        return secret


def switch_on(webhook: Webhook, *, by: Agent, sends_waiting: bool = True) -> bool:
    """Switch it on; what waits is sent, or left out. Return whether it was off."""
    with transaction.atomic():
        row = _locked(webhook)
        if row.is_on:
            return False
        fresh = {"failures": 0, "failing_since": None, "rest_until": None, "off_at": None, "off_reason": ""}
        Webhook.objects.filter(pk=row.pk).update(is_on=True, **fresh)
        waiting = row.deliveries.filter(state__in=WAITING).exclude(lane=TEST_LANE)
        count = _queue(waiting) if sends_waiting else waiting.update(state=State.DROPPED)
        after = {"is_on": True, "sent" if sends_waiting else "left_out": count}
        audit.changed(by, THING, {"webhook": row.name, "is_on": False}, after)
        return True


def switch_off(webhook: Webhook, *, by: Agent) -> None:
    """Switch it off, or say of one that the desk switched off that this was seen. What waits is kept."""
    with transaction.atomic():
        row = _locked(webhook)
        reason = Webhook.OffReason.PERSON
        if row.is_on:
            audit.changed(by, THING, {"webhook": row.name, "is_on": True}, {"is_on": False, "reason": reason})
        Webhook.objects.filter(pk=row.pk).update(is_on=False, off_at=row.off_at or clock.real(), off_reason=reason)


def remove(webhook: Webhook, *, by: Agent) -> None:
    """Remove it with its log, some of that at a time. Safe to call again when it broke off half way."""
    Webhook.objects.filter(pk=webhook.pk).update(is_on=False)
    while batch := list(webhook.deliveries.values_list("pk", flat=True)[:BATCH]):
        WebhookDelivery.objects.filter(pk__in=batch).delete()
    with transaction.atomic():
        before = _said(webhook)
        gone, _rows = Webhook.objects.filter(pk=webhook.pk).delete()
        if gone:
            audit.changed(by, THING, before, {})


def test(webhook: Webhook) -> WebhookDelivery:
    """Send a test event, also by one that is off. It is tried once and counts for nothing."""
    row = WebhookDelivery.objects.create(webhook=webhook, event=TEST, lane=TEST_LANE)
    wake([(webhook.pk, TEST_LANE)])
    return row


def replay(delivery: WebhookDelivery) -> bool:
    """Send one again under its id, now; return whether it was not on its way already."""
    rows = WebhookDelivery.objects.filter(pk=delivery.pk).exclude(state=State.SENDING)
    return _queue(rows) == 1


def replay_failed(webhook: Webhook, since: datetime | None) -> int:
    """Send again what failed, or was left out, since then; return how many."""
    rows = webhook.deliveries.filter(state__in=UNSENT).exclude(lane=TEST_LANE)
    return _queue(rows.filter(queued_at__gte=since) if since is not None else rows)


def offered(agent: Agent) -> "QuerySet[Team]":
    """Return the private teams that this agent may let a webhook see: those they see themselves."""
    sight, private = sight_of(agent), Team.objects.filter(is_private=True)
    return private if sight.is_all else private.filter(pk__in=sight.team_ids)


def log_of(webhook: Webhook, agent: Agent) -> "QuerySet[WebhookDelivery]":
    """Return what was and is to be sent, as far as this agent may see the entries; newest first."""
    rows = webhook.deliveries.order_by("-pk")
    if sight_of(agent).is_all:
        return rows
    seen = Entry.objects.filter(pk=OuterRef("entry_id")).visible_to(agent)
    return rows.filter(Q(entry=None) | Exists(seen))


def _queue(rows: "QuerySet[WebhookDelivery]") -> int:
    """Queue rows afresh and ring for their lanes, after commit."""
    lanes = list(rows.order_by().values_list("webhook_id", "lane").distinct())
    now = clock.real()
    count = rows.update(state=State.QUEUED, attempts=0, queued_at=now, next_try_at=now)
    wake(lanes)
    return count


def _readable(row: Webhook) -> list[str]:
    """Return its secrets; none that was sealed with another SECRET_KEY, which no receiver can go by any more."""
    try:
        return row.secrets
    except crypto.Unreadable:
        return []


def _locked(webhook: Webhook) -> Webhook:
    return Webhook.objects.select_for_update(no_key=True).get(pk=webhook.pk)


def _refuse_taken(name: str, row: Webhook | None = None) -> None:
    others = Webhook.objects.filter(name__iexact=name)
    if (others.exclude(pk=row.pk) if row is not None else others).exists():
        raise Refused("taken")


def _fill(row: Webhook, wanted: Wanted, by: Agent) -> None:
    row.name, row.url, row.groups = wanted.name, wanted.url, wanted.groups
    row.save()
    # What somebody else let it see, and this administrator does not, stays.
    theirs = Q(pk__in=offered(by).values("pk"))
    row.teams.set([*wanted.teams, *row.teams.exclude(theirs)])


def _said(row: Webhook) -> dict[str, Any]:
    teams: Iterable[str] = row.teams.order_by("name").values_list("name", flat=True)
    host = urlsplit(row.url).hostname or ""
    return {"webhook": row.name, "host": host, "groups": row.groups, "private_teams": list(teams)}
