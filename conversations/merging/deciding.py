"""What people decided of two customers: never one person, or one person after all. Outlives merges of either side."""

from django.db.models import Q

from agents.models import Agent
from conversations.models.suggestion import Suggestion
from customers.models import Customer
from helpdesk.lib import clock

State = Suggestion.State


def reject(one: int, two: int, *, by: Agent | None) -> None:
    """Note that two customers are two people: they are not suggested nor joined by themselves again."""
    _decide(one, two, State.REJECTED, by=by)


def accept(one: int, two: int, *, by: Agent | None) -> None:
    """Note that two customers were one person, if anybody had suggested it."""
    older, newer = sorted((one, two))
    rows = Suggestion.objects.filter(one=older, two=newer)
    rows.update(state=State.ACCEPTED, decided_at=clock.now(), decided_by=by)


def forget(one: int, two: int) -> None:
    """Take back what was decided of two customers."""
    older, newer = sorted((one, two))
    Suggestion.objects.filter(one=older, two=newer).delete()


def are_two(one: Customer, two: Customer) -> bool:
    """Whether somebody decided that these, or any two who were merged into them, are two people."""
    ours, theirs = family(one.pk), family(two.pk)
    pairs = Q(one__in=ours, two__in=theirs) | Q(one__in=theirs, two__in=ours)
    return Suggestion.objects.filter(pairs, state=State.REJECTED).exists()


def _decide(one: int, two: int, state: str, *, by: Agent | None) -> None:
    older, newer = sorted((one, two))
    decided = {"state": state, "decided_at": clock.now(), "decided_by": by}
    Suggestion.objects.update_or_create(one_id=older, two_id=newer, defaults=decided)


def family(pk: int) -> set[int]:
    """Return a customer and everybody who was merged into them."""
    found, newest = {pk}, {pk}
    while newest:
        newest = set(Customer.objects.filter(merged_into__in=newest).values_list("pk", flat=True)) - found
        found |= newest
    return found
