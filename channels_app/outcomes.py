"""What became of a sending, written down: sent, failed, to be tried again, or nobody knows."""

import logging
import random
from datetime import timedelta

from django.utils.translation import gettext_noop

from channels_app import sending_sql
from channels_app.claiming import WAITING, State, give_up_at, let_go, lock_customer_of, ring_next, settle
from channels_app.models import Channel
from conversations import ladder, people, statuses, timeline
from conversations.live import Change
from conversations.models import Delivery, DeliveryPart
from conversations.troubles import After, trouble_of
from helpdesk.lib import clock, pacing
from helpdesk.lib.outbound import SendError, Sent

log = logging.getLogger(__name__)

RETRY_SECONDS = (10, 60, 300, 1_800, 7_200, 21_600)
FAILURES_UNTIL_DOWN = 3
# Many that failed together do not come back together.
JITTER = 0.2
RETRY_AFTER_MAX_SECONDS = 3_600


def mark_sent(pk: int, sent: Sent) -> str:
    """Write down what a provider took as a whole."""
    with lock_customer_of(pk) as delivery:
        if delivery.state not in {State.SENDING, State.UNKNOWN}:
            return delivery.state
        delivery.message.external_id = sent.external_id or None
        parts = sending_sql.parts_of(delivery)
        _mark_parts(delivery, parts, sent)
        finish(delivery, parts)
        return delivery.state


def finish(delivery: Delivery, parts: list[DeliveryPart]) -> None:
    """Say that everything was handed over. Customer is locked. parts: all of it, as they are now."""
    statuses.apply_pending(delivery, parts)
    delivery.message.thread.last_out_at, delivery.sent_at = clock.now(), clock.real()
    has_changed = ladder.show_worst(delivery, parts)
    sending_sql.save_finished(delivery)
    if has_changed:
        has_left = delivery.state in ladder.LEFT
        timeline.touch(delivery.message.entry, change=Change.LEFT if has_left else Change.SHOWN)
    works(delivery.channel)
    ring_next(delivery)


def mark_failed(pk: int, error: SendError) -> str:
    """Write down why a provider did not take it."""
    with lock_customer_of(pk) as delivery:
        if delivery.state != State.SENDING:
            return _mark_late_failure(delivery, error)
        state = State.UNKNOWN.value if error.maybe_sent else after_failure(delivery, error)
        settle(delivery, state, error.code, error.message)
        if delivery.channel.capabilities.in_pieces and state in {State.FAILED, State.UNKNOWN}:
            fail_rest(delivery)
        log.info("A delivery did not succeed", extra={"delivery": pk, "code": error.code})
        ring_next(delivery)
        return state


def _mark_late_failure(delivery: Delivery, error: SendError) -> str:
    """A status failed an earlier piece while this one was asked for: nothing may stay "being sent" for ever."""
    state = State.UNKNOWN if error.maybe_sent else State.FAILED
    under_way = delivery.parts.filter(state=State.SENDING)
    if under_way.update(state=state, error_code=error.code[:40], error=error.message[:500]):
        fail_rest(delivery)
        statuses.refresh(delivery)
    return delivery.state


def mark_unknown(pk: int) -> int:
    """The sender is gone: nobody knows whether the provider took it. Back in line if harmless."""
    with lock_customer_of(pk) as delivery:
        if delivery.state != State.SENDING:
            return 0
        if delivery.channel.capabilities.is_idempotent:
            settle(delivery, State.RETRY, "", "")
        else:
            sentence = gettext_noop("The connection broke while sending. It may have been sent.")
            settle(delivery, State.UNKNOWN, "interrupted", sentence)
            if delivery.channel.capabilities.in_pieces:
                fail_rest(delivery)
        ring_next(delivery)
        return 1


def give_up_unsent(pk: int) -> int:
    """Call unknown what was waiting in a backup: the desk it came from may have sent it since."""
    with lock_customer_of(pk) as delivery:
        if not delivery.is_waiting:
            return 0
        delivery.parts.filter(state__in=WAITING).update(state=State.SENDING)
        let_go(delivery.message.entry)
        sentence = gettext_noop("It was waiting in the backup and may have been sent since.")
        settle(delivery, State.UNKNOWN, "restored", sentence)
        return 1


