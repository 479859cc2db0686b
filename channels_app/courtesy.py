"""Telling a provider that somebody reads or types, or that a press came. Nothing depends on it."""

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from agents.models import Workspace
from channels_app import seats
from channels_app.models import Channel
from conversations.models import Message
from helpdesk.lib.events import Event, EventKind
from helpdesk.lib.inbound import Party
from helpdesk.lib.outbound import SendError
from helpdesk.lib.queue import ring

if TYPE_CHECKING:
    from channels_app.adapters._base import Adapter

log = logging.getLogger(__name__)
ACKNOWLEDGE = "channels_app.acknowledge"
Telling = Callable[["Adapter", Channel, Party, str], None]


def mark_read(conversation: int) -> None:
    """Say that their newest message was seen, where the channel shows that."""
    newest = _newest(conversation)
    if newest is not None and newest.channel.capabilities.has_read_receipts:
        _tell(newest, lambda adapter, *whom: adapter.mark_read(*whom))


def typing(conversation: int) -> None:
    """Show that somebody types, where the channel can."""
    newest = _newest(conversation)
    if newest is not None and newest.channel.capabilities.has_typing:
        _tell(newest, lambda adapter, *whom: adapter.typing(*whom))


def ask_to_acknowledge(channel: Channel, event: Event) -> None:
    """Let a worker tell the provider, after commit, that a press of a button came, where its app waits for that."""
    if event.kind == EventKind.POSTBACK and event.message_id and channel.capabilities.has_acknowledgements:
        ring(ACKNOWLEDGE, channel.pk, event.message_id)


def acknowledge(channel: int, event_id: str) -> None:
    """Say that a press of a button came. Once, now or never: in a minute nobody waits for it any more."""
    row = Channel.objects.get(pk=channel)
    if row.state != Channel.State.ACTIVE or Workspace.held().exists():
        return
    try:
        row.adapter.acknowledge(row, event_id)
    except SendError as error:
        log.info("A press was not acknowledged", extra={"channel": channel, "code": error.code})


def _newest(conversation: int) -> Message | None:
    """Return the newest message by the customer, if its channel works and anything may leave."""
    rows = Message.objects.filter(entry__conversation=conversation, direction=Message.Direction.IN)
    newest = rows.select_related("channel", "thread__identity").order_by("-entry__seq").first()
    if newest is None or not newest.external_id or newest.channel.state != Channel.State.ACTIVE:
        return None
    return None if Workspace.held().exists() else newest


def _tell(newest: Message, telling: Telling) -> None:
    identity = newest.thread.identity
    party = Party(kind=identity.kind, value=identity.value, realm=identity.realm)
    try:
        # Nobody is rung for it: by then it would be too late.
        with seats.seat(newest.channel_id) as has_seat:
            if has_seat:
                telling(newest.channel.adapter, newest.channel, party, newest.external_id or "")
    except SendError as error:
        log.info("A courtesy was not taken", extra={"message_id": newest.pk, "code": error.code})
