"""What providers say of our messages: sent, delivered, read, failed. Moves only up the ladder."""

import uuid
from datetime import timedelta
from typing import Any

from django.db import transaction

from conversations import timeline
from conversations.locks import lock_customer_row
from conversations.models.delivery import Delivery, DeliveryPart, PendingStatus
from conversations.models.message import Message
from helpdesk.lib import clock
from helpdesk.lib.inbound import Bounce, InboundStatus

State = Delivery.State
# Why a piece did not go: the one before it did not.
EARLIER = "earlier_part"
KEEP = timedelta(days=2)
LADDER = [State.QUEUED, State.RETRY, State.SENDING, State.UNKNOWN, State.SENT]
LADDER += [State.DELIVERED, State.READ]
# What a delivery shows when its parts differ: the worst.
WORST_FIRST = [
    State.FAILED, State.UNKNOWN, State.SENDING, State.RETRY, State.QUEUED,
    State.SENT, State.DELIVERED, State.READ, State.CANCELLED,
]  # fmt: skip


def apply(channel: Any, status: InboundStatus) -> bool:
    """Move the part that a status speaks of; keep the status when the part is not known yet.

    Inside a transaction; locks the customer. Returns whether a part was found.
    """
    part = _part(channel.pk, status.external_id)
    if part is None:
        event = {"state": status.state, "error_code": status.error_code, "error": status.error}
        PendingStatus.objects.create(channel=channel, external_id=status.external_id, event=event)
        return False
    lock_customer_row(part.delivery.message.customer_id)
    # Read again under the lock: another status of the same part may have been faster.
    part = DeliveryPart.objects.select_related("delivery__message__entry").get(pk=part.pk)
    move_part(part, status.state, status.error_code, status.error)
    refresh(part.delivery)
    return True


def apply_pending(delivery: Delivery) -> None:
    """Apply the statuses that came before the provider's id was stored. Customer is locked."""
    for part in delivery.parts.exclude(external_id=None):
        pending = PendingStatus.objects.filter(channel_id=part.channel_id, external_id=part.external_id)
        for row in pending.order_by("pk"):
            move_part(part, row.event["state"], row.event["error_code"], row.event["error"])
        pending.delete()


def settle_pending(limit: int) -> int:
    """Apply statuses that came while their message was being stored; return how many."""
    # What nobody's message claimed in two days never will be: left there, it would crowd out the others.
    PendingStatus.objects.filter(received_at__lt=clock.real() - KEEP).delete()
    rows = PendingStatus.objects.order_by("pk")[:limit]
    found = [(row, _part(row.channel_id, row.external_id)) for row in rows]
    known = [(row, part) for row, part in found if part is not None]
    for _row, part in known:
        with transaction.atomic():
            lock_customer_row(part.delivery.message.customer_id)
            apply_pending(part.delivery)
            refresh(part.delivery)
    return len(known)


def part_by_key(channel_id: int, piece_key: str) -> DeliveryPart | None:
    """Return the part that a provider gave the key of back (Outbound.piece_key); None for what is no key of ours."""
    key, _colon, position = piece_key.rpartition(":")
    try:
        rows = DeliveryPart.objects.filter(
            channel_id=channel_id, delivery__idempotency_key=uuid.UUID(key), position=int(position[:5])
        )
    except ValueError:
        return None
    return rows.select_related("delivery__message__entry").first()


def _part(channel_id: int, external_id: str) -> DeliveryPart | None:
    parts = DeliveryPart.objects.select_related("delivery__message__entry")
    return parts.filter(channel_id=channel_id, external_id=external_id).first()


def bounced(message: Message, bounce: Bounce) -> None:
    """Mark the recipients that a delivery report names as failed. Customer is locked."""
    if not bounce.is_permanent:
        return
    delivery = message.deliveries.order_by("-pk").first()
    if delivery is None:
        return
    named = {row.address.lower(): row for row in bounce.recipients}
    for part in delivery.parts.all():
        row = named.get(part.address.lower())
        if row is not None or not named:
            code = row.status if row else ""
            sentence = "The mail came back: the address does not take it."
            move_part(part, State.FAILED, f"bounced {code}".strip(), sentence)
    refresh(delivery)


def move_part(part: DeliveryPart, state: str, error_code: str = "", error: str = "") -> bool:
    """Move a part if that is a step up; a late `delivered` beats `failed`."""
    if state == State.FAILED:
        if part.state in {State.DELIVERED, State.READ} and not error_code.startswith("bounced"):
            return False
    elif part.state == State.FAILED:
        if state not in {State.DELIVERED, State.READ}:
            return False
    elif LADDER.index(State(state)) <= LADDER.index(State(part.state)):
        return False
    part.state, part.error_code, part.error = state, error_code[:40], error[:500]
    part.save(update_fields=["state", "error_code", "error"])
    return True


def _weight(part: DeliveryPart) -> float:
    """What was not sent because of an earlier part is less to tell than what became of that part."""
    place = WORST_FIRST.index(State(part.state))
    return place if part.error_code != EARLIER else WORST_FIRST.index(State.UNKNOWN) + 0.5


def refresh(delivery: Delivery) -> None:
    """Let the delivery show the worst of its parts, and tell those who look."""
    parts = list(delivery.parts.all())
    if not parts:
        return
    worst = min(parts, key=_weight)
    shown = (worst.state, worst.error_code, worst.error)
    if shown == (delivery.state, delivery.error_code, delivery.error):
        return
    delivery.state, delivery.error_code, delivery.error = shown
    delivery.save(update_fields=["state", "error_code", "error"])
    timeline.touch(delivery.message.entry)
