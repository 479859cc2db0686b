"""The customers of a whole delivery, locked at one go: two that name the same people never wait for each other."""

from collections.abc import Iterable

from conversations.events import linking, targets
from conversations.events.happening import Happening
from conversations.models.message import Message
from conversations.reading.finding_sql import lock_customers


def lock_all(happenings: Iterable[Happening]) -> None:
    """Lock every customer whom the events of one delivery are about and who is known, by primary key.

    Inside a transaction. Who is made or moves meanwhile is locked when their event is filed; should two deliveries
    then wait for each other after all, the database ends one of them and it is tried again.
    """
    customers: set[int] = set()
    for happening in happenings:
        customers |= _customers_of(happening)
    if customers:
        lock_customers(customers)


def _customers_of(happening: Happening) -> set[int]:
    found = set()
    identity = linking.known_identity(happening)
    if identity is not None:
        found.add(identity.customer_id)
    names = happening.targets or ([""] if happening.piece_key else [])
    for name in names:
        part = targets.find_part(happening.channel.pk, name, happening.piece_key)
        pk = part.delivery.message_id if part is not None else targets.find_message(happening.channel.pk, name)
        if pk is not None:
            found |= set(Message.objects.filter(pk=pk).values_list("customer_id", flat=True))
    return found