def fail_rest(delivery: Delivery) -> None:
    """What was to follow a piece that did not arrive, or may not have, does not go either."""
    words = gettext_noop("Not sent, because an earlier part of it was not.")
    delivery.parts.filter(state__in=WAITING).update(state=State.FAILED, error_code=statuses.EARLIER, error=words)


def after_failure(delivery: Delivery, error: SendError) -> str:
    """Do what a failure asks for; return failed or retry, and say when to try again. Customer is locked."""
    _note_failure(delivery, error)
    if trouble_of(error.code).after == After.OPTED_OUT:
        people.opt_out(delivery.message.thread.identity, by=None, reason=error.message)
    if trouble_of(error.code).after == After.NO_OFFERS:
        people.wish_offers(delivery.message.thread.identity, wanted=False, source=statuses.NO_OFFERS)
    if not error.retryable:
        return State.FAILED
    seconds = _pause(delivery, error)
    delivery.next_try_at = clock.real() + timedelta(seconds=seconds)
    if error.code == "throttled" and delivery.channel.capabilities.in_pieces and not error.is_of_chat:
        pacing.pause(str(delivery.channel_id), seconds)
    if delivery.next_try_at > give_up_at(delivery):
        return State.FAILED
    delivery.save(update_fields=["next_try_at"])
    return State.RETRY


def works(channel: Channel) -> None:
    """Forget the failures of a channel that has sent."""
    if channel.health.get("failures"):
        Channel.objects.filter(pk=channel.pk).update(health={**channel.health, "failures": 0})


def _pause(delivery: Delivery, error: SendError) -> float:
    """Return the seconds until the next try: the provider's, or ours, which grow."""
    if error.retry_after_seconds:
        return min(error.retry_after_seconds, RETRY_AFTER_MAX_SECONDS)
    seconds = RETRY_SECONDS[min(max(1, delivery.attempts), len(RETRY_SECONDS)) - 1]
    if not delivery.channel.capabilities.in_pieces:
        return seconds
    return seconds * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 -- no secret is made of it


def _note_failure(delivery: Delivery, error: SendError) -> None:
    """Take the channel out of service when its account, not this message, is the trouble.

    A channel that is down keeps its deliveries; this attempt is given back. One message that its provider stumbles
    over each time is not the channel's trouble: it counts once.
    """
    after = trouble_of(error.code).after
    is_counted = error.code == "connection" or (error.code == "provider_error" and error.retryable)
    if after != After.DOWN and not is_counted:
        return
    channel = Channel.objects.select_for_update(no_key=True).get(pk=delivery.channel_id)
    if error.code == "provider_error" and channel.health.get("stumbled_over") == delivery.pk:
        return
    failures = int(channel.health.get("failures", 0)) + 1
    stumbled = {"stumbled_over": delivery.pk} if error.code == "provider_error" else {}
    channel.health = {**channel.health, "failures": failures, **stumbled}
    if after == After.DOWN or failures >= FAILURES_UNTIL_DOWN:
        channel.state, channel.down_reason = Channel.State.DOWN, error.message[:500]
        channel.down_since = channel.down_since or clock.real()
        delivery.attempts = max(0, delivery.attempts - 1)
        delivery.save(update_fields=["attempts"])
        error.retryable = True
    channel.save(update_fields=["health", "state", "down_reason", "down_since"])


def _mark_parts(delivery: Delivery, parts: list[DeliveryPart], sent: Sent) -> None:
    """Write down what became of each, and the message's name with it."""
    answers = {part.position: part for part in sent.parts}
    taken: set[str] = set()
    for part in parts:
        answer = answers.get(part.position)
        if answer is None:
            part.state = State.SENT
        else:
            part.state, part.error_code, part.error = (
                answer.state,
                answer.error_code[:40],
                answer.error[:500],
            )
            # A mail to several people has one Message-ID; each part needs a name of its own.
            name = answer.external_id
            part.external_id = f"{name}#{part.position}" if name in taken else name or None
            taken.add(name)
        sending_sql.save_taken(part, delivery.message)
