"""The one call that leaves the house, and how many of them a channel may have at once."""

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from channels_app.claiming import DELIVER
from conversations.models import Delivery
from helpdesk.lib import clock, failpoints
from helpdesk.lib.outbound import Outbound, SendError, Sent
from helpdesk.lib.queue import ring_now

AT_A_TIME = 4

_gates: dict[int, threading.BoundedSemaphore] = defaultdict(lambda: threading.BoundedSemaphore(AT_A_TIME))
# Who found a channel full, by channel, in the order they came.
_turned_away: dict[int, dict[int, None]] = defaultdict(dict)


@contextmanager
def seat(channel_id: int, pk: int) -> Iterator[bool]:
    """Hold one of a channel's few seats in this process; yield whether one was free.

    Who finds none gives its thread back at once, for a provider that hangs must not take all of them; it is rung as
    soon as a seat is free.
    """
    gate = _gates[channel_id]
    is_free = gate.acquire(blocking=False)
    if not is_free:
        _turned_away[channel_id][pk] = None
        # Whoever left in between has rung for nobody.
        is_free = gate.acquire(blocking=False)
    if not is_free:
        yield False
        return
    _turned_away[channel_id].pop(pk, None)
    try:
        yield True
    finally:
        gate.release()
        _ring_turned_away(channel_id)


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


def _ring_turned_away(channel_id: int) -> None:
    # dict.pop and next(iter()) are each atomic, and somebody else may be faster between the two.
    first = next(iter(list(_turned_away[channel_id])), None)
    if first is not None:
        _turned_away[channel_id].pop(first, None)
        ring_now(DELIVER, first)
