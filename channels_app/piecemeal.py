"""A message that leaves as several of its provider's: one after another, each written down before the next."""

import logging
from datetime import timedelta
from functools import partial

from django.db import transaction
from django.utils.translation import gettext_noop as _

from channels_app import outbounds, outcomes, sending, sending_sql
from channels_app.claiming import DELIVER, WAITING, State, lock_customer_of
from conversations import ladder, statuses, timeline
from conversations.events import linking
from conversations.models import Delivery, DeliveryPart
from conversations.windows import CLOSED, HUMAN
from helpdesk.lib import clock, failpoints, pacing, pieces
from helpdesk.lib.again import insist
from helpdesk.lib.outbound import Outbound, SendError, Sent
from helpdesk.lib.queue import ring

log = logging.getLogger(__name__)

# Waits that are longer are found by the sweep: a ring with a countdown lies in a worker's memory until its time.
RING_WITHIN_SECONDS = 10.0


def send(delivery: Delivery, parts: list[DeliveryPart]) -> str:
    """Send what has not left of a claimed delivery; return its state afterwards. parts: as they were claimed.

    No request goes out inside a transaction. Whatever dies between two of them: a piece that was written down as
    sent is never sent again, the one that was under way is unknown.
    """
    while True:
        part = next((one for one in parts if one.state == State.SENDING), None)
        if part is None:
            return delivery.state
        try:
            sent = _ask(delivery, part)
        except SendError as error:
            return insist(partial(outcomes.mark_failed, delivery.pk, error))
        failpoints.reach("send.after_accept_before_commit")
        wait = wait_of(delivery) if _following(parts, part) else 0.0
        # What the provider took must be written down: nobody may ask it again.
        state, delivery, parts = insist(partial(_mark_piece, delivery.pk, part.pk, sent, wait))
        failpoints.reach("send.after_commit")
        if state != State.SENDING:
            return state


def wait_of(delivery: Delivery) -> float:
    """Return how long the channel, or this chat, has to rest before one more; 0: it may go and counts as gone."""
    able, account = delivery.channel.capabilities, str(delivery.channel_id)
    if not able.per_second and not able.chat_seconds:
        return 0.0
    chat = f"{account}:{delivery.message.thread.identity_id}"
    return pacing.take(str(delivery.pk), pacing.Lane(account, chat, able.per_second, able.chat_seconds))


def is_paced(delivery: Delivery) -> bool:
    """Whether it is not yet its time on a channel that must not be rushed; asked before the claim, gives up nothing."""
    if not delivery.channel.capabilities.in_pieces or not delivery.is_waiting:
        return False
    if delivery.channel.state != delivery.channel.State.ACTIVE or delivery.next_try_at > clock.real():
        return False
    wait = wait_of(delivery)
    if not wait:
        return False
    rows = Delivery.objects.filter(pk=delivery.pk, state__in=WAITING, next_try_at=delivery.next_try_at)
    rows.update(next_try_at=clock.real() + timedelta(seconds=wait))
    _ring_in(delivery.pk, wait)
    return True


def _ask(delivery: Delivery, part: DeliveryPart) -> Sent:
    outbound = outbounds.outbound_of_piece(delivery, part)
    _refuse_hopeless(delivery, outbound)
    return sending.send(delivery, outbound)


def _refuse_hopeless(delivery: Delivery, outbound: Outbound) -> None:
    """Raise what the provider would say anyway, before it leaves. Raises SendError."""
    able = delivery.channel.capabilities
    is_late = outbound.window == CLOSED or (outbound.window == HUMAN and not outbound.written_by_person)
    if is_late and outbound.template is None:
        raise SendError("window_closed", _("The time to answer here is over."))
    if outbound.template is not None:
        return
    most = able.max_caption_characters if outbound.files else able.max_text_characters
    if outbound.text and pieces.measure(outbound.text, able) > most:
        raise SendError("too_long", _("The text is too long for this channel."))
    for file in outbound.files:
        if not file.kind:
            largest = pieces.max_bytes_for(file.content_type, able)
            if largest and len(file.data) > largest:
                raise SendError("too_large", _("The file is too large for this channel."))
            raise SendError("rejected_content", _("This channel does not take files of this kind."))


def _mark_piece(pk: int, part_pk: int, sent: Sent, wait: float) -> tuple[str, Delivery, list[DeliveryPart]]:
    """Write down one piece that was taken; name the next one, or let it wait, or finish.

    Returns sending to go on, and all as it is then.
    """
    with lock_customer_of(pk) as delivery:
        parts = sending_sql.parts_of(delivery)
        part = next(one for one in parts if one.pk == part_pk)
        _name(delivery, part, sent)
        ladder.climb(part, State.SENT)
        sending_sql.save_taken(part, delivery.message)
        for party in sent.aliases:
            linking.link(delivery.message.thread.identity, party)
        following = _following(parts, part)
        if delivery.state == State.SENDING and following is not None:
            statuses.apply_pending(delivery, parts)
            return _go_on(delivery, following, wait), delivery, parts
        # A status may have failed it meanwhile, or somebody has given it up: then the rest does not go.
        if following is not None:
            outcomes.fail_rest(delivery)
            parts = sending_sql.parts_of(delivery)
        outcomes.finish(delivery, parts)
        return (delivery.state if delivery.state != State.SENDING else State.SENT), delivery, parts


def _name(delivery: Delivery, part: DeliveryPart, sent: Sent) -> None:
    """Give it and its message the provider's name, which may stand once on a channel for each; the caller saves."""
    name = next((one.external_id for one in sent.parts if one.external_id), sent.external_id)
    if not name or part.external_id:
        return
    is_taken, is_message = sending_sql.named(part.channel_id, name)
    part.external_id = f"{name}#{part.pk}" if is_taken else name
    if not delivery.message.external_id and not is_message:
        delivery.message.external_id = name


def _following(parts: list[DeliveryPart], part: DeliveryPart) -> DeliveryPart | None:
    return next((one for one in parts if one.position > part.position and one.state in WAITING), None)


def _go_on(delivery: Delivery, following: DeliveryPart, wait: float) -> str:
    """Take the next piece in hand, or give the thread back until it may go. Customer is locked."""
    if wait:
        delivery.state, delivery.attempts = State.QUEUED, max(1, delivery.attempts - 1)
        delivery.next_try_at = clock.real() + timedelta(seconds=wait)
        delivery.save(update_fields=["state", "attempts", "next_try_at"])
        timeline.touch(delivery.message.entry)
        transaction.on_commit(partial(_ring_in, delivery.pk, wait))
        return delivery.state
    following.state = State.SENDING
    following.save(update_fields=["state"])
    delivery.claimed_at = clock.real()
    delivery.save(update_fields=["claimed_at"])
    return delivery.state


def _ring_in(pk: int, seconds: float) -> None:
    if seconds <= RING_WITHIN_SECONDS:
        ring(DELIVER, pk, countdown_seconds=seconds)
