"""What leaves: claim, send, say what became of it. The one recipe of every channel."""

from datetime import timedelta
from functools import partial

from channels_app import outbounds, outcomes, piecemeal, seats, sending, sending_sql
from channels_app.claiming import DELIVER, State, claim, due
from channels_app.outcomes import FAILURES_UNTIL_DOWN, RETRY_SECONDS, give_up_unsent
from channels_app.sender_lock import sender_lock
from conversations.models import Delivery, DeliveryPart
from helpdesk.lib import clock, failpoints
from helpdesk.lib.again import insist
from helpdesk.lib.outbound import SendError

__all__ = [
    "DELIVER", "FAILURES_UNTIL_DOWN", "RETRY_SECONDS", "deliver", "due", "give_up_dead_claims", "give_up_unsent",
]  # fmt: skip


def deliver(pk: int) -> str:
    """Send one delivery if it is its turn; return its state afterwards.

    Safe to call twice and at once: the claim is a compare-and-set, and a session advisory lock
    says for as long as it is held that the sender is alive. The request itself goes out with no
    transaction open. Whatever happens after the request, the message is never sent again.
    """
    delivery, is_its_turn = sending_sql.load_in_line(pk)
    # Whoever is behind in a line is rung again when it moves.
    if not is_its_turn or not delivery.is_waiting:
        return delivery.state
    # Asked before all else, for it costs nothing: while a provider hangs, many come in vain.
    with seats.seat(delivery.channel_id, (DELIVER, pk)) as has_seat:
        return _deliver(delivery) if has_seat else delivery.state


def _deliver(delivery: Delivery) -> str:
    with sender_lock(delivery.pk) as is_mine:
        if not is_mine:
            return delivery.state
        claimed = None if piecemeal.is_paced(delivery) else insist(partial(claim, delivery.pk))
        if claimed is None:
            return Delivery.objects.values_list("state", flat=True).get(pk=delivery.pk)
        failpoints.reach("send.after_claim")
        return (piecemeal.send if delivery.channel.capabilities.in_pieces else _send_whole)(*claimed)


def give_up_dead_claims() -> int:
    """Mark as unknown what was being sent when its sender died or took far too long."""
    found = Delivery.objects.filter(state=State.SENDING).select_related("channel")
    count = 0
    for delivery in found.order_by("claimed_at")[:500]:
        limit = delivery.channel.capabilities.send_seconds + 30
        is_late = delivery.claimed_at is None or (clock.real() - delivery.claimed_at > timedelta(seconds=limit))
        with sender_lock(delivery.pk) as is_free:
            if is_free or is_late:
                count += outcomes.mark_unknown(delivery.pk)
    return count


def _send_whole(delivery: Delivery, parts: list[DeliveryPart]) -> str:
    """Send a claimed message that is one to its provider, whoever it goes to."""
    try:
        sent = sending.send(delivery, outbounds.outbound_of(delivery, parts))
    except SendError as error:
        return insist(partial(outcomes.mark_failed, delivery.pk, error))
    failpoints.reach("send.after_accept_before_commit")
    # What the provider took must be written down: nobody may ask it again.
    state = insist(partial(outcomes.mark_sent, delivery.pk, sent))
    failpoints.reach("send.after_commit")
    return state
