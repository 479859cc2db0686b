"""What arrives: stored first, understood later. The one recipe of every channel."""

import hashlib
import logging
from collections import Counter
from collections.abc import Callable
from functools import partial

from django.conf import settings
from django.db import DataError, OperationalError, transaction
from django.db.models import F

from channels_app import courtesy, intake_sql, learning
from channels_app.models import Channel, RawEvent
from channels_app.noting import CONCERNS, note
from conversations import statuses
from conversations.events.filing import Happening, file_event, lock_all
from conversations.filing import Arrival, file_message
from conversations.models import Blob
from customers.normalise import normalise
from helpdesk.lib import clock, failpoints
from helpdesk.lib.events import Event
from helpdesk.lib.inbound import Ignored, Inbound, InboundMessage, InboundStatus, Malformed, RawInput
from helpdesk.lib.queue import ring

log = logging.getLogger(__name__)

PROCESS = "channels_app.process_event"
# SQLSTATE: deadlock and serialisation (class 40), a lock that came too late, a server that goes away or comes back.
PASSING = ("40", "55P03", "57P", "08")


class TooBig(Exception):
    """The body is larger than INBOUND_BODY_MAX_BYTES."""


def store(channel: Channel, *, body: bytes, headers: dict[str, str]) -> RawEvent:
    """Commit what arrived, then wake a worker. Call outside a transaction.

    A repeated delivery adds one to copies_count and returns the first row. Only after this
    returned may the sender be told 250, 200 or 0. Raises TooBig, django.db.DatabaseError.
    """
    if len(body) > settings.INBOUND_BODY_MAX_BYTES:
        raise TooBig(f"{len(body)} bytes")
    failpoints.reach("ingest.after_read")
    received_at = clock.real()
    raw = RawInput(body=body, received_at=received_at, headers=headers, config=channel.config)
    key = channel.adapter.dedupe_key(raw)
    with transaction.atomic():
        event = _keep(channel, key, raw)
        transaction.on_commit(partial(failpoints.reach, "ingest.after_commit_before_announce"))
        if event.state == RawEvent.State.NEW:
            ring(PROCESS, event.pk)
        failpoints.reach("ingest.before_commit")
    failpoints.reach("ingest.after_commit_before_ack")
    return event


def process(pk: int) -> str:
    """File one raw event; return its state afterwards. Safe to call twice and at once.

    The attempt is counted in a transaction of its own, so that an event which kills its worker
    ends in quarantine. Reading may take seconds, so no lock is held meanwhile; filing is one
    transaction under the event's row lock, and whoever comes second finds it filed.
    """
    event = intake_sql.claim(pk)
    if event is None:
        return RawEvent.objects.values_list("state", flat=True).get(pk=pk)
    failpoints.reach("job.after_start")
    read = _read(event)
    if isinstance(read, str):
        return _settle(event, partial(_quarantine, event, read))
    try:
        return _settle(event, partial(_file, event, in_lock_order(read, event.channel)))
    except (ValueError, DataError) as error:
        # The only event of its delivery: nothing of it was filed.
        return _settle(event, partial(_quarantine, event, _sentence(error)))


def fail(pk: int, error: BaseException) -> None:
    """Remember why an attempt failed; the last attempt puts the event in quarantine."""
    sentence = _sentence(error)
    with transaction.atomic():
        event = RawEvent.objects.select_for_update(no_key=True).get(pk=pk)
        if event.state != RawEvent.State.NEW:
            return
        event.error = sentence
        event.save(update_fields=["error"])
        if event.attempts >= settings.INBOUND_ATTEMPTS_MAX:
            _finish(event, RawEvent.State.QUARANTINED, sentence)


def is_passing(error: OperationalError) -> bool:
    """Whether the database was busy or away, which says nothing against the message.

    A connection that was cut has no SQLSTATE: nobody was there any more to give one.
    """
    state = getattr(error.__cause__, "sqlstate", None)
    return state is None or state.startswith(PASSING)


def forgive(pk: int) -> None:
    """Give back an attempt that failed through no fault of the event: it must not end in quarantine for that."""
    RawEvent.objects.filter(pk=pk, state=RawEvent.State.NEW, attempts__gt=0).update(attempts=F("attempts") - 1)


def replay(event: RawEvent) -> None:
    """Try a quarantined event again from its raw bytes."""
    with transaction.atomic():
        changed = RawEvent.objects.filter(pk=event.pk, state=RawEvent.State.QUARANTINED).update(
            state=RawEvent.State.NEW, attempts=0, error=""
        )
        if changed:
            ring(PROCESS, event.pk)


def body_of(event: RawEvent) -> bytes:
    """Return the raw bytes, wherever they are kept. Raises Blob.DoesNotExist after retention."""
    if event.body is not None:
        return bytes(event.body)
    return bytes(Blob.objects.get(pk=event.body_sha256).content)


def _keep(channel: Channel, key: str, raw: RawInput) -> RawEvent:
    is_small = len(raw.body) <= settings.BLOB_INLINE_MAX_BYTES
    event = RawEvent(
        channel=channel,
        dedupe_key=key,
        headers=raw.headers,
        body=raw.body if is_small else None,
        body_sha256=hashlib.sha256(raw.body).hexdigest() if is_small else Blob.keep(raw.body),
        body_bytes=len(raw.body),
        received_at=raw.received_at,
    )
    return intake_sql.keep(event)


