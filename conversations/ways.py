"""Through which channel and identity we could write to a customer now, until when, or why not."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from agents.models import Brand
from conversations.models.message import Message
from conversations.models.thread import Thread
from customers.models import Customer, Identity
from helpdesk.lib import clock


@dataclass(frozen=True, slots=True)
class Way:
    """One way to write. channel: the row of the upper room; why_not: '' when it can be used."""

    channel: Any
    identity: Identity
    until: datetime | None = None
    why_not: str = ""
    reason: str = ""

    @property
    def can_write(self) -> bool:
        return not self.why_not

    @property
    def key(self) -> str:
        """Names the way in a form."""
        return f"{self.channel.pk}-{self.identity.pk}"


@dataclass(frozen=True, slots=True)
class Reach:
    """What decides over the ways to a customer: their addresses, our channels, what they wrote last."""

    identities: list[Identity]
    channels: list[Any]
    last: Message | None


def reach_of(customer: Customer, last: Message | None = None) -> Reach:
    """Read a customer's reach. last: the newest message by them, when it is known already."""
    channel: Any = Thread._meta.get_field("channel").related_model
    identities = list(customer.identities.order_by("pk"))
    return Reach(identities, list(channel.objects.order_by("pk")), last or _last_in(customer))


def ways(customer: Customer, brand: Brand, reach: Reach | None = None) -> list[Way]:
    """Return every way, best first: where the customer last wrote, what they prefer, the rest."""
    reach = reach or reach_of(customer)
    channels = [one for one in reach.channels if one.brand_id == brand.pk and one.state != "paused"]
    found = [
        _way(channel, identity, reach.last)
        for identity in reach.identities
        for channel in channels
        if channel.identity_kind == identity.kind
    ]
    return sorted(found, key=lambda way: _rank(way, customer, reach.last))


def _last_in(customer: Customer) -> Message | None:
    # By time, not by number: what came with a merge has fresh numbers.
    rows = Message.objects.filter(entry__customer=customer, direction=Message.Direction.IN)
    return rows.select_related("sender").order_by("-entry__occurred_at", "-entry_id").first()


def _way(channel: Any, identity: Identity, last: Message | None) -> Way:
    until, why_not = None, ""
    if identity.opted_out_at is not None:
        why_not = _("Does not want to be written to here")
    elif channel.adapter.capabilities.reply_window_hours:
        newest = Thread.objects.filter(channel=channel, identity=identity).order_by("-last_in_at").first()
        until = newest.reply_window_until if newest else None
        if until is None or until <= clock.now():
            why_not = _("The time to answer here is over")
    is_last = last is not None and (last.channel_id, last.sender_id) == (channel.pk, identity.pk)
    return Way(channel, identity, until, why_not, _("Wrote here last") if is_last else "")


def _rank(way: Way, customer: Customer, last: Message | None) -> tuple[bool, bool, bool, bool, int]:
    is_last = last is not None and (last.channel_id, last.sender_id) == (way.channel.pk, way.identity.pk)
    is_last_channel = last is not None and last.channel_id == way.channel.pk
    is_preferred = customer.preferred_identity_id == way.identity.pk
    return (not way.can_write, not is_last, not is_preferred, not is_last_channel, way.identity.pk)
