"""What leaves: claim, send, say what became of it. The one recipe of every channel."""

import logging
from datetime import timedelta
from functools import partial

from django.db import transaction
from django.db.models import Exists, F, Min, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_noop

from agents.models import Workspace
from channels_app import sending, wishes
from channels_app.models import Channel
from channels_app.sender_lock import sender_lock
from conversations import statuses, timeline, waiting
from conversations.locks import lock_customer_row
from conversations.models import Conversation, Delivery, Entry
from helpdesk.lib import clock, failpoints
from helpdesk.lib.again import insist
from helpdesk.lib.outbound import SendError, Sent
from helpdesk.lib.queue import ring

log = logging.getLogger(__name__)

State = Delivery.State
UNDER_WAY = (State.QUEUED, State.RETRY, State.SENDING)
DELIVER = "channels_app.deliver"
RETRY_SECONDS = (10, 60, 300, 1_800, 7_200, 21_600)
FAILURES_UNTIL_DOWN = 3


def deliver(pk: int) -> str:
    """Send one delivery if it is its turn; return its state afterwards.

    Safe to call twice and at once: the claim is a compare-and-set, and a session advisory lock
    says for as long as it is held that the sender is alive. The request itself goes out with no
    transaction open. Whatever happens after the request, the message is never sent again.
    """
    with sender_lock(pk) as is_mine:
        # Looked at before the customer is locked: whoever is behind in a line is rung again when it moves.
        if not is_mine or not _is_its_turn(_load(pk)) or not insist(partial(_claim, pk)):
            return Delivery.objects.values_list("state", flat=True).get(pk=pk)
        failpoints.reach("send.after_claim")
        delivery = _load(pk)
        try:
            sent = sending.send(delivery)
        except SendError as error:
            return insist(partial(_mark_failed, pk, error))
        failpoints.reach("send.after_accept_before_commit")
        # What the provider took must be written down: nobody may ask it again.
        state = insist(partial(_mark_sent, pk, sent))
        failpoints.reach("send.after_commit")
        return state


def give_up_dead_claims() -> int:
    """Mark as unknown what was being sent when its sender died or took far too long."""
    found = Delivery.objects.filter(state=State.SENDING).select_related("channel")
    count = 0
    for delivery in found.order_by("claimed_at")[:500]:
        limit = delivery.channel.adapter.capabilities.send_seconds + 30
        is_late = delivery.claimed_at is None or (clock.real() - delivery.claimed_at > timedelta(seconds=limit))
        with sender_lock(delivery.pk) as is_free:
            if is_free or is_late:
                count += _mark_unknown(delivery)
    return count


def due() -> "QuerySet[Delivery]":
    """Deliveries whose time and turn have come, on channels that work; oldest first. None while the outbox is held.

    Only the first in each line: ringing for those behind it would only make everybody wait longer.
    """
    line = Coalesce(F("message__entry__conversation_id"), -F("message__thread_id"))
    waiting_ones = Delivery.objects.filter(state__in=UNDER_WAY).exclude(send_at__gt=clock.now())
    first = waiting_ones.values("channel_id", line=line).annotate(first=Min("pk")).values("first")
    return _ready().filter(pk__in=first).order_by("next_try_at", "pk")


def _ready() -> "QuerySet[Delivery]":
    return Delivery.objects.filter(
        ~Exists(Workspace.held()),
        Q(next_try_at__lte=clock.real()) | Q(send_at__lte=clock.now(), send_at=F("next_try_at")),
        state__in=[State.QUEUED, State.RETRY],
        channel__state=Channel.State.ACTIVE,
    )


def _load(pk: int) -> Delivery:
    return Delivery.objects.select_related(
        "channel", "message__thread__identity", "message__entry__by", "message__customer"
    ).get(pk=pk)


def _locked(pk: int) -> Delivery:
    """Lock its customer's row and read it as it is then."""
    lock_customer_row(Delivery.objects.values_list("message__customer_id", flat=True).get(pk=pk))
    return _load(pk)


