"""A customer whom somebody here makes, before they ever wrote."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from agents.models import Agent
from conversations import people
from customers.models import Customer
from customers.normalise import normalise


def welcome(addresses: Iterable[tuple[str, str]], profile: dict[str, Any], *, by: Agent) -> Customer:
    """Make a customer with addresses, (kind, value) each, and what is known of them; tell it on their timeline.

    One transaction: nobody is made when one of the addresses is somebody's already. Raises ValueError for what is no
    address, TakenBy.
    """
    # In one order everywhere, so that two who make the same people do not wait for one another.
    ordered = sorted(addresses, key=lambda address: (address[0], normalise(*address)))
    with transaction.atomic():
        customer = Customer.objects.create()
        for kind, value in ordered:
            people.add_identity(customer, kind, value, by=by)
        people.change_profile(customer, profile, by=by)
        customer.refresh_from_db()
        return customer
