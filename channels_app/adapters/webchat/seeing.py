"""What a visitor's browser has fetched and shown: our messages are delivered and read there."""

from collections import defaultdict
from collections.abc import Sequence

from django.db import transaction

from channels_app.adapters.webchat import seeing_sql
from conversations import ladder, timeline
from conversations.live import Change
from conversations.locks import lock_customer_row
from conversations.models import Delivery, DeliveryPart
from customers.models import Identity

State = Delivery.State
BELOW = {State.DELIVERED: (State.SENT,), State.READ: (State.SENT, State.DELIVERED)}
BATCH = 50


def note(identities: Sequence[Identity], upto: int, *, is_seen: bool) -> int:
    """Say of all answers up to an entry that they came, or were read; return of how many that is new.

    An entry that these identities may not read changes nothing. Only what went through a widget: of a mail nobody
    knows by this whether it was read. Locks the customers.
    """
    state = State.READ if is_seen else State.DELIVERED
    customers: dict[int, list[int]] = defaultdict(list)
    for entry, customer in seeing_sql.unnoted(identities, upto, BELOW[state], BATCH):
        customers[customer].append(entry)
    return sum(_climb(customer, customers[customer], state) for customer in sorted(customers))


@transaction.atomic
def _climb(customer: int, entries: list[int], state: str) -> int:
    """Lock the customer and move what carried these answers; return how many that changed."""
    lock_customer_row(customer)
    return len({row.message_id for row, parts in seeing_sql.deliveries(entries) if _move(row, parts, state)})


def _move(delivery: Delivery, parts: list[DeliveryPart], state: str) -> bool:
    """Move the parts that can climb; return whether any could.

    Agents hear of it, visitors do not: it was their own browser that told us, and it shows nothing of it.
    """
    moved = [part for part in parts if ladder.climb(part, state)]
    if not moved:
        return False
    is_shown = ladder.show_worst(delivery, parts)
    seeing_sql.save(delivery, moved, state)
    if is_shown:
        timeline.touch(delivery.message.entry, change=Change.ON_ITS_WAY)
    return True
