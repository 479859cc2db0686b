"""What a visitor's browser has fetched and shown: our messages are delivered and read there."""

from collections.abc import Sequence

from django.db import transaction

from conversations import ladder, visiting
from conversations.locks import lock_customer_row
from conversations.models import Delivery, Entry, Message
from customers.models import Identity

State = Delivery.State
BELOW = {State.DELIVERED: (State.SENT,), State.READ: (State.SENT, State.DELIVERED)}
BATCH = 50


def note(identities: Sequence[Identity], upto: int, *, is_seen: bool) -> int:
    """Say of all answers up to an entry that they came, or were read; return of how many that is new.

    An entry that these identities may not read changes nothing. Only what went through a widget: of a mail nobody
    knows by this whether it was read. Locks the customers.
    """
    last = visiting.readable_by(identities).filter(pk=upto).first()
    if last is None:
        return 0
    state = State.READ if is_seen else State.DELIVERED
    rows = visiting.readable_by(identities).filter(
        message__direction=Message.Direction.OUT,
        message__deliveries__state__in=BELOW[state],
        message__channel__kind="webchat",
        occurred_at__lte=last.occurred_at,
    )
    return _climb(list(rows.order_by("pk").distinct()[:BATCH]), state)


def _climb(entries: list[Entry], state: str) -> int:
    changed = 0
    for customer in sorted({entry.customer_id for entry in entries}):
        with transaction.atomic():
            lock_customer_row(customer)
            changed += sum(_move(entry, state) for entry in entries if entry.customer_id == customer)
    return changed


def _move(entry: Entry, state: str) -> bool:
    is_moved = False
    rows = Delivery.objects.select_related("message__entry").select_for_update(no_key=True, of=("self",))
    for delivery in rows.filter(message=entry.pk).order_by("pk"):
        moved = [ladder.move_part(part, state) for part in delivery.parts.all()]
        if any(moved):
            ladder.refresh(delivery)
            is_moved = True
    return is_moved
