"""What an audit row says to an administrator: the thing, and what was before and is now, field by field."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents import settings_pages
from agents.audit import HIDDEN
from agents.models import Agent, AuditRow
from conversations.auditing import finding
from conversations.lists import segmenting
from customers import segments
from customers.models import Customer

VALUE_MAX = 400
# What is changed elsewhere than on a page of the settings, which bring their own names.
KINDS: dict[str, Any] = {
    "company": gettext_lazy("Company"),
    "segment": gettext_lazy("Segment"),
    "identity": gettext_lazy("Identity"),
    "merge": gettext_lazy("Merges, splits and moves"),
    "login": gettext_lazy("Signed in"),
    "login_failed": gettext_lazy("Could not sign in"),
    "outbox": gettext_lazy("Outbox"),
    "restore": gettext_lazy("Restored from a backup"),
    "import_export": gettext_lazy("Loaded from an export"),
}
# In this order: the database keeps its own.
FIELDS: dict[str, Any] = {
    "act": gettext_lazy("What was done"), "customer": gettext_lazy("Customer"),
    "other": gettext_lazy("Other customer"), "person": gettext_lazy("Person"),
    "name": gettext_lazy("Name"), "sight": gettext_lazy("Sees"), "role": gettext_lazy("Role"),
    "reads_whole_timelines": gettext_lazy("Reads what other teams wrote"), "can_reply": gettext_lazy("Answers"),
    "can_supervise": gettext_lazy("Supervises"), "can_administer": gettext_lazy("Administers"),
    "team": gettext_lazy("Team"), "teams": gettext_lazy("Teams"), "members": gettext_lazy("People"),
    "is_private": gettext_lazy("Private"), "is_active": gettext_lazy("May sign in"),
    "invited_again": gettext_lazy("A new link was made"), "came_by_invitation": gettext_lazy("Came by the link"),
    "kind": gettext_lazy("Kind"),
    "from": gettext_lazy("From the address"), "field": gettext_lazy("Field"), "choices": gettext_lazy("Choices"),
    "order": gettext_lazy("In this order"), "customers": gettext_lazy("Customers"),
    "domains": gettext_lazy("Mail domains"),
    "condition": gettext_lazy("Condition"), "held_since": gettext_lazy("Held since"),
    "sends_old": gettext_lazy("Sent what had waited"), "taken_at": gettext_lazy("Backup of"),
    "allows_parallel_conversations": gettext_lazy("Parallel conversations"),
    "order_pattern": gettext_lazy("Forms of order numbers"),
    "service": gettext_lazy("Service"), "program": gettext_lazy("Token"), "of": gettext_lazy("Whose"),
    "scopes": gettext_lazy("What it may do"), "until": gettext_lazy("Until"),
    "webhook": gettext_lazy("Webhook"), "host": gettext_lazy("Host"), "groups": gettext_lazy("Told of"),
    "private_teams": gettext_lazy("Private teams"), "is_on": gettext_lazy("On"), "reason": gettext_lazy("Reason"),
    "secret": gettext_lazy("Secret"), "overlaps": gettext_lazy("The former secret counts for a day"),
    "sent": gettext_lazy("Sent"), "left_out": gettext_lazy("Left out"),
    "import": gettext_lazy("Import"), "export": gettext_lazy("Export"), "file": gettext_lazy("File"),
    "new": gettext_lazy("New customers"), "updated": gettext_lazy("Rows with changes"),
    "unchanged": gettext_lazy("Rows without changes"), "refused": gettext_lazy("Rows not taken"),
    "made_at": gettext_lazy("Made"), "rows": gettext_lazy("Rows"),
    "channel": gettext_lazy("Channel"), "brand": gettext_lazy("Brand"), "is_sandbox": gettext_lazy("Sandbox"),
    "join_unproven": gettext_lazy("Trusts senders that are not proven"), "state": gettext_lazy("State"),
    "trusted_authserv": gettext_lazy("Server that proves senders"), "account": gettext_lazy("Account"),
    "replaced": gettext_lazy("Secrets replaced"), "allows_sandboxes": gettext_lazy("Sandbox channels allowed"),
    "fetches_pictures": gettext_lazy("Fetch profile pictures"),
    "ahead_seconds": gettext_lazy("Clock ahead by seconds"),
    "language": gettext_lazy("Language"), "is_default": gettext_lazy("The brand of what says none"),
    "calendar": gettext_lazy("Calendar"), "time_zone": gettext_lazy("Time zone"),
    "is_always_open": gettext_lazy("Open around the clock, every day"),
    "monday": WEEKDAYS[0], "tuesday": WEEKDAYS[1], "wednesday": WEEKDAYS[2], "thursday": WEEKDAYS[3],
    "friday": WEEKDAYS[4], "saturday": WEEKDAYS[5], "sunday": WEEKDAYS[6],
    "country": gettext_lazy("Public holidays of"), "subdivision": gettext_lazy("Region"),
    "own_days": gettext_lazy("Days of its own"),
    "notice": gettext_lazy("Notice"), "text_en": gettext_lazy("Text in English"),
    "text_it": gettext_lazy("Text in Italian"), "text_ro": gettext_lazy("Text in Romanian"),
    "shows_agents": gettext_lazy("Shown to everybody who works here"),
    "shows_customers": gettext_lazy("Shown to customers"),
    "starts_at": gettext_lazy("Starts"), "ends_at": gettext_lazy("Ends"), "ended_at": gettext_lazy("Was ended"),
}  # fmt: skip
_PLACES = {name: place for place, name in enumerate(FIELDS)}
ACTS: dict[str, Any] = {
    "merged": gettext_lazy("joined"), "parted": gettext_lazy("parted again"), "split": gettext_lazy("split"),
    "rejoined": gettext_lazy("split taken back"), "moved": gettext_lazy("moved"),
    "moved_back": gettext_lazy("move taken back"),
    "uploaded": gettext_lazy("file brought"), "begun": gettext_lazy("begun"), "done": gettext_lazy("done"),
    "cancelled": gettext_lazy("cancelled"), "failed": gettext_lazy("failed"), "asked for": gettext_lazy("asked for"),
    "connected": gettext_lazy("connected"), "disconnected": gettext_lazy("disconnected"),
    "tried": gettext_lazy("test message sent"), "address rolled": gettext_lazy("new webhook address"),
    "verify token rolled": gettext_lazy("new verify token"),
    "removed": gettext_lazy("removed"), "downloaded": gettext_lazy("downloaded"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """One field. customer: whom a value names, if the reader may know them."""

    label: str
    before: str = ""
    after: str = ""
    customer: Customer | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What names in rows are looked up in: customers the reader may know, fields that segments ask."""

    customers: dict[int, Customer]
    fields: segments.Fields


