"""What happens to a person and is told on their timeline: addresses, what we know of them, what they want."""

from collections.abc import Iterable
from datetime import time
from typing import Any

from django.db import models, transaction

from agents import audit
from agents.models import Agent
from conversations import companies, timeline
from conversations.changes import plain
from conversations.files import bytes_of
from conversations.locks import lock_customer_row
from conversations.models.entry import Entry
from conversations.models.message import Message
from conversations.models.picture import Picture
from conversations.models.thread import Thread
from conversations.wanting import REASON_MAX, locked_identity, named, note_consent, opt_in, opt_out, wish_offers
from customers import custom
from customers.identify import find
from customers.models import Company, Customer, CustomField, Identity
from customers.normalise import normalise
from helpdesk.lib import clock, sql
from helpdesk.lib.inbound import Party
from helpdesk.lib.names import clean_name

__all__ = [
    "PROFILE", "REASON_MAX", "ChangedMeanwhile", "InUse", "TakenBy", "add_identity", "change_profile", "doubt",
    "employ", "link_identity", "note_consent", "opt_in", "opt_out", "remove_identity", "said", "value_of", "verify",
    "wish_offers",
]  # fmt: skip

PROFILE = ("name", "language", "time_zone", "company", "preferred_identity", "quiet_from", "quiet_until")
DISPLAY_MAX = 320


class TakenBy(Exception):
    """The address belongs to another customer; `identity` is theirs."""

    def __init__(self, identity: Identity) -> None:
        super().__init__("This address belongs to another customer.")
        self.identity = identity


class InUse(Exception):
    """Something was said through this address, so it cannot simply be taken away."""


class ChangedMeanwhile(Exception):
    """A colleague changed the same fields first; `fields` has what stands in them now."""

    def __init__(self, fields: dict[str, Any]) -> None:
        super().__init__(", ".join(fields))
        self.fields = fields


def add_identity(customer: Customer, kind: str, value: str, *, by: Agent | None) -> Identity:
    """Give a customer one more address and tell it; one they have already is returned as it is.

    Raises ValueError for what is no address, TakenBy when it is somebody else's: two people are joined by a
    merge only. Takes the customer's row lock.
    """
    spelled = normalise(kind, value)
    with transaction.atomic():
        locked = lock_customer_row(customer.pk)
        identity, is_new = _find_or_insert(locked, kind, value.strip(), spelled)
        if identity.customer_id != locked.pk:
            raise TakenBy(identity)
        if is_new:
            _tell(locked, Entry.Kind.IDENTITY, {"act": "added", **named(identity)}, by=by)
        return identity


def link_identity(customer: Customer, party: Party, *, act: str = "added", is_told: bool = True) -> Identity:
    """Give a customer one more address because a provider named it together with theirs; one they have is returned.

    is_told: False where the customer came into being this very moment, with all their addresses. Raises ValueError
    for what is no address, TakenBy when it is somebody else's. Takes the customer's row lock.
    """
    spelled = normalise(party.kind, party.value)
    with transaction.atomic():
        locked = lock_customer_row(customer.pk)
        written = party.as_written or party.value
        identity, is_new = _find_or_insert(locked, party.kind, written.strip(), spelled, party.realm)
        if identity.customer_id != locked.pk:
            raise TakenBy(identity)
        if is_new and is_told:
            _tell(locked, Entry.Kind.IDENTITY, {"act": act, **named(identity)}, by=None)
        return identity


def remove_identity(identity: Identity, *, by: Agent) -> None:
    """Take an address away that nothing was said through. Raises InUse. Takes the customer's row lock."""
    with transaction.atomic():
        locked, row = locked_identity(identity)
        uses = (Thread.objects.filter(identity=row), Message.objects.filter(sender=row), row.consents)
        if any(rows.exists() for rows in uses):
            raise InUse(row.label)
        what, faces = named(row), list(Picture.objects.filter(identity=row).values_list("blob_id", flat=True))
        try:
            with transaction.atomic():
                row.delete()
                bytes_of.forget_unused(faces)
        except models.ProtectedError as error:
            raise InUse(what["value"]) from error
        _tell(locked, Entry.Kind.IDENTITY, {"act": "removed", **what}, by=by)
        # What it was stands on the timeline, for who may read that.
        audit.changed(by, "identity", {"customer": locked.pk, "kind": what["kind"]}, {})


def verify(identity: Identity, *, by: Agent, how: str = "") -> bool:
    """Note that the address is proved to be theirs; return whether that is new. Takes the customer's row lock."""
    with transaction.atomic():
        locked, row = locked_identity(identity)
        if row.is_verified:
            return False
        row.verified_at, row.verified_by = clock.now(), (how or by.name)[:80]
        row.save(update_fields=["verified_at", "verified_by"])
        _tell(locked, Entry.Kind.IDENTITY, {"act": "verified", **named(row)}, by=by)
        return True


def doubt(identity: Identity, *, by: Agent) -> bool:
    """Take a proof back; return whether there was one. Takes the customer's row lock."""
    with transaction.atomic():
        locked, row = locked_identity(identity)
        if not row.is_verified:
            return False
        row.verified_at, row.verified_by = None, ""
        row.save(update_fields=["verified_at", "verified_by"])
        _tell(locked, Entry.Kind.IDENTITY, {"act": "doubted", **named(row)}, by=by)
        return True


