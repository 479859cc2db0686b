"""Finding what an event speaks of: a message on its channel, or the part of a delivery that carried it."""

import uuid
from typing import Any

from django.db import transaction
from django.db.models import Q

from conversations.locks import lock_customer_row
from conversations.models.delivery import DeliveryPart
from conversations.models.message import Message


def find_message(channel_id: int, name: str) -> int | None:
    """Return the message (its key) that a provider calls so, whoever wrote it."""
    if not name:
        return None
    found = Message.objects.filter(channel_id=channel_id, external_id=name).values_list("pk", flat=True).first()
    if found is not None:
        return found
    parts = DeliveryPart.objects.filter(channel_id=channel_id, external_id=name)
    return parts.values_list("delivery__message_id", flat=True).first()


def find_part(channel_id: int, name: str, piece_key: str = "") -> DeliveryPart | None:
    """Return the part with a provider's id, or else with our own key that the provider gave back.

    piece_key: "<idempotency key of the delivery>:<position>".
    """
    parts = DeliveryPart.objects.select_related("delivery__message__entry").filter(channel_id=channel_id)
    found = parts.filter(external_id=name).first() if name else None
    return found or (parts.filter(_of_key(piece_key)).first() if _is_key(piece_key) else None)


def lock_part(part: DeliveryPart) -> DeliveryPart:
    """Lock the customer of whom a part is; return it as it is then. Inside a transaction."""
    lock_customer_row(part.delivery.message.customer_id)
    # Read again under the lock: another event of the same part may have been faster.
    return DeliveryPart.objects.select_related("delivery__message__entry", "delivery__channel").get(pk=part.pk)


def lock_message(channel: Any, name: str) -> Message | None:
    """Lock the customer of whom a message is; return it as it is then, None when it has not come yet."""
    pk = find_message(channel.pk, name)
    while pk is not None:
        owner = Message.objects.values_list("customer_id", flat=True).get(pk=pk)
        savepoint = transaction.savepoint()
        locked = lock_customer_row(owner)
        message = Message.objects.select_related("entry__conversation", "thread__channel").get(pk=pk)
        if message.customer_id == locked.pk:
            transaction.savepoint_commit(savepoint)
            return message
        # It changed hands in the meantime.
        transaction.savepoint_rollback(savepoint)
    return None


def give_name(part: DeliveryPart, name: str) -> None:
    """Store a provider's id that came before the provider's answer did, or instead of it. Customer is locked."""
    if not name or part.external_id is not None:
        return
    if DeliveryPart.objects.filter(channel_id=part.channel_id, external_id=name).exists():
        return
    part.external_id = name
    part.save(update_fields=["external_id"])
    message = part.delivery.message
    if message.external_id is None and not Message.objects.filter(channel=part.channel_id, external_id=name).exists():
        message.external_id = name
        message.save(update_fields=["external_id"])


def _is_key(piece_key: str) -> bool:
    key, _colon, position = piece_key.rpartition(":")
    try:
        uuid.UUID(key)
    except ValueError:
        return False
    return position.isascii() and position.isdigit() and len(position) <= 4


def _of_key(piece_key: str) -> Q:
    key, _colon, position = piece_key.rpartition(":")
    return Q(delivery__idempotency_key=key, position=int(position))
