"""What customers said: messages, buttons they pressed, forms, orders, stories, comments."""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import F
from django.db.models.functions import Coalesce, Greatest

from conversations import timeline
from conversations.events import consent, files, keeping, linking, wording, writing
from conversations.filing import Arrival, file_message
from conversations.models.conversation import Conversation, Participant
from conversations.models.entry import Entry
from conversations.models.thread import Thread
from customers.identify import Profile, identify
from helpdesk.lib.inbound import InboundMessage

if TYPE_CHECKING:
    from conversations.events.happening import Happening


def file(happening: "Happening") -> bool:
    """Put it on its customer's timeline; return whether it is new. Raises ValueError for an impossible sender.

    Inside a transaction; locks the customer. What came before it (edits, reactions, its deletion) is done to it.
    """
    inbound = writing.message_of(happening)
    was_known = linking.bind(happening)
    if inbound.thread_kind == Thread.Kind.GROUP:
        _take_part(happening, inbound)
    data = wording.data_of(happening.event)
    arrival = Arrival(happening.channel, inbound, happening.received_at, happening.raw_id, happening.place, data)
    entry, is_new = file_message(arrival)
    sender = entry.message.sender
    if sender is not None:
        linking.link_aliases(happening, sender, is_told=was_known)
    if is_new:
        files.keep(entry, happening.event.files)
        _show_line(entry, happening)
        _note_on_thread(entry, happening)
        consent.heed(happening, entry)
        if happening.own_name:
            keeping.apply_kept(entry.message, happening.own_name)
    return is_new


def _take_part(happening: "Happening", inbound: InboundMessage) -> None:
    """Let whoever speaks in a group take part in its conversation, whosever it is."""
    thread = Thread.objects.filter(channel=happening.channel.pk, external_id=inbound.thread_key).first()
    if thread is None or thread.conversation_id is None:
        return
    sender = inbound.sender
    identity, _created = identify(sender.kind, sender.value, Profile(name=sender.name), realm=sender.realm)
    if Conversation.objects.filter(pk=thread.conversation_id).exclude(customer=identity.customer_id).exists():
        Participant.objects.get_or_create(conversation_id=thread.conversation_id, identity=identity)


def _show_line(entry: Entry, happening: "Happening") -> None:
    """Give lists a line of a message that has no words."""
    line = files.line_of(happening.event.files) or str(entry.data.get("warning_detail", ""))
    if line and not entry.message.text and entry.conversation_id is not None:
        rows = Conversation.objects.filter(pk=entry.conversation_id, last_preview="")
        rows.update(last_preview=line[: timeline.PREVIEW_CHARACTERS])


def _note_on_thread(entry: Entry, happening: "Happening") -> None:
    """Move the end of the time to answer, and keep what the adapter wants to find again when it sends."""
    channel, rows = happening.channel, Thread.objects.filter(pk=entry.message.thread_id)
    hours = channel.adapter.capabilities_of(channel).reply_window_hours
    if hours and entry.message.thread.kind != Thread.Kind.COMMENT:
        # An older message that came late does not shorten it.
        until = entry.occurred_at + timedelta(hours=hours)
        rows.update(reply_window_until=Greatest(Coalesce(F("reply_window_until"), until), until))
    if happening.event.hints:
        rows.update(hints=happening.event.hints)