def change_profile(
    customer: Customer, changes: dict[str, Any], *, by: Agent, known: dict[str, Any] | None = None
) -> Entry | None:
    """Set what we know of a person; tell what changed, None when nothing did.

    changes: fields of PROFILE, and custom fields as custom.PREFIX + slug (None or "": no value). known: what was
    in them when the change was decided. Raises ChangedMeanwhile when that is no longer so, ValueError for another
    field or a preferred address of somebody else, custom.Wrong for a value that a custom field does not take,
    companies.Gone; nothing is changed then. Takes the row locks of the customer and of a company that becomes theirs.
    """
    changes = changes | ({"name": clean_name(changes["name"])} if "name" in changes else {})
    preferred = changes.get("preferred_identity")
    with transaction.atomic():
        locked = lock_customer_row(customer.pk)
        rows = _own_fields(changes)
        changes = {name: custom.clean(rows[name], value) if name in rows else value for name, value in changes.items()}
        if preferred is not None and preferred.customer_id != locked.pk:
            raise ValueError("The preferred address is not one of the customer's.")
        if changes.get("company") is not None and companies.hold(changes["company"].pk) is None:
            raise companies.Gone(changes["company"].name)
        _refuse_old(locked, changes, known or {})
        before = {name: value_of(locked, name) for name, value in changes.items() if value_of(locked, name) != value}
        if not before:
            return None
        after = {name: changes[name] for name in before}
        _put(locked, after)
        data: dict[str, Any] = {"before": _plain(before), "after": _plain(after)}
        if told := {name: {"name": row.name, "kind": row.kind} for name, row in rows.items() if name in before}:
            data["fields"] = told
        return _tell(locked, Entry.Kind.PROFILE, data, by=by)


def value_of(customer: Customer, name: str) -> Any:
    """Return what stands in a field of the profile; a custom field's name begins with custom.PREFIX."""
    if name.startswith(custom.PREFIX):
        return customer.custom.get(name.removeprefix(custom.PREFIX))
    return getattr(customer, name)


def said(value: Any) -> str:
    """Return a field's value as a form carries it; '' for none."""
    return f"{value:%H:%M}" if isinstance(value, time) else custom.typed(value)


def _own_fields(changes: dict[str, Any]) -> dict[str, CustomField]:
    """Return the rows of the custom fields among the changes. Raises ValueError for what is no field."""
    slugs = [name.removeprefix(custom.PREFIX) for name in changes if name.startswith(custom.PREFIX)]
    rows = CustomField.objects.filter(slug__in=slugs) if slugs else []
    found = {custom.PREFIX + row.slug: row for row in rows}
    if unknown := set(changes) - set(PROFILE) - set(found):
        raise ValueError(f"Not part of a profile: {', '.join(sorted(unknown))}")
    return found


def _put(locked: Customer, after: dict[str, Any]) -> None:
    kept = locked.custom
    for name, value in after.items():
        if name.startswith(custom.PREFIX):
            locked.custom = custom.put(locked.custom, name.removeprefix(custom.PREFIX), value)
        else:
            setattr(locked, name, value)
    custom.check_size(kept, locked.custom)
    own = {"custom" if name.startswith(custom.PREFIX) else name for name in after}
    locked.save(update_fields=sorted(own))


def employ(company: Company, customers: Iterable[Customer], *, by: Agent) -> int:
    """Say of people without a company that they work at this one; return of how many. Raises companies.Gone.

    Who was given a company meanwhile keeps it. Takes one customer's row lock after the other.
    """
    told = 0
    for customer in customers:
        try:
            told += change_profile(customer, {"company": company}, by=by, known={"company": None}) is not None
        except ChangedMeanwhile:
            continue
    return told


def _refuse_old(locked: Customer, changes: dict[str, Any], known: dict[str, Any]) -> None:
    now = {name: value_of(locked, name) for name in changes if name in known}
    meanwhile = {
        name: value for name, value in now.items() if value != changes[name] and said(value) != said(known[name])
    }
    if meanwhile:
        raise ChangedMeanwhile(meanwhile)


def _find_or_insert(
    customer: Customer, kind: str, written: str, spelled: str, realm: str = ""
) -> tuple[Identity, bool]:
    shown = clean_name(written, DISPLAY_MAX)
    display = shown if shown != spelled else ""
    identity = Identity(customer=customer, kind=kind, realm=realm, value=spelled, display=display)
    found = find(kind, spelled, realm=realm)
    if found is None:
        sql.insert(identity, if_new=True)
        # None: somebody wrote from it at this very moment, and it is theirs.
        found = find(kind, spelled, realm=realm) if identity.pk is None else identity
    assert found is not None, "Whoever was faster has committed."
    return found, found is identity


def _plain(fields: dict[str, Any]) -> dict[str, Any]:
    """Make values fit for JSON; rows by what people call them, so that the entry reads the same for ever."""
    words = {name: str(value) if isinstance(value, models.Model | time) else value for name, value in fields.items()}
    return plain(words)


def _tell(customer: Customer, kind: str, data: dict[str, Any], *, by: Agent | None) -> Entry:
    return timeline.record(timeline.New(kind=kind, customer=customer, by=by, data=data))
