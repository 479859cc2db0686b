"""Locks are taken in one order: customer rows, then conversation rows. This is where."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import transaction

from customers.models import Customer

if TYPE_CHECKING:
    from conversations.models.conversation import Conversation

ROUNDS = 5


class Moved(Exception):
    """The conversation kept changing hands while we tried to lock it."""


@contextmanager
def lock_customer(
    conversation: "Conversation",
) -> Iterator[tuple[Customer, "Conversation"]]:
    """Lock the customer, then the conversation, in a transaction; yield both as they are now.

    When the conversation went to another customer in the meantime, the locks are freed by
    rolling back a savepoint and taken again. Raises Moved after five rounds.
    """
    with transaction.atomic():
        for _round in range(ROUNDS):
            savepoint = transaction.savepoint()
            locked = _lock(conversation)
            if locked is not None:
                transaction.savepoint_commit(savepoint)
                yield locked
                return
            transaction.savepoint_rollback(savepoint)
        raise Moved(f"Conversation {conversation.pk} keeps moving.")


def lock_customer_row(pk: int) -> Customer:
    """Lock a customer, following a merge to the one who is left. Inside a transaction only."""
    while True:
        savepoint = transaction.savepoint()
        customer = Customer.objects.select_for_update(no_key=True).get(pk=pk)
        if customer.merged_into_id is None:
            transaction.savepoint_commit(savepoint)
            return customer
        transaction.savepoint_rollback(savepoint)
        pk = customer.merged_into_id


def _lock(conversation: "Conversation") -> tuple[Customer, "Conversation"] | None:
    rows = type(conversation).objects
    customer_id = rows.values_list("customer_id", flat=True).get(pk=conversation.pk)
    customer = Customer.objects.select_for_update(no_key=True).get(pk=customer_id)
    locked = rows.select_for_update(no_key=True).get(pk=conversation.pk)
    if customer.merged_into_id is not None or locked.customer_id != customer.pk:
        return None
    locked.customer = customer
    return customer, locked
