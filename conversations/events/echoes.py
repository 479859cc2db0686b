"""What was sent in our name, told back by the provider: ours as we know it, or written in the provider's own app."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.db.models import F

from conversations import timeline, waiting
from conversations.events import files, linking, targets, wording, writing
from conversations.events.happening import Happening, keep, kept
from conversations.ladder import State, move_part, refresh
from conversations.locks import lock_customer_row
from conversations.models.conversation import Conversation
from conversations.models.delivery import Delivery, DeliveryPart, PendingStatus
from conversations.models.entry import Entry
from conversations.models.message import Message, Recipient
from conversations.models.thread import Thread
from conversations.threading import Place, find, open_place
from customers.identify import Profile, identify
from customers.models import Identity
from helpdesk.lib import clock
from helpdesk.lib.inbound import InboundMessage

# A sender that has not stored its answer by then never will.
WAIT = timedelta(seconds=60)
# How long an answer that we never saw may still be recognised by its words.
RECOGNISED_WITHIN = timedelta(days=2)
APP = "provider_app"


def file(happening: Happening) -> str:
    """Match an echo with what we sent, keep it while that is being sent, or put it on the timeline.

    filed, copy, or applied where it needs no entry. Locks the customer. Raises ValueError for an impossible recipient.
    """
    if not linking.sender_of(happening).value:
        return "ignored"
    identity = _recipient(happening)
    if _is_ours(happening, identity):
        return "applied"
    if _is_being_sent(happening.channel, identity):
        keep(happening, happening.own_name or happening.piece_key)
        return "applied"
    return "filed" if _file(happening, identity) else "copy"


def settle(row: PendingStatus) -> bool:
    """Deal with a kept echo, in a transaction; False while what it may be is still being sent."""
    happening = kept(row)
    identity = _recipient(happening)
    if not _is_ours(happening, identity):
        if _is_being_sent(row.channel, identity) and row.received_at > clock.real() - WAIT:
            return False
        if _file(happening, identity) and happening.raw_id is not None:
            raw: Any = Entry._meta.get_field("raw").related_model
            # The books (channels_app.reconcile): its delivery was finished without it.
            raw.objects.filter(pk=happening.raw_id).update(messages_count=F("messages_count") + 1)
    row.delete()
    return True


def _recipient(happening: Happening) -> Identity:
    """Return whom it went to, and lock their customer: whoever marks a delivery holds the same lock."""
    was_known = linking.bind(happening)
    party = linking.sender_of(happening)
    language = happening.event.language[:8]
    identity, _created = identify(party.kind, party.value, Profile(party.name, language), realm=party.realm)
    lock_customer_row(identity.customer_id)
    linking.link_aliases(happening, identity, is_told=was_known)
    return identity


def _is_ours(happening: Happening, identity: Identity) -> bool:
    """Whether it is something we sent; one whose answer we never saw is known to be sent by it."""
    channel, name = happening.channel, happening.own_name
    part = targets.find_part(channel.pk, name, happening.piece_key) or _unseen(happening, identity)
    if part is None:
        return targets.find_message(channel.pk, name) is not None
    part = targets.lock_part(part)
    targets.give_name(part, name)
    if part.delivery.state != State.SENDING and move_part(part, State.SENT):
        refresh(part.delivery)
    return True


def _unseen(happening: Happening, identity: Identity) -> DeliveryPart | None:
    """Return the like piece to the same person of which nobody knows whether it was sent."""
    parts = DeliveryPart.objects.filter(
        channel=happening.channel.pk, identity__customer=identity.customer_id, external_id=None, state=State.UNKNOWN,
        delivery__state=State.UNKNOWN, delivery__made_at__gt=happening.received_at - RECOGNISED_WITHIN,
    ).select_related("delivery__message__entry").order_by("pk")  # fmt: skip
    return next((part for part in parts if _is_like(part, happening)), None)


def _is_like(part: DeliveryPart, happening: Happening) -> bool:
    """Whether a piece has the words of an echo; without words, whether both are a file."""
    words, said = _folded(_words_of(part)), _folded(happening.event.text)
    if words or said:
        return words == said
    return bool(happening.event.files) and part.delivery.message.entry.attachments.exists()


def _words_of(part: DeliveryPart) -> str:
    message, span = part.delivery.message, part.piece.get("text")
    if not span and "attachment" in part.piece:
        return ""
    return message.leaving().part(*(span or (0, len(message.text)))).stripped().text


def _folded(text: str) -> str:
    return " ".join(text.split())


def _is_being_sent(channel: Any, identity: Identity) -> bool:
    """Whether something is on its way to them at this moment: its answer may name this very message."""
    sending = Delivery.objects.filter(channel=channel, state=State.SENDING)
    # By the customer: the echo may name another of their addresses.
    return sending.filter(parts__identity__customer=identity.customer_id).exists()


def _file(happening: Happening, identity: Identity) -> Entry | None:
    """Put it on the timeline as an answer that somebody of ours gave elsewhere; None where it is there already."""
    inbound = writing.message_of(happening)
    place = find(happening.channel, identity, inbound)
    if inbound.fingerprint and place.copies is not None and place.copies[0] is not None:
        return None
    entry = _record(happening, _opened(happening, place, inbound), inbound)
    files.keep(entry, happening.event.files)
    if entry.conversation is not None:
        waiting.answered(entry.conversation, entry)
    Thread.objects.filter(pk=entry.message.thread_id).update(last_out_at=clock.now())
    return entry


def _opened(happening: Happening, place: Place, inbound: InboundMessage) -> Place:
    is_new = place.conversation is None
    opened = open_place(happening.channel, place, inbound)
    if is_new and opened.conversation is not None:
        # We wrote first: it is the customer's turn.
        opened.conversation.status = Conversation.Status.WAITING
        opened.conversation.save(update_fields=["status"])
    return replace(opened, is_listed=False)


def _record(happening: Happening, place: Place, inbound: InboundMessage) -> Entry:
    assert place.thread is not None
    is_robot = bool(happening.event.details.get("is_automatic"))
    identity = place.identity
    new = timeline.New(
        kind=Entry.Kind.MESSAGE,
        customer=place.customer,
        conversation=place.conversation,
        actor=Entry.Actor.SYSTEM if is_robot else Entry.Actor.AGENT,
        visibility=Entry.Visibility.PUBLIC,
        occurred_at=timeline.moment(happening.event.occurred_at, happening.received_at, happening.place),
        data={**wording.data_of(happening.event), "event": "echo", "from": APP},
        raw_id=happening.raw_id,
    )
    said = timeline.NewMessage(
        thread=place.thread,
        direction=Message.Direction.OUT,
        text=inbound.text,
        external_id=inbound.external_id or None,
        fingerprint=inbound.fingerprint or None,
        in_reply_to=inbound.in_reply_to,
        addresses=((Recipient.Role.TO, identity.value, place.customer.name, identity),),
    )
    return timeline.record_message(new, said)
