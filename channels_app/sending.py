"""The one call that leaves the house."""

from datetime import timedelta

from conversations.models import Delivery
from helpdesk.lib import clock, failpoints
from helpdesk.lib.outbound import Outbound, SendError, Sent


def send(delivery: Delivery, outbound: Outbound) -> Sent:
    """Call the adapter. Raises SendError.

    A claim that is older than the adapter's limit is not sent any more: somebody may have
    given it up already.
    """
    limit = timedelta(seconds=delivery.channel.capabilities.send_seconds)
    if delivery.claimed_at is None or clock.real() - delivery.claimed_at > limit:
        raise SendError("late", "It waited too long for its turn.", retryable=True)
    failpoints.reach("send.before_request")
    return delivery.channel.adapter.send(delivery.channel, outbound)
