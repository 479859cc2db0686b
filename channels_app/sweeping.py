"""Finding what was left behind: lost doorbells, dead senders, times that have come."""

import logging
from datetime import timedelta

from celery import current_app

from agents.models import Workspace
from agents.programs import repeating
from channels_app import amending, delivery
from channels_app.models import Channel, RawEvent
from conversations import after, live, statuses
from conversations.amending import AMEND
from conversations.known import facts
from conversations.searching import filling
from conversations.snoozing import wake_due
from helpdesk.lib import clock, failpoints
from helpdesk.lib.advisory import Space, Sweep, only_one
from helpdesk.lib.outbound import SendError
from helpdesk.lib.queue import ring_now

log = logging.getLogger(__name__)

BATCH = 500
QUEUE_MAX = 1_000
# With more rings than this before the worker, an entry that is not done waits for its turn: its hint was not lost.
QUEUE_SHORT = 20
WAIT = timedelta(seconds=10)
CHECK_EVERY = timedelta(seconds=30)


def sweep_deliveries() -> int:
    """Ring for deliveries that are due and settle dead claims; return how many were found."""
    with only_one(Space.SWEEPS, Sweep.DELIVERIES) as is_me:
        if not is_me:
            return 0
        dead = delivery.give_up_dead_claims()
        failpoints.reach("sweep.mid")
        due = [(delivery.DELIVER, pk) for pk in delivery.due().values_list("pk", flat=True)[:BATCH]]
        due += [(AMEND, pk) for pk in amending.due().values_list("pk", flat=True)[:BATCH]]
    if due and not is_queue_full("out"):
        for task, pk in due:
            ring_now(task, pk)
    return dead + len(due)


def sweep_events() -> int:
    """Ring for raw events, ring and hint for entries that nobody finished; wake sleepers, tell of overdue promises.

    Keep the words of entries that a search would not find yet; forget old keys of requests.
    """
    with only_one(Space.SWEEPS, Sweep.EVENTS) as is_me:
        if not is_me:
            return 0
        old = RawEvent.objects.filter(state=RawEvent.State.NEW, received_at__lt=clock.real() - WAIT)
        events = list(old.order_by("received_at").values_list("pk", flat=True)[:BATCH])
        entries = after.left_behind(BATCH)
    repeating.sweep()
    woken = statuses.settle_pending(BATCH)
    filling.sweep()
    if not Workspace.held().exists():
        woken += wake_due(BATCH) + facts.tell_overdue(BATCH)
    failpoints.reach("sweep.mid")
    if not is_queue_full("in"):
        if events:
            ring_now("channels_app.process_events", events)
        if entries:
            if is_queue_short("in"):
                after.announce_again(entries)
            ring_now(live.AFTER_ENTRIES, entries)
    return len(events) + len(entries) + woken


def down_channels() -> list[int]:
    """Return the channels that do not work at the moment; none while the outbox is held: nobody is asked then."""
    if Workspace.held().exists():
        return []
    return list(Channel.objects.filter(state=Channel.State.DOWN).order_by("pk").values_list("pk", flat=True))


def check_channel(pk: int) -> None:
    """Ask a channel that is down whether it works again; its deliveries then go on. As slow as its provider."""
    channel = Channel.objects.get(pk=pk)
    if channel.state != Channel.State.DOWN:
        return
    try:
        channel.adapter.check(channel)
    except SendError as error:
        Channel.objects.filter(pk=pk).update(down_reason=error.message[:500])
        return
    Channel.objects.filter(pk=pk, state=Channel.State.DOWN).update(
        state=Channel.State.ACTIVE, down_since=None, down_reason="", health={}
    )
    log.info("A channel works again", extra={"channel": pk})


def is_queue_full(queue: str) -> bool:
    """Whether the broker holds so many rings already that more would not help."""
    size = _length(queue)
    return size is None or size > QUEUE_MAX


def is_queue_short(queue: str) -> bool:
    """Whether the worker keeps up with its rings."""
    size = _length(queue)
    return size is not None and size <= QUEUE_SHORT


def _length(queue: str) -> int | None:
    """How many rings the broker holds; None when it is away."""
    try:
        with current_app.connection_for_read() as broker:
            return int(broker.default_channel.client.llen(queue))
    except (OSError, broker_errors()):
        return None


def broker_errors() -> type[Exception]:
    """Return what the broker's client raises when it is away."""
    return current_app.connection_for_read().connection_errors[0]