def _claim(pk: int) -> bool:
    """Move queued or retry to sending, under the customer's lock and only in its turn."""
    with transaction.atomic():
        delivery = _locked(pk)
        if not _is_its_turn(delivery) or not _is_wanted(delivery):
            return False
        claimed = _ready().filter(pk=pk)
        changes = {"state": State.SENDING, "claimed_at": clock.real()}
        if claimed.update(attempts=F("attempts") + 1, **changes) != 1:
            return False
        delivery.parts.filter(state__in=[State.QUEUED, State.RETRY]).update(state=State.SENDING)
        _let_go(delivery.message.entry)
        return True


def _is_its_turn(delivery: Delivery) -> bool:
    """Whether no earlier answer of the conversation is still on its way through this channel."""
    entry = delivery.message.entry
    earlier = Delivery.objects.filter(
        channel_id=delivery.channel_id,
        pk__lt=delivery.pk,
        state__in=UNDER_WAY,
    ).exclude(send_at__gt=clock.now())
    if entry.conversation_id is None:
        earlier = earlier.filter(message__thread_id=delivery.message.thread_id)
    else:
        earlier = earlier.filter(message__entry__conversation_id=entry.conversation_id)
    return not earlier.exists()


def _is_wanted(delivery: Delivery) -> bool:
    """Whether the customer wants it, and wants it now; fails it or lets it wait otherwise. Locked."""
    if wishes.is_unwanted(delivery):
        delivery.parts.filter(state__in=[State.QUEUED, State.RETRY]).update(state=State.SENDING)
        _set(delivery, State.FAILED, "opted_out", gettext_noop("Somebody it goes to does not want to be written to."))
        _ring_next(delivery)
        return False
    end = wishes.quiet_until(delivery)
    if end is not None:
        Delivery.objects.filter(pk=delivery.pk).update(send_at=end, next_try_at=end)
        timeline.touch(delivery.message.entry)
    return end is None


def _let_go(entry: Entry) -> None:
    """The first claim: undo is over, so clocks, rules and webhooks may act on the answer now."""
    if not entry.data.get("held"):
        timeline.touch(entry)
        return
    if entry.conversation_id is not None:
        rows = Conversation.objects.select_for_update(no_key=True)
        waiting.answered(rows.get(pk=entry.conversation_id), entry)
    data = {name: value for name, value in entry.data.items() if name != "held"}
    timeline.touch(entry, data=data, done_at=None)


def _mark_sent(pk: int, sent: Sent) -> str:
    with transaction.atomic():
        delivery = _locked(pk)
        if delivery.state not in {State.SENDING, State.UNKNOWN}:
            return delivery.state
        message = delivery.message
        message.external_id = sent.external_id or None
        message.save(update_fields=["external_id"])
        _mark_parts(delivery, sent)
        message.thread.last_out_at = clock.now()
        message.thread.save(update_fields=["last_out_at"])
        delivery.sent_at = clock.real()
        delivery.save(update_fields=["sent_at"])
        statuses.apply_pending(delivery)
        statuses.refresh(delivery)
        _works(delivery.channel)
        _ring_next(delivery)
        return delivery.state


def _mark_parts(delivery: Delivery, sent: Sent) -> None:
    answers = {part.position: part for part in sent.parts}
    taken: set[str] = set()
    for part in delivery.parts.all():
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
        part.save(update_fields=["state", "error_code", "error", "external_id"])


def _mark_failed(pk: int, error: SendError) -> str:
    with transaction.atomic():
        delivery = _locked(pk)
        if delivery.state != State.SENDING:
            return delivery.state
        state = State.UNKNOWN.value if error.maybe_sent else _after_failure(delivery, error)
        _set(delivery, state, error.code, error.message)
        log.info("A delivery did not succeed", extra={"delivery": pk, "code": error.code})
        _ring_next(delivery)
        return state