def _read(event: RawEvent) -> list[Inbound] | str:
    """Return what the event holds, or the sentence that says why it cannot be read. No locks."""
    if event.attempts > settings.INBOUND_ATTEMPTS_MAX:
        return event.error or "It could not be filed."
    raw = RawInput(
        body=body_of(event),
        received_at=event.received_at,
        headers=event.headers,
        config={**event.channel.config, "trusted_authserv": event.channel.trusted_authserv},
    )
    adapter = event.channel.adapter
    try:
        found = adapter.parse(raw)
    except Malformed as error:
        return str(error)
    return [adapter.complete(event.channel, one) if isinstance(one, Event) else one for one in found]


def _settle(event: RawEvent, work: Callable[[], str]) -> str:
    """Do the work in one transaction under the event's row lock, unless somebody was faster."""
    with transaction.atomic():
        # What arrived never changes, only what became of it: no need to fetch it twice.
        state, event.error = intake_sql.lock(event.pk)
        if state != RawEvent.State.NEW:
            return state
        transaction.on_commit(partial(failpoints.reach, "job.after_commit_before_push"))
        state = work()
        failpoints.reach("job.before_commit")
        return state


def _quarantine(event: RawEvent, sentence: str) -> str:
    return _finish(event, RawEvent.State.QUARANTINED, sentence)


def _file(event: RawEvent, found: list[Inbound]) -> str:
    """File the events of one delivery."""
    outcomes: Counter[str] = Counter()
    if len(found) > 1:
        lock_all(_happening(event, one, 0) for one in found if isinstance(one, Event))
    for place, inbound in enumerate(found):
        if isinstance(inbound, Ignored):
            outcomes["ignored"] += 1
            event.error = inbound.reason[:500]
        elif len(found) == 1:
            outcomes[_file_one(event, inbound, place)] += 1
        else:
            outcomes[_file_apart(event, inbound, place)] += 1
    event.messages_count = outcomes["filed"] + outcomes["copy"]
    event.duplicates_count = outcomes["copy"]
    return _finish(event, _state_of(outcomes), event.error if outcomes["ignored"] else "")


def _file_one(event: RawEvent, inbound: InboundMessage | InboundStatus | Event, place: int) -> str:
    # Timelines go by the workspace's clock, what waits to be filed by the machine's.
    received_at = clock.shown(event.received_at)
    if isinstance(inbound, Event):
        if inbound.kind in CONCERNS:
            note(event.channel, inbound, received_at)
            return "applied"
        outcome = file_event(_happening(event, inbound, place))
        learning.ask_for_name(event.channel, inbound, outcome)
        courtesy.ask_to_acknowledge(event.channel, inbound)
        return outcome
    if isinstance(inbound, InboundStatus):
        statuses.apply(event.channel, inbound)
        return "status"
    _entry, is_new = file_message(Arrival(event.channel, inbound, received_at, event.pk, event.pk + place))
    return "filed" if is_new else "copy"


def _happening(event: RawEvent, inbound: Event, place: int) -> Happening:
    return Happening(event.channel, inbound, clock.shown(event.received_at), event.pk, event.pk + place)


def _file_apart(event: RawEvent, inbound: InboundMessage | InboundStatus | Event, place: int) -> str:
    """File one of several in a savepoint of its own: a bad one does not take the others."""
    try:
        with transaction.atomic():
            return _file_one(event, inbound, place)
    except (ValueError, DataError) as error:
        _set_aside(event, place, _sentence(error))
        return "bad"


def _state_of(outcomes: Counter[str]) -> str:
    if outcomes["copy"] and not outcomes["filed"]:
        return RawEvent.State.DUPLICATE
    if outcomes["ignored"] and sum(outcomes.values()) == outcomes["ignored"]:
        return RawEvent.State.IGNORED
    return RawEvent.State.FILED


def _set_aside(event: RawEvent, place: int, sentence: str) -> None:
    """Keep a bad event of a batch in a quarantined row of its own; its siblings are filed."""
    RawEvent.objects.get_or_create(
        channel=event.channel,
        dedupe_key=f"{event.dedupe_key}#{place}",
        defaults={
            "headers": event.headers,
            "body": event.body,
            "body_sha256": event.body_sha256,
            "body_bytes": event.body_bytes,
            "received_at": event.received_at,
            "state": RawEvent.State.QUARANTINED,
            "error": sentence,
        },
    )


def _sentence(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:500].replace("\0", "")


def in_lock_order(found: list[Inbound], channel: Channel | None = None) -> list[Inbound]:
    """Sort so that two batches that name the same people lock them in the same order."""
    return sorted(found, key=partial(_lock_key, channel))


def _lock_key(channel: Channel | None, inbound: Inbound) -> tuple[str, str, str]:
    if isinstance(inbound, Event) and channel is not None and inbound.customer_id:
        sender = channel.adapter.party_of(inbound, channel)
    elif isinstance(inbound, InboundMessage):
        sender = inbound.sender
    else:
        return ("", "", "")
    try:
        return (sender.kind, sender.realm, normalise(sender.kind, sender.value))
    except ValueError:
        return (sender.kind, sender.realm, sender.value)


def _finish(event: RawEvent, state: str, error: str) -> str:
    event.state, event.error = state, error[:500]
    intake_sql.finish(event, at=clock.real() if state != RawEvent.State.QUARANTINED else None)
    return state
