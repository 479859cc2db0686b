"""Customers by words, of those that an agent sees. Words first: whom one sees is asked of a few hundred at a time."""

from agents.models import Agent
from customers import search as customer_search
from customers.models import Customer

CHUNKS, LOOKED_AT_MAX = (100, 400, 1_500), 2_000


def find(agent: Agent, text: str, *, limit: int, below: int | None = None) -> tuple[list[int], int | None]:
    """Return up to so many customers, the newest first, and down to where was looked; None: there are no more."""
    rows = Customer.objects.present() if below is None else Customer.objects.present().filter(pk__lt=below)
    matching = customer_search.matching(rows, text).order_by("-pk").values_list("pk", flat=True)
    pks = list(matching[:LOOKED_AT_MAX])
    then = pks[-1] if len(pks) == LOOKED_AT_MAX else None
    found: list[int] = []
    for size in CHUNKS:
        part, pks = pks[:size], pks[size:]
        seen = Customer.objects.visible_to(agent).filter(pk__in=part).order_by("-pk")
        found += seen.values_list("pk", flat=True)[: limit - len(found)]
        if len(found) >= limit or not pks:
            break
    return found, then
