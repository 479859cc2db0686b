"""An answer's way into the outbox, and what a person does with it there: let it go now, or send it once more."""

from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from agents.models import Agent
from conversations import drafts, privately, timeline
from conversations.locks import lock_customer
from conversations.models.attachment import Attachment
from conversations.models.delivery import Delivery, DeliveryPart
from conversations.models.draft import Draft
from conversations.models.entry import Entry
from conversations.models.message import Message, Recipient
from helpdesk.lib import clock, pieces
from helpdesk.lib.queue import ring

if TYPE_CHECKING:
    from conversations.replying import Reply

DELIVER = "channels_app.deliver"


def queue(entry: Entry, new: "Reply") -> Delivery:
    """Put a recorded answer into the outbox. Customer is locked."""
    message = entry.message
    now = clock.real()
    hold_until = now + timedelta(seconds=new.hold_seconds) if new.hold_seconds else None
    delivery = Delivery.objects.create(
        message=message,
        channel_id=message.channel_id,
        route=_route(new),
        hold_until=hold_until,
        send_at=new.send_at,
        next_try_at=max(filter(None, (now, hold_until, new.send_at))),
    )
    DeliveryPart.objects.bulk_create(
        DeliveryPart(
            delivery=delivery,
            channel_id=message.channel_id,
            position=position,
            role=row.role,
            identity_id=row.identity_id,
            address=row.address,
            piece=piece,
        )
        for position, (row, piece) in enumerate(_parts(message, new))
    )
    wait = (delivery.next_try_at - now).total_seconds()
    ring(DELIVER, delivery.pk, countdown_seconds=wait if wait > 0 else None)
    return delivery


def rewrite(entry: Entry, *, by: Agent) -> Draft | None:
    """Put what failed of an answer back into its author's hands as a draft; None when nothing failed."""
    assert entry.conversation is not None
    with lock_customer(entry.conversation) as (_customer, locked):
        last = Delivery.objects.filter(message_id=entry.pk).order_by("-pk").first()
        if last is None or last.state != Delivery.State.FAILED:
            return None
        return drafts.put_back(locked, _unsent_text(last), last.route, by=by)


def _unsent_text(delivery: Delivery) -> str:
    """Return the words that did not arrive: of a message in pieces, those of the pieces that failed."""
    text = delivery.message.text
    failed = delivery.parts.filter(state=Delivery.State.FAILED)
    spans = [part.piece["text"] for part in failed if part.piece.get("text")]
    return text[min(span[0] for span in spans) : max(span[1] for span in spans)] if spans else text


def _parts(message: Message, new: "Reply") -> list[tuple[Recipient, dict[str, Any]]]:
    """Return who gets what: each recipient all of it, or the one recipient piece after piece."""
    recipients = list(message.recipients.all())
    able = message.thread.channel.capabilities
    if not able.in_pieces:
        return [(row, {}) for row in recipients]
    if new.template is not None:
        return [(recipients[0], {"template": True})]
    files = list(message.entry.attachments.all())
    cut = pieces.cut(message.text, files, able, is_marked=message.entry.is_marked)
    return [(recipients[0], _piece(piece, files)) for piece in cut]


def _piece(piece: pieces.Piece, files: list[Attachment]) -> dict[str, Any]:
    """Write a piece as DeliveryPart.piece keeps it."""
    text = {"text": list(piece.text)} if piece.text else {}
    return text | ({"attachment": files[piece.file].pk} if piece.file is not None else {})


def _route(new: "Reply") -> dict[str, Any]:
    """Return the way it goes and what only the sending needs to know."""
    more = {
        "template": asdict(new.template) if new.template else None,
        "quotes": new.quotes,
        "is_public": new.is_public,
        "quick_replies": [asdict(one) for one in new.quick_replies],
    }
    return asdict(new.to) | {name: value for name, value in more.items() if value}


def send_now(entry: Entry) -> None:
    """End the time in which an answer can be taken back, or the wait for the end of quiet hours."""
    held = Delivery.objects.filter(message_id=entry.pk, state=Delivery.State.QUEUED, attempts=0)
    delivery = held.first()
    if delivery is not None and entry.conversation is not None:
        with lock_customer(entry.conversation):
            held.update(hold_until=None, send_at=None, next_try_at=clock.real())
            timeline.touch(entry, data={**entry.data, "despite_quiet": True})
            ring(DELIVER, delivery.pk)


def why_not_again(entry: Entry) -> str:
    """Say why `retry` repeats nothing, where a person should know."""
    last = Delivery.objects.filter(message_id=entry.pk).order_by("-pk").first()
    return privately.why_not_again(last) if last else ""


def retry(entry: Entry) -> bool:
    """Send again what failed, or what may not have been sent, because a person says so.

    A new delivery with a new key; the old one keeps what happened. False: nothing to repeat, or no more allowed.
    """
    assert entry.conversation is not None
    with lock_customer(entry.conversation):
        last = Delivery.objects.filter(message_id=entry.pk).order_by("-pk").first()
        if last is None or last.state not in {Delivery.State.FAILED, Delivery.State.UNKNOWN}:
            return False
        if privately.why_not_again(last):
            return False
        again = Delivery.objects.create(message_id=entry.pk, channel=last.channel, route=last.route)
        unsent = last.parts.exclude(state__in=[Delivery.State.SENT, Delivery.State.DELIVERED, Delivery.State.READ])
        DeliveryPart.objects.bulk_create(
            DeliveryPart(
                delivery=again,
                channel=last.channel,
                position=part.position,
                role=part.role,
                identity_id=part.identity_id,
                address=part.address,
                piece=part.piece,
            )
            for part in unsent
        )
        timeline.touch(entry)
        ring(DELIVER, again.pk)
        return True
