"""What customers said: messages, buttons they pressed, forms, orders, stories, comments."""

from typing import TYPE_CHECKING, Any

from conversations.filing import Arrival, file_message
from conversations.models.thread import Thread
from helpdesk.lib.events import Event
from helpdesk.lib.inbound import InboundMessage, Party, Proof

if TYPE_CHECKING:
    from conversations.events.filing import Happening


def file(happening: "Happening") -> bool:
    """Put it on its customer's timeline; return whether it is new. Raises ValueError for an impossible sender."""
    event, channel = happening.event, happening.channel
    arrival = Arrival(channel, message_of(event, channel), happening.received_at, happening.raw_id, happening.place)
    entry, is_new = file_message(arrival)
    if is_new and event.hints:
        Thread.objects.filter(pk=entry.message.thread_id).update(hints=event.hints)
    return is_new


def message_of(event: Event, channel: Any) -> InboundMessage:
    """Write an event as a message from its customer."""
    sender: Party = channel.adapter.party_of(event, channel)
    return InboundMessage(
        sender=sender,
        external_id=event.message_id,
        text=event.text,
        thread_key=event.conversation_id or sender.value,
        occurred_at=event.occurred_at,
        proof=Proof.PROVEN,
        in_reply_to=event.reply_to,
        language=event.language,
    )
