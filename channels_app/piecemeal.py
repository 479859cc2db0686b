"""A message that leaves as several of its provider's: one after another, each written down before the next."""

import logging
from datetime import timedelta
from functools import partial

from django.db import transaction
from django.utils.translation import gettext_noop as _

from channels_app import outbounds, outcomes, sending
from channels_app.claiming import DELIVER, WAITING, State, load, lock
from conversations import statuses, timeline
from conversations.events import linking
from conversations.models import Delivery, DeliveryPart, Message
from conversations.windows import CLOSED, HUMAN
from helpdesk.lib import clock, failpoints, pacing, pieces
from helpdesk.lib.again import insist
from helpdesk.lib.outbound import Outbound, SendError, Sent
from helpdesk.lib.queue import ring

log = logging.getLogger(__name__)

# Waits that are longer are found by the sweep: a ring with a countdown lies in a worker's memory until its time.
RING_WITHIN_SECONDS = 10.0


def send(delivery: Delivery) -> str:
    """Send what has not left of a claimed delivery; return its state afterwards.

    No request goes out inside a transaction. Whatever dies between two of them: a piece that was written down as
    sent is never sent again, the one that was under way is unknown.
    """
    while True:
        part = delivery.parts.select_related("identity").filter(state=State.SENDING).first()
        if part is None:
            return delivery.state
        try:
            sent = _ask(delivery, part)
        except SendError as error:
            return insist(partial(outcomes.mark_failed, delivery.pk, error))
        failpoints.reach("send.after_accept_before_commit")
        wait = wait_of(delivery) if _following(part) else 0.0
        # What the provider took must be written down: nobody may ask it again.
        state = insist(partial(_mark_piece, delivery.pk, part.pk, sent, wait))
        failpoints.reach("send.after_commit")
        if state != State.SENDING:
            return state
        delivery = load(delivery.pk)


def wait_of(delivery: Delivery) -> float:
    """Return how long the channel, or this chat, has to rest before one more; 0: it may go and counts as gone."""
    able, account = delivery.channel.capabilities, str(delivery.channel_id)
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


def _mark_piece(pk: int, part_pk: int, sent: Sent, wait: float) -> str:
    """Write down one piece that was taken; name the next one, or let it wait, or finish. Returns sending to go on."""
    with transaction.atomic():
        delivery = lock(pk)
        part = DeliveryPart.objects.get(pk=part_pk)
        _name(delivery, part, sent)
        statuses.move_part(part, State.SENT)
        for party in sent.aliases:
            linking.link(delivery.message.thread.identity, party)
        following = _following(part)
        if delivery.state == State.SENDING and following is not None:
            statuses.apply_pending(delivery)
            return _go_on(delivery, following, wait)
        # A status may have failed it meanwhile, or somebody has given it up: then the rest does not go.
        if following is not None:
            outcomes.fail_rest(delivery)
        outcomes.finish(delivery)
        return delivery.state if delivery.state != State.SENDING else State.SENT


def _name(delivery: Delivery, part: DeliveryPart, sent: Sent) -> None:
    """Keep the provider's names, each of which may stand once on a channel."""
    name = next((one.external_id for one in sent.parts if one.external_id), sent.external_id)
    if not name or part.external_id:
        return
    same = DeliveryPart.objects.filter(channel_id=part.channel_id, external_id=name)
    part.external_id = f"{name}#{part.pk}" if same.exists() else name
    part.save(update_fields=["external_id"])
    message = delivery.message
    taken = Message.objects.filter(channel_id=message.channel_id, external_id=name)
    if not message.external_id and not taken.exists():
        message.external_id = name
        message.save(update_fields=["external_id"])


def _following(part: DeliveryPart) -> DeliveryPart | None:
    rows = DeliveryPart.objects.filter(delivery_id=part.delivery_id, position__gt=part.position, state__in=WAITING)
    return rows.order_by("position").first()


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
