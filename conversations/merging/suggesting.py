"""Look for customers who may be one person, after an entry that may show it; join those who have proved it."""

import logging
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from agents.models import Agent
from conversations import live, timeline
from conversations.merging import deciding, merge
from conversations.models.entry import Entry
from conversations.models.fact import Fact, FactQuerySet
from conversations.models.suggestion import Suggestion
from customers.alike import ENOUGH, Reason, candidates, is_proved, reasons, score_of
from customers.models import Customer

log = logging.getLogger(__name__)

LINKED = "linked"
ORDERS_MAX, SHARED_MAX, PAIRS_MAX = 20, 100, 20
TELLING = {Entry.Kind.IDENTITY, Entry.Kind.PROFILE, Entry.Kind.MERGE}


@dataclass(frozen=True, slots=True)
class Offer:
    """Who may be the same person, as the panel shows it. score: of 100."""

    other: Customer
    score: int
    reasons: tuple[Reason, ...]


def after_entry(entry: Entry) -> None:
    """Look again when a customer is new, changed, or named an order. Running it twice finds the same.

    Comes after `facts`, which learns the orders.
    """
    is_said = entry.kind == Entry.Kind.MESSAGE and entry.actor == Entry.Actor.CUSTOMER and "robot" not in entry.data
    if entry.kind in TELLING or (is_said and (entry.seq == 1 or _orders().filter(entry=entry).exists())):
        look(entry.customer_id)


def look(pk: int) -> None:
    """Suggest who may be the same person as this customer, and join whoever has proved to have the same address.

    What was rejected is left alone for good. Takes both customers' row locks to join them.
    """
    customer = Customer.objects.select_related("company").get(pk=pk)
    if customer.merged_into_id is not None:
        return
    # What somebody else's look finds while this one reads is newer than this one, and stays.
    before = list(_open_of(customer))
    linked = {_other_of(row, pk): _linked(row.reasons) for row in before if _linked(row.reasons)}
    kept: set[int] = set()
    others = _others(customer)
    for other, orders in [*others, *_also(set(linked) - {row.pk for row, _orders in others})]:
        found = [*linked.get(other.pk, ()), *reasons(customer, other, orders)]
        if score_of(found) < ENOUGH or deciding.are_two(customer, other):
            continue
        if is_proved(customer, other):
            _join(customer, other, found)
            return
        kept.add(_suggest(customer, other, found))
    _open_of(customer).filter(pk__in=[row.pk for row in before]).exclude(pk__in=kept).delete()


def link(pk: int, other_pk: int, detail: str) -> None:
    """Suggest that two are one person because a provider named an address of each in one breath; never joins them.

    Safe to call twice; what was rejected is left alone. detail: the address.
    """
    one, two = Customer.objects.get(pk=pk), Customer.objects.get(pk=other_pk)
    if one.pk == two.pk or one.merged_into_id or two.merged_into_id or deciding.are_two(one, two):
        return
    _suggest(one, two, [Reason(LINKED, detail), *reasons_for(one, two)])


def open_for(customer: Customer, agent: Agent) -> list[Offer]:
    """Return what is suggested of a customer to this agent, best first, in one query."""
    rows = _open_of(customer)
    seen = Customer.objects.visible_to(agent).present().exclude(pk=customer.pk)
    rows = rows.filter(Q(one__in=seen) | Q(two__in=seen)).select_related("one", "two").order_by("-score", "pk")
    pairs = ((row, row.two if row.one_id == customer.pk else row.one) for row in rows[:3])
    return [Offer(other, row.score, tuple(Reason(*reason) for reason in row.reasons)) for row, other in pairs]


def reject(customer: Customer, other: Customer, *, by: Agent) -> None:
    """Note on this customer's timeline that somebody else is not them. Takes both customers' row locks.

    Safe to call twice. Raises SamePerson, Gone.
    """
    if customer.pk == other.pk:
        raise merge.SamePerson("This is the same customer.")
    with transaction.atomic():
        customer, other = merge.lock_both(customer.pk, other.pk)
        if deciding.are_two(customer, other):
            return
        deciding.reject(customer.pk, other.pk, by=by)
        data = {"act": "kept_apart", "customer": other.pk, "name": other.best_name}
        timeline.record(timeline.New(kind=Entry.Kind.MERGE, customer=customer, by=by, data=data))
        live.moved(other.pk)


