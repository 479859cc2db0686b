"""Asking providers to change what was said. All of it may be asked twice without harm, so nothing is ever unknown."""

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet

from channels_app import seats
from channels_app.outcomes import RETRY_SECONDS
from conversations import amending
from conversations.locks import lock_customer_row
from conversations.models import Amendment, Message
from helpdesk.lib import clock, markup
from helpdesk.lib.inbound import Party
from helpdesk.lib.outbound import SendError

log = logging.getLogger(__name__)

State = Amendment.State
# Whoever began to ask so long ago has died.
ABANDONED = timedelta(seconds=90)
ATTEMPTS_MAX = 5


def due() -> "QuerySet[Amendment]":
    """What waits for its time, and what a process that died left behind; oldest first."""
    now = clock.real()
    waiting = Q(state=State.WAITING, next_try_at__lte=now)
    return Amendment.objects.filter(waiting | Q(state=State.ASKING, next_try_at__lte=now - ABANDONED)).order_by("pk")


def amend(pk: int) -> str:
    """Ask for one change if it is its turn; return its state afterwards. The request goes out outside a transaction."""
    channel_id = Amendment.objects.values_list("message__channel_id", flat=True).get(pk=pk)
    with seats.seat(channel_id, (amending.AMEND, pk)) as has_seat:
        return _amend(pk, may=has_seat)


def _amend(pk: int, *, may: bool) -> str:
    if not may or not _claim(pk):
        return Amendment.objects.values_list("state", flat=True).get(pk=pk)
    row = Amendment.objects.select_related("message__channel", "message__entry", "message__thread__identity").get(pk=pk)
    try:
        _ask(row)
    except SendError as error:
        return _mark_failed(pk, error)
    return _mark(pk, State.DONE)


def _claim(pk: int) -> bool:
    """Take it in hand unless an earlier change of the same message is still under way."""
    row = Amendment.objects.get(pk=pk)
    earlier = Amendment.objects.filter(message_id=row.message_id, pk__lt=pk, state__in=amending.UNDER_WAY)
    if earlier.exists():
        return False
    changes = {"state": State.ASKING, "attempts": F("attempts") + 1, "next_try_at": clock.real()}
    return bool(due().order_by().filter(pk=pk).update(**changes))


def _ask(row: Amendment) -> None:
    message, identity = row.message, row.message.thread.identity
    channel, adapter = message.channel, message.channel.adapter
    party = Party(kind=identity.kind, value=identity.value, realm=identity.realm)
    names = amending.arrived(message)
    if row.act == Amendment.Act.REACT:
        adapter.react(channel, party, names[0], row.value)
    elif row.act == Amendment.Act.EDIT:
        leaving = markup.leaving(row.value, channel.capabilities.markup, is_marked=message.entry.is_marked)
        adapter.edit_marked(channel, party, _spoken_name(message), leaving.part(0, len(row.value)).stripped())
    elif row.act in amending.HIDINGS:
        adapter.hide(channel, names[0], is_hidden=row.act == Amendment.Act.HIDE)
    else:
        for name in names:
            adapter.withdraw(channel, party, name)


def _spoken_name(message: Message) -> str:
    parts = message.deliveries.order_by("-pk").values_list("parts__external_id", "parts__piece", "parts__state")
    return next(name for name, piece, state in parts if name and piece.get("text") and state in amending.ARRIVED)


def _mark_failed(pk: int, error: SendError) -> str:
    row = Amendment.objects.get(pk=pk)
    is_passing = error.retryable or error.maybe_sent
    if is_passing and row.attempts < ATTEMPTS_MAX:
        seconds = error.retry_after_seconds or RETRY_SECONDS[min(row.attempts, len(RETRY_SECONDS)) - 1]
        return _mark(pk, State.WAITING, error, clock.real() + timedelta(seconds=seconds))
    log.info("A message could not be changed", extra={"amendment": pk, "code": error.code})
    return _mark(pk, State.FAILED, error)


def _mark(pk: int, state: str, error: SendError | None = None, next_try_at: object = None) -> str:
    with transaction.atomic():
        lock_customer_row(Amendment.objects.values_list("message__customer_id", flat=True).get(pk=pk))
        row = Amendment.objects.select_related("message__entry", "message__channel").get(pk=pk)
        if row.state != State.ASKING:
            return row.state
        row.state, row.error_code, row.error = state, "", ""
        if error is not None:
            row.error_code, row.error = error.code[:40], error.message[:500]
        row.next_try_at = next_try_at or row.next_try_at  # type: ignore[assignment]
        row.save(update_fields=["state", "error_code", "error", "next_try_at"])
        if state == State.FAILED:
            amending.put_back(row)
        else:
            amending.tell(row.message.entry, row)
        return state
