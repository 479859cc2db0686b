"""Whether somebody wants to be written to, and what they agreed to: said by them or their provider, or noted by us."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from agents.models import Agent
from conversations import timeline
from conversations.locks import lock_customer_row
from conversations.models.entry import Entry
from customers.models import Consent, Customer, Identity
from helpdesk.lib import clock

REASON_MAX, KEYWORD_MAX = 200, 40
WISHES = ("opted_out", "opted_in")
# What a provider's "stop" to offers is a no to. Whoever said it may still be answered by a person.
UNASKED = (Consent.Purpose.MARKETING, Consent.Purpose.AUTOMATIC)


@dataclass(frozen=True, slots=True)
class Told:
    """What a customer said themselves of being written to. keyword: their word; channel: the name of where they did."""

    at: datetime
    channel: str
    keyword: str = ""
    raw_id: int | None = None

    @property
    def reason(self) -> str:
        """Their word and where they said it, as the address shows it; '' where there was no word."""
        return f"“{self.keyword[:KEYWORD_MAX]}” · {self.channel}" if self.keyword else ""

    @property
    def data(self) -> dict[str, str]:
        """What an entry keeps of it."""
        return {"channel": self.channel, **({"keyword": self.keyword[:KEYWORD_MAX]} if self.keyword else {})}


def opt_out(identity: Identity, *, by: Agent | None, reason: str = "", told: Told | None = None) -> bool:
    """Write to this address no more, by any path; return whether that is new. Takes the customer's row lock.

    told: when and where the customer said it themselves; what is older than their last word changes nothing.
    """
    with transaction.atomic():
        locked, row = locked_identity(identity)
        if told is not None and _is_outdated(row, told.at):
            return False
        is_new = row.opted_out_at is None
        if not is_new and told is None:
            return False
        row.opted_out_at = told.at if told is not None else clock.now()
        row.opted_out_reason = reason[:REASON_MAX] if is_new else row.opted_out_reason
        row.save(update_fields=["opted_out_at", "opted_out_reason"])
        if is_new:
            _tell(locked, {"act": "opted_out", "reason": row.opted_out_reason, **named(row)}, by, told)
        return is_new


def opt_in(identity: Identity, *, by: Agent | None, told: Told | None = None) -> bool:
    """Write to this address again; return whether that is new. Takes the customer's row lock.

    told: when and where the customer said it themselves; what is older than their last word changes nothing, and what
    changes nothing is told all the same: an older no may still be on its way.
    """
    with transaction.atomic():
        locked, row = locked_identity(identity)
        if told is not None and _is_outdated(row, told.at):
            return False
        is_new = row.opted_out_at is not None
        if is_new:
            row.opted_out_at, row.opted_out_reason = None, ""
            row.save(update_fields=["opted_out_at", "opted_out_reason"])
        if is_new or told is not None:
            _tell(locked, {"act": "opted_in", **named(row)}, by, told)
        return is_new


def note_consent(identity: Identity, purpose: str, state: str, *, source: str, by: Agent | None) -> Consent | None:
    """Keep a yes or no to one purpose with where it was said; None when it stands already. What was said before stays.

    Raises ValueError for an unknown purpose or state, for no source, and for withdrawing what was never given.
    Takes the customer's row lock.
    """
    source = source.strip()[:REASON_MAX]
    if purpose not in Consent.Purpose.values or state not in Consent.State.values or not source:
        raise ValueError("A consent needs a purpose, an answer, and where it was said.")
    with transaction.atomic():
        locked, row = locked_identity(identity)
        standing = row.consents.filter(purpose=purpose).order_by("-at", "-pk").first()
        if standing is not None and standing.state == state:
            return None
        if state == Consent.State.WITHDRAWN and (standing is None or standing.state != Consent.State.GIVEN):
            raise ValueError("Only a consent that was given can be withdrawn.")
        consent = row.consents.create(purpose=purpose, state=state, source=source)
        _tell(locked, {"act": "consent", "purpose": purpose, "state": state, "reason": source, **named(row)}, by)
        return consent


def wish_offers(identity: Identity, *, wanted: bool, source: str, told: Told | None = None) -> bool:
    """Keep that offers and automatic messages are wanted on an address, or no more; return whether that is new.

    An opt-out of everything stays as it is. told: when and where the customer said it themselves; the newest word
    counts, whenever it comes. Takes the customer's row lock.
    """
    with transaction.atomic():
        locked, row = locked_identity(identity)
        at = told.at if told is not None else clock.now()
        is_new = [_answer(row, purpose, at, wanted, source) for purpose in UNASKED]
        if not any(is_new):
            return False
        _tell(locked, {"act": "offers" if wanted else "no_offers", "reason": source, **named(row)}, None, told)
        return True


def refuses_automatic(identities: Iterable[int]) -> bool:
    """Whether one of these addresses (by pk) is to get nothing that no person wrote."""
    return bool(refusing_automatic(identities))


def refusing_automatic(identities: Iterable[int]) -> set[int]:
    """Return which of these addresses (by pk) are to get nothing that no person wrote."""
    rows = Consent.objects.filter(identity__in=identities, purpose=Consent.Purpose.AUTOMATIC)
    newest = rows.order_by("identity", "-at", "-pk").distinct("identity")
    return {one.identity_id for one in newest if one.state != Consent.State.GIVEN}


def locked_identity(identity: Identity) -> tuple[Customer, Identity]:
    """Lock whoever the identity belongs to now. Raises Identity.DoesNotExist when it was taken away."""
    while True:
        owner = Identity.objects.values_list("customer_id", flat=True).get(pk=identity.pk)
        savepoint = transaction.savepoint()
        locked = lock_customer_row(owner)
        row = Identity.objects.get(pk=identity.pk)
        if row.customer_id == locked.pk:
            transaction.savepoint_commit(savepoint)
            return locked, row
        transaction.savepoint_rollback(savepoint)


def named(identity: Identity) -> dict[str, Any]:
    """Name an address in the data of an entry."""
    return {"identity": identity.pk, "kind": identity.kind, "value": identity.label}


def _answer(identity: Identity, purpose: str, at: datetime, wanted: bool, source: str) -> bool:
    """Keep an answer of a certain time unless it was the answer then already; return whether it is kept."""
    before = identity.consents.filter(purpose=purpose, at__lte=at).order_by("-at", "-pk").first()
    was_given = before is not None and before.state == Consent.State.GIVEN
    if before is not None and was_given == wanted:
        return False
    refusal = Consent.State.WITHDRAWN if was_given else Consent.State.REFUSED
    state = Consent.State.GIVEN if wanted else refusal
    identity.consents.create(purpose=purpose, state=state, source=source[:REASON_MAX], at=at)
    return True


def _is_outdated(identity: Identity, at: datetime) -> bool:
    """Whether the customer said something of it later, or this very thing before."""
    if identity.opted_out_at is not None and at <= identity.opted_out_at:
        return True
    wishes = Entry.objects.filter(customer=identity.customer_id, kind=Entry.Kind.CONSENT, occurred_at__gte=at)
    return wishes.filter(data__identity=identity.pk, data__act__in=WISHES).exists()


def _tell(customer: Customer, data: dict[str, Any], by: Agent | None, told: Told | None = None) -> Entry:
    new = timeline.New(kind=Entry.Kind.CONSENT, customer=customer, by=by, data=data)
    if told is not None:
        new = timeline.New(
            kind=Entry.Kind.CONSENT, customer=customer, actor=Entry.Actor.CUSTOMER, occurred_at=told.at,
            data={**data, **told.data}, raw_id=told.raw_id,
        )  # fmt: skip
    return timeline.record(new)
