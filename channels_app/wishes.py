"""What customers wish, asked last of all before something leaves, whatever was decided before."""

from datetime import datetime, timedelta

from channels_app.outbounds import ROBOTS
from conversations.models import Delivery, DeliveryPart
from conversations.wanting import refuses_automatic
from customers import quiet
from customers.models import Identity
from helpdesk.lib import clock

LATE_WITHIN = timedelta(minutes=10)


def is_unwanted(delivery: Delivery, parts: list[DeliveryPart]) -> bool:
    """Whether somebody it goes to has opted out."""
    if any(part.identity is not None and part.identity.opted_out_at is not None for part in parts):
        return True
    # Who only gets a copy is known by the address alone; another realm may have the same value for somebody else.
    values = [part.address for part in parts if part.identity is None]
    copies = Identity.objects.filter(kind=delivery.channel.identity_kind, value__in=values)
    return bool(values) and copies.exclude(opted_out_at=None).exists()


def is_unasked(delivery: Delivery, parts: list[DeliveryPart]) -> bool:
    """Whether no person wrote it and somebody it goes to wants nothing automatic."""
    if delivery.message.entry.actor not in ROBOTS:
        return False
    return refuses_automatic([part.identity_id for part in parts if part.identity_id])


def quiet_until(delivery: Delivery) -> datetime | None:
    """Until when it must wait; what was written shortly before quiet hours began still leaves."""
    message = delivery.message
    if message.entry.data.get("despite_quiet"):
        return None
    now = clock.now()
    end = quiet.until(message.customer, now)
    made_at = clock.shown(delivery.made_at)
    is_just_written = not delivery.attempts and made_at > now - LATE_WITHIN
    if end and is_just_written and quiet.until(message.customer, made_at) is None:
        return None
    return end
