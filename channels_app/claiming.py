"""Whose turn it is: what is due, who is behind whom in a line, and the claim that nobody makes twice."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, Min, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_noop

from agents.models import Workspace
from channels_app import sending_sql, wishes
from channels_app.models import Channel
from conversations import timeline, waiting
from conversations.live import Change
from conversations.models import Conversation, Delivery, DeliveryPart, Entry
from helpdesk.lib import clock
from helpdesk.lib.queue import ring

State = Delivery.State
WAITING = (State.QUEUED, State.RETRY)
UNDER_WAY = (*WAITING, State.SENDING)
DELIVER = "channels_app.deliver"


def due() -> "QuerySet[Delivery]":
    """Deliveries whose time and turn have come, on channels that work; oldest first. None while the outbox is held.

    Only the first in each line: ringing for those behind it would only make everybody wait longer.
    """
    line = Coalesce(F("message__entry__conversation_id"), -F("message__thread_id"))
    waiting_ones = Delivery.objects.filter(state__in=UNDER_WAY).exclude(send_at__gt=clock.now())
    first = waiting_ones.values("channel_id", line=line).annotate(first=Min("pk")).values("first")
    return ready().filter(pk__in=first).order_by("next_try_at", "pk")


def ready() -> "QuerySet[Delivery]":
    """Deliveries whose time has come, on channels that work; none while the outbox is held."""
    return Delivery.objects.filter(
        ~Exists(Workspace.held()),
        Q(next_try_at__lte=clock.real()) | Q(send_at__lte=clock.now(), send_at=F("next_try_at")),
        state__in=WAITING,
        channel__state=Channel.State.ACTIVE,
    )


@contextmanager
def lock_customer_of(pk: int) -> Iterator[Delivery]:
    """Lock a delivery's customer in a transaction of its own; yield the delivery as it is then.

    When it went to another customer in the meantime, the transaction is undone, which frees the lock, and begun anew.
    """
    while True:
        with transaction.atomic():
            customer = sending_sql.lock_customer(pk)
            delivery = sending_sql.load(pk)
            if delivery.message.customer_id == customer:
                yield delivery
                return
            transaction.set_rollback(True)


def claim(pk: int) -> tuple[Delivery, list[DeliveryPart]] | None:
    """Move queued or retry to sending, under the customer's lock and only in its turn; return it and its parts then.

    Of a message in pieces only the first that has not left is being sent; the others wait behind it.
    """
    with lock_customer_of(pk) as delivery:
        if not delivery.is_waiting or not sending_sql.is_its_turn(pk):
            return None
        parts = sending_sql.parts_of(delivery)
        if not _is_wanted(delivery, parts):
            return None
        going = [part for part in parts if part.state in WAITING]
        if not sending_sql.claim(delivery, going[:1] if delivery.channel.capabilities.in_pieces else going):
            return None
        let_go(delivery.message.entry)
        return delivery, parts


def ring_next(delivery: Delivery) -> None:
    """Wake the next answer in line behind this one."""
    following = sending_sql.behind(delivery)
    if following is not None:
        ring(DELIVER, following)


def give_up_at(delivery: Delivery) -> datetime:
    """Return when it is too old to be sent."""
    wanted_at = max(filter(None, (delivery.made_at, delivery.send_at)))
    return wanted_at + timedelta(hours=delivery.channel.give_up_hours)


def settle(delivery: Delivery, state: str, code: str, sentence: str) -> None:
    """Write a state on the delivery and on whatever of it was being sent. Customer is locked."""
    delivery.state, delivery.error_code, delivery.error = state, code[:40], sentence[:500]
    delivery.save(update_fields=["state", "error_code", "error"])
    shown = {"error_code": delivery.error_code, "error": delivery.error}
    delivery.parts.filter(state=State.SENDING).update(state=state, **shown)
    timeline.touch(delivery.message.entry)


def let_go(entry: Entry) -> None:
    """The first claim: undo is over, so clocks, rules and webhooks may act on the answer now.

    Whom it goes to hears of it when it has left.
    """
    if not entry.data.get("held"):
        timeline.touch(entry, change=Change.ON_ITS_WAY)
        return
    if entry.conversation_id is not None and not entry.data.get("follows"):
        rows = Conversation.objects.select_for_update(no_key=True)
        waiting.answered(rows.get(pk=entry.conversation_id), entry)
    data = {name: value for name, value in entry.data.items() if name != "held"}
    timeline.touch(entry, change=Change.INSIDE, data=data, done_at=None)


def _is_wanted(delivery: Delivery, parts: list[DeliveryPart]) -> bool:
    """Whether the customer wants it, still, and now; fails it or lets it wait otherwise. Locked."""
    if wishes.is_unwanted(delivery, parts):
        _refuse(delivery, "opted_out", gettext_noop("Somebody it goes to does not want to be written to."))
        return False
    if wishes.is_unasked(delivery, parts):
        _refuse(delivery, "no_offers", gettext_noop("Somebody it goes to wants no automatic messages."))
        return False
    if clock.real() > give_up_at(delivery) and ready().filter(pk=delivery.pk).exists():
        _refuse(delivery, "too_old", gettext_noop("It waited so long that it would come too late now."))
        return False
    end = wishes.quiet_until(delivery)
    if end is not None:
        Delivery.objects.filter(pk=delivery.pk).update(send_at=end, next_try_at=end)
        timeline.touch(delivery.message.entry)
    return end is None


def _refuse(delivery: Delivery, code: str, sentence: str) -> None:
    delivery.parts.filter(state__in=WAITING).update(state=State.SENDING)
    settle(delivery, State.FAILED, code, sentence)
    ring_next(delivery)