def _after_failure(delivery: Delivery, error: SendError) -> str:
    """Return failed or retry, and say when to try again."""
    _note_failure(delivery, error)
    if not error.retryable:
        return State.FAILED
    give_up_at = delivery.made_at + timedelta(hours=delivery.channel.give_up_hours)
    pause = RETRY_SECONDS[min(max(1, delivery.attempts), len(RETRY_SECONDS)) - 1]
    delivery.next_try_at = clock.real() + timedelta(seconds=error.retry_after_seconds or pause)
    if delivery.next_try_at > give_up_at:
        return State.FAILED
    delivery.save(update_fields=["next_try_at"])
    return State.RETRY


def _note_failure(delivery: Delivery, error: SendError) -> None:
    """Take the channel out of service when its account, not this message, is the trouble.

    A channel that is down keeps its deliveries; this attempt is given back.
    """
    channel = Channel.objects.select_for_update(no_key=True).get(pk=delivery.channel_id)
    if error.code not in {"credentials", "connection"}:
        return
    failures = int(channel.health.get("failures", 0)) + 1
    channel.health = {**channel.health, "failures": failures}
    if error.code == "credentials" or failures >= FAILURES_UNTIL_DOWN:
        channel.state, channel.down_reason = Channel.State.DOWN, error.message[:500]
        channel.down_since = channel.down_since or clock.real()
        delivery.attempts = max(0, delivery.attempts - 1)
        delivery.save(update_fields=["attempts"])
        error.retryable = True
    channel.save(update_fields=["health", "state", "down_reason", "down_since"])


def _works(channel: Channel) -> None:
    if channel.health.get("failures"):
        Channel.objects.filter(pk=channel.pk).update(health={**channel.health, "failures": 0})


def give_up_unsent(pk: int) -> int:
    """Call unknown what was waiting in a backup: the desk it came from may have sent it since."""
    with transaction.atomic():
        locked = _locked(pk)
        if not locked.is_waiting:
            return 0
        locked.parts.filter(state__in=[State.QUEUED, State.RETRY]).update(state=State.SENDING)
        _let_go(locked.message.entry)
        _set(
            locked,
            State.UNKNOWN,
            "restored",
            gettext_noop("It was waiting in the backup and may have been sent since."),
        )
        return 1


def _mark_unknown(delivery: Delivery) -> int:
    """The sender is gone: nobody knows whether the provider took it. Back in line if harmless."""
    with transaction.atomic():
        locked = _locked(delivery.pk)
        if locked.state != State.SENDING:
            return 0
        if locked.channel.adapter.capabilities.is_idempotent:
            _set(locked, State.RETRY, "", "")
        else:
            sentence = "The connection broke while sending. It may have been sent."
            _set(locked, State.UNKNOWN, "interrupted", sentence)
        _ring_next(locked)
        return 1


def _set(delivery: Delivery, state: str, code: str, sentence: str) -> None:
    delivery.state, delivery.error_code, delivery.error = state, code[:40], sentence[:500]
    delivery.save(update_fields=["state", "error_code", "error"])
    shown = {"error_code": delivery.error_code, "error": delivery.error}
    delivery.parts.filter(state=State.SENDING).update(state=state, **shown)
    timeline.touch(delivery.message.entry)


def _ring_next(delivery: Delivery) -> None:
    """Wake the next answer in line behind this one."""
    entry = delivery.message.entry
    behind = Delivery.objects.filter(
        channel_id=delivery.channel_id, state__in=[State.QUEUED, State.RETRY], pk__gt=delivery.pk
    )
    if entry.conversation_id is None:
        behind = behind.filter(message__thread_id=delivery.message.thread_id)
    else:
        behind = behind.filter(message__entry__conversation_id=entry.conversation_id)
    following = behind.order_by("pk").first()
    if following is not None:
        ring(DELIVER, following.pk)