def reasons_for(one: Customer, two: Customer) -> list[Reason]:
    """Return what speaks for one person behind both and what does not, their orders included."""
    return reasons(one, two, shared_orders(one, two))


def shared_orders(one: Customer, two: Customer) -> list[str]:
    """Return the order numbers that both wrote of."""
    ours = _orders().filter(customer=one).values("value")
    theirs = _orders().filter(customer=two, value__in=ours)
    return list(theirs.order_by("value").values_list("value", flat=True).distinct()[:ORDERS_MAX])


def _open_of(customer: Customer) -> QuerySet[Suggestion]:
    return Suggestion.objects.filter(Q(one=customer) | Q(two=customer), state=Suggestion.State.OPEN)


def _orders() -> FactQuerySet:
    """Order numbers that customers named; what only a private team may know proves nothing to the others."""
    known = Fact.objects.filter(kind=Fact.Kind.KNOWN, what=Fact.What.ORDER).standing()
    return known.exclude(entry__conversation__team__is_private=True)


def _other_of(row: Suggestion, pk: int) -> int:
    return row.two_id if row.one_id == pk else row.one_id


def _linked(said: list[list[Any]]) -> list[Reason]:
    """What a provider said of two people, among reasons as they are kept."""
    return [Reason(*reason) for reason in said if reason[0] == LINKED]


def _also(pks: set[int]) -> list[tuple[Customer, list[str]]]:
    """Return whom a provider named together with a customer, and nothing else does."""
    rows = Customer.objects.present().filter(pk__in=pks).order_by("pk") if pks else ()
    return [(row, []) for row in rows]


def _others(customer: Customer) -> list[tuple[Customer, list[str]]]:
    """Return who could be the same person, with the order numbers they share."""
    mine = _orders().filter(customer=customer).values("value")
    theirs = _orders().filter(value__in=mine, customer__merged_into=None).exclude(customer=customer)
    shared: dict[int, list[str]] = {}
    for pk, number in theirs.values_list("customer", "value").distinct()[:SHARED_MAX]:
        shared.setdefault(pk, []).append(number)
    found = {row.pk: row for row in candidates(customer)[:PAIRS_MAX]}
    rows = Customer.objects.filter(pk__in=set(shared) - set(found)).order_by("pk")
    found |= {row.pk: row for row in rows[:PAIRS_MAX]}
    return [(row, sorted(shared.get(pk, []))) for pk, row in sorted(found.items())]


def _suggest(one: Customer, two: Customer, found: list[Reason]) -> int:
    older, newer = sorted((one.pk, two.pk))
    said: dict[str, Any] = {
        "score": score_of(found),
        "reasons": [[reason.kind, reason.detail, reason.is_proved] for reason in found],
        "state": Suggestion.State.OPEN,
    }
    row, is_new = Suggestion.objects.get_or_create(one_id=older, two_id=newer, defaults=said)
    # Compare-and-set: somebody may reject it at this very moment, and that stands.
    rows = Suggestion.objects.filter(pk=row.pk).exclude(state=Suggestion.State.REJECTED)
    if is_new or rows.exclude(**said).update(**said):
        live.moved(one.pk, two.pk)
    return row.pk


def _join(one: Customer, two: Customer, found: list[Reason]) -> None:
    """Make one of two who have proved to have the same address: the older stays."""
    kept, other = sorted((one, two), key=lambda row: row.pk)
    said = tuple(reason.words for reason in found if reason.weight != "against")
    try:
        merge.merge(kept, other, by=None, plan=merge.Plan(reasons=said))
    except merge.Gone:
        # Somebody merged one of them at this very moment; their entry has us look again.
        log.info("A customer was merged in the meantime", extra={"customer": other.pk})