@dataclass(frozen=True, slots=True)
class Line:
    """One row."""

    row: AuditRow
    thing: str
    changes: list[Change]


def kinds() -> dict[str, str]:
    """Return what rows are about, by the first word of their thing, in the reader's language."""
    return {**settings_pages.names(), **{kind: str(name) for kind, name in KINDS.items()}}


def tell(rows: Iterable[AuditRow], reader: Agent) -> list[Line]:
    """Return what rows say. One question for all the customers they name, one more where conditions stand in them."""
    rows, named = list(rows), kinds()
    customers = Customer.objects.visible_to(reader).in_bulk(finding.customers_in(rows))
    has_conditions = any("condition" in side for row in rows for side in (row.before, row.after))
    known = Known(customers, segmenting.fields() if has_conditions else {})
    return [Line(row, _thing(row.thing, named), _changes(row, known)) for row in rows]


def _thing(thing: str, named: dict[str, str]) -> str:
    kind, _space, which = thing.partition(" ")
    return f"{named.get(kind, kind.replace('_', ' '))} {which}".strip()


def _changes(row: AuditRow, known: Known) -> list[Change]:
    names = sorted({*row.before, *row.after}, key=lambda name: (_PLACES.get(name, len(_PLACES)), name))
    return [_change(name, row, known) for name in names]


def _change(name: str, row: AuditRow, known: Known) -> Change:
    label = str(FIELDS.get(name, name.replace("_", " ")))
    before, after = (_value(name, side[name], known) if name in side else "" for side in (row.before, row.after))
    if name not in ("customer", "other"):
        # What only says which one it was has not changed.
        return Change(label, "" if before == after else before, after)
    customer = known.customers.get(row.after.get(name, row.before.get(name)))
    return Change(label, after="" if customer else _("another customer"), customer=customer)


def _value(name: str, value: Any, known: Known) -> str:
    if value is None or value == "" or value == []:
        return "–"
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if value == HIDDEN:
        return _("(hidden)")
    if name == "act":
        return str(ACTS.get(value, value))
    if name == "condition" and (condition := segments.read(value)) is not None:
        return "; ".join(_asks(row, known.fields) for row in condition.rows)[:VALUE_MAX] or "–"
    if isinstance(value, list) and all(isinstance(one, str | int) for one in value):
        value = ", ".join(map(str, value))
    said = value if isinstance(value, str | int | float) else json.dumps(value, ensure_ascii=False)
    return str(said)[:VALUE_MAX]


def _asks(row: segments.Row, fields: segments.Fields) -> str:
    field = fields.get(row.field)
    if field is None or row.op not in field.ops:
        return _("A field that is gone")
    return f"{field.name} {field.ops[row.op].name} {'' if row.value is None else row.value}".strip()
