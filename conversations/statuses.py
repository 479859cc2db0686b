"""What providers say of our messages: sent, delivered, read, failed. Moves only up the ladder."""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db import DataError, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_noop

from conversations import ingest_sql, people
from conversations.events import echoes, keeping, targets
from conversations.events.happening import kept
from conversations.ladder import EARLIER, LADDER, UNDER_WAY, WORST_FIRST, State, move_part, refresh
from conversations.locks import lock_customer_row
from conversations.models.delivery import Delivery, DeliveryPart, PendingStatus
from conversations.models.message import Message
from customers.models import Identity
from helpdesk.lib import clock
from helpdesk.lib.inbound import Bounce, InboundStatus

__all__ = ["EARLIER", "LADDER", "WORST_FIRST", "State", "apply", "apply_pending", "apply_up_to", "bounced", "move_part",
           "refresh", "settle_pending"]  # fmt: skip

log = logging.getLogger(__name__)

KEEP = timedelta(days=2)
WATERMARK = "watermark:"
NO_OFFERS = gettext_noop("The provider says that they want no offers")
OPTED_OUT = gettext_noop("The provider says that they want no more messages")


def apply(channel: Any, status: InboundStatus, *, piece_key: str = "") -> bool:
    """Move the part that a status speaks of; keep the status when the part is not known yet, or is being sent.

    piece_key: our own key where the provider gave it back; it finds the part of an answer that we never saw.
    Inside a transaction; locks the customer. Returns whether a part was found.
    """
    part = targets.find_part(channel.pk, status.external_id, piece_key)
    if part is None:
        # A provider may tell of a customer's own message, or of one from its own app, which nobody here delivers.
        if targets.find_message(channel.pk, status.external_id) is None:
            _keep(channel, status, status.external_id, piece_key)
        return False
    part = targets.lock_part(part)
    targets.give_name(part, status.external_id)
    if _is_under_way(part):
        # Whoever sends it marks it in a moment, and takes this along.
        _keep(channel, status, part.external_id or "", part.key)
        return True
    _move(part, status.state, status.error_code, status.error)
    return True


def apply_up_to(channel: Any, identity: Identity, state: str, until: datetime) -> int:
    """Move all that was sent to somebody on a channel until then; return how much moved. Customer is locked."""
    parts = DeliveryPart.objects.filter(channel=channel, identity__customer=identity.customer_id)
    parts = parts.select_related("delivery__message__entry")
    moved = 0
    sent = parts.filter(state__in=[State.SENT, State.DELIVERED])
    for part in sent.filter(_sent_until(until)).order_by("pk"):
        moved += _move(part, state)
    if parts.filter(state=State.SENDING, delivery__state=State.SENDING).exists():
        said = {"state": state, "error_code": "", "error": "", "until": until.isoformat()}
        PendingStatus.objects.create(channel=channel, external_id=f"{WATERMARK}{identity.customer_id}", event=said)
    return moved


def apply_pending(delivery: Delivery, parts: list[DeliveryPart]) -> None:
    """Apply what came before the provider's id was stored. Customer is locked. parts: of the delivery, as they are."""
    named: dict[str, DeliveryPart] = {}
    for part in parts:
        marks = f"{WATERMARK}{part.identity.customer_id}" if part.identity is not None else ""
        named |= {name: part for name in (part.external_id, part.key, marks) if name}
    kept = ingest_sql.pending(delivery.channel_id, list(named))
    if kept:
        rows = list(PendingStatus.objects.filter(pk__in=kept).select_related("channel").order_by("pk"))
        for row in rows:
            _apply_kept(parts, named[row.external_id], row)
        # A watermark is of all that is being sent to somebody at this moment; it is forgotten like all that is old.
        done = [row.pk for row in rows if "until" not in row.event]
        PendingStatus.objects.filter(pk__in=done).delete()


def settle_pending(limit: int) -> int:
    """Apply what came while its message was being stored; return how much.

    What nobody's message claimed is given up after two days, an echo after a minute: it was sent from elsewhere.
    """
    PendingStatus.objects.filter(received_at__lt=clock.real() - KEEP).delete()
    named = {"channel_id": OuterRef("channel_id"), "external_id": OuterRef("external_id")}
    parts = DeliveryPart.objects.filter(**named).exclude(delivery__state=State.SENDING)
    is_due = Exists(parts) | Exists(Message.objects.filter(**named)) | Q(event__kind="echo")
    rows = PendingStatus.objects.filter(is_due | Q(event__has_key="piece_key")).select_related("channel")
    return sum(_settle(row) for row in rows.order_by("pk")[:limit])


def bounced(message: Message, bounce: Bounce) -> None:
    """Mark the recipients that a delivery report names as failed. Customer is locked."""
    if not bounce.is_permanent:
        return
    delivery = message.deliveries.order_by("-pk").first()
    if delivery is None:
        return
    named = {row.address.lower(): row for row in bounce.recipients}
    for part in delivery.parts.all():
        row = named.get(part.address.lower())
        if row is not None or not named:
            code = row.status if row else ""
            sentence = "The mail came back: the address does not take it."
            move_part(part, State.FAILED, f"bounced {code}".strip(), sentence)
    refresh(delivery)


def _keep(channel: Any, status: InboundStatus, name: str, piece_key: str) -> None:
    said = {"state": status.state, "error_code": status.error_code, "error": status.error}
    if name or piece_key:
        said |= {} if name else {"piece_key": piece_key}
        PendingStatus.objects.create(channel=channel, external_id=name or piece_key, event=said)


def _is_under_way(part: DeliveryPart) -> bool:
    return part.delivery.state == State.SENDING and part.state in UNDER_WAY


def _move(part: DeliveryPart, state: str, error_code: str = "", error: str = "") -> bool:
    """Move one part and let its delivery show it, unless somebody is still sending the rest."""
    has_moved = move_part(part, state, error_code, error)
    # While the rest is being sent, only a failure is told at once: it stops the rest.
    if part.delivery.state != State.SENDING or part.state == State.FAILED:
        refresh(part.delivery)
    if has_moved and error_code == "opted_out" and part.identity is not None:
        people.opt_out(part.identity, by=None, reason=OPTED_OUT)
    if has_moved and error_code == "no_offers" and part.identity is not None:
        people.wish_offers(part.identity, wanted=False, source=NO_OFFERS)
    return has_moved


def _sent_until(until: datetime) -> Q:
    """What the provider had by then: it was claimed before the request. What was never claimed: when it was written."""
    claimed = Q(delivery__claimed_at__lte=until)
    return claimed | Q(delivery__claimed_at=None, delivery__message__entry__occurred_at__lte=until)


def _apply_kept(parts: list[DeliveryPart], part: DeliveryPart, row: PendingStatus) -> None:
    if "until" in row.event:
        claimed_at = part.delivery.claimed_at
        if claimed_at is not None and claimed_at <= datetime.fromisoformat(row.event["until"]):
            for one in parts:
                if one.identity_id == part.identity_id and one.state in {State.SENT, State.DELIVERED}:
                    move_part(one, row.event["state"])
    elif "state" in row.event:
        move_part(part, row.event["state"], row.event["error_code"], row.event["error"])
    elif keeping.is_act(row):
        keeping.act(part.delivery.message, kept(row))


def _settle(row: PendingStatus) -> int:
    """Apply one kept event and all that waits with it; 0 when it has to wait on."""
    try:
        with transaction.atomic():
            if row.event.get("kind") == "echo":
                return int(echoes.settle(row))
            part = targets.find_part(row.channel_id, row.external_id, row.external_id)
            return _settle_part(part) if part is not None else _settle_message(row)
    except (ValueError, LookupError, DataError):
        log.exception("A kept event could not be applied", extra={"pending": row.pk})
        row.delete()
        return 0


def _settle_part(part: DeliveryPart) -> int:
    lock_customer_row(part.delivery.message.customer_id)
    delivery = Delivery.objects.select_related("message__entry").get(pk=part.delivery_id)
    if delivery.state == State.SENDING:
        return 0
    apply_pending(delivery, list(delivery.parts.select_related("identity")))
    refresh(delivery)
    return 1


def _settle_message(row: PendingStatus) -> int:
    message = targets.lock_message(row.channel, row.external_id)
    if message is not None:
        keeping.apply_kept(message, row.external_id)
    return int(message is not None)
