"""Putting one inbound message on a timeline: copy? place? entry. One transaction, made by intake."""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from conversations import changes, statuses, timeline, waiting
from conversations.models.conversation import Conversation
from conversations.models.entry import Entry
from conversations.models.message import Message, Recipient
from conversations.reading import finding_sql
from conversations.threading import Place, find, open_place
from customers.identify import Profile, identify
from customers.identify import find as find_identity
from customers.models import Customer, Identity
from helpdesk.lib.inbound import InboundMessage, InboundRecipient, Party, Robot
from helpdesk.lib.names import clean_name


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message with the circumstances of its coming. place: the raw event's number; data: what its entry keeps too."""

    channel: Any
    inbound: InboundMessage
    received_at: datetime
    raw_id: int | None = None
    place: int = 0
    data: dict[str, Any] = field(default_factory=dict)


def file_message(arrival: Arrival) -> tuple[Entry, bool]:
    """Put a message on its customer's timeline: (entry, is new).

    Inside a transaction; locks the customer and the conversation. The same message filed
    twice, or by two workers at once, is one entry. Raises ValueError for an impossible sender.
    """
    bounced = _bounced(arrival.inbound)
    if bounced is not None:
        return _file_bounce(arrival, bounced)
    place = find(arrival.channel, _identify(arrival), arrival.inbound)
    copy, is_taken = find_copy(arrival.channel, place.customer, arrival.inbound, place.copies)
    if copy is not None:
        _note_copy(copy, arrival.channel)
        return copy.entry, False
    occurred_at = timeline.moment(arrival.inbound.occurred_at, arrival.received_at, arrival.place)
    place = open_place(arrival.channel, place, arrival.inbound, occurred_at)
    entry = _record(arrival, place, occurred_at, is_taken=is_taken)
    _wake(arrival, place, entry)
    return entry, True


def find_copy(
    channel: Any, customer: Customer, inbound: InboundMessage, copies: finding_sql.Copies | None = None
) -> tuple[Message | None, bool]:
    """Return the message that this one is a copy of, and whether its id is taken on this channel.

    A copy has the same id and body, on any mailbox. copies: what was read already of this customer's.
    """
    wanted = inbound.external_id[: finding_sql.ID_MAX]
    found, holder = copies or finding_sql.find_copies(channel.pk, customer.pk, inbound.fingerprint, wanted)
    if not inbound.fingerprint:
        # An id that was cut short names no message for certain.
        found = holder if wanted == inbound.external_id else None
    copy = Message.objects.select_related("entry").get(pk=found) if found is not None else None
    return copy, holder is not None


def _identify(arrival: Arrival) -> Identity:
    sender = arrival.inbound.sender
    profile = Profile(
        name=sender.name,
        language=arrival.inbound.language,
        display=sender.as_written if sender.as_written != sender.value else "",
        is_third_party=arrival.inbound.robot != Robot.NONE,
    )
    return identify(sender.kind, sender.value, profile, realm=sender.realm)[0]


def _note_copy(copy: Message, channel: Any) -> None:
    """Remember that the same mail reached another mailbox of ours too."""
    if channel.pk == copy.channel_id or channel.pk in copy.also_on:
        return
    copy.also_on = [*copy.also_on, channel.pk]
    copy.save(update_fields=["also_on"])
    timeline.touch(copy.entry)


def _record(arrival: Arrival, place: Place, occurred_at: datetime, *, is_taken: bool) -> Entry:
    inbound, conversation = arrival.inbound, place.conversation
    assert conversation is not None and place.thread is not None
    external_id, is_reused = _free_id(inbound, is_taken=is_taken)
    if inbound.robot == Robot.NONE and not place.is_listed:
        # Written with what a list shows, by record_message.
        waiting.wrote(conversation, occurred_at, place.workspace)
    entry = timeline.record_message(
        timeline.New(
            kind=Entry.Kind.MESSAGE,
            customer=place.customer,
            conversation=conversation,
            actor=Entry.Actor.CUSTOMER,
            visibility=Entry.Visibility.PUBLIC,
            occurred_at=occurred_at,
            data={**_data(inbound, place), **arrival.data},
            raw_id=arrival.raw_id,
        ),
        _message(arrival, place, external_id, is_reused),
    )
    if place.identity.customer_id != place.customer.pk:
        _point_at(entry, place.identity)
    return entry


def _message(arrival: Arrival, place: Place, external_id: str | None, is_reused: bool) -> timeline.NewMessage:
    inbound = arrival.inbound
    assert place.thread is not None
    return timeline.NewMessage(
        thread=place.thread,
        direction=Message.Direction.IN,
        text=inbound.text,
        html=inbound.html,
        quoted=inbound.quoted,
        subject=inbound.subject,
        language=inbound.language,
        sender=place.identity,
        external_id=external_id,
        is_id_reused=is_reused,
        fingerprint=inbound.fingerprint or None,
        in_reply_to=inbound.in_reply_to,
        has_remote_images=inbound.has_remote_images,
        addresses=_addresses(inbound, place.identity),
        files=inbound.files,
        heard_at=arrival.received_at,
        is_listed=place.is_listed,
    )


def _addresses(inbound: InboundMessage, sender: Identity | None) -> tuple[tuple[str, str, str, Identity | None], ...]:
    first = (Recipient.Role.FROM, inbound.sender.value, clean_name(inbound.sender.name), sender)
    return (first, *(_address(row) for row in inbound.recipients))


def _address(row: InboundRecipient) -> tuple[str, str, str, Identity | None]:
    return (row.role, row.party.value, clean_name(row.party.name), _known(row.party))


def _known(party: Party) -> Identity | None:
    try:
        return find_identity(party.kind, party.value, realm=party.realm)
    except ValueError:
        return None


def _data(inbound: InboundMessage, place: Place) -> dict[str, Any]:
    """Keep only what somebody may ask about later: why it is here and what to beware of."""
    data: dict[str, Any] = {"proof": inbound.proof.value}
    if inbound.proof_detail:
        data["proof_detail"] = inbound.proof_detail
    if place.warning:
        data |= {"warning": place.warning, "warning_detail": place.detail}
    if inbound.robot != Robot.NONE:
        data["robot"] = inbound.robot.value
    if inbound.warnings:
        data["parse_warnings"] = list(inbound.warnings)
    return data


def _free_id(inbound: InboundMessage, *, is_taken: bool) -> tuple[str | None, bool]:
    """Return the id to keep; one that another body has taken gets a suffix."""
    wanted = inbound.external_id[: finding_sql.ID_MAX]
    if not wanted:
        return None, False
    if not is_taken:
        return wanted, False
    body = f"{inbound.fingerprint}\0{inbound.sender.value}\0{inbound.text}"
    return f"{wanted}#{hashlib.sha256(body.encode()).hexdigest()[:12]}", True


def _wake(arrival: Arrival, place: Place, entry: Entry) -> None:
    """The customer wrote: what slept or waited is open again."""
    conversation = place.conversation
    assert conversation is not None
    if arrival.inbound.robot != Robot.NONE:
        return
    asleep = {Conversation.Status.WAITING, Conversation.Status.SNOOZED}
    if place.reopens or conversation.status in asleep:
        changes.reopen_locked(place.customer, conversation, cause=entry, actor=Entry.Actor.CUSTOMER)


def _point_at(entry: Entry, identity: Identity) -> None:
    """A participant wrote on somebody else's conversation: their own timeline says so."""
    timeline.record(
        timeline.New(
            kind=Entry.Kind.TOOK_PART,
            customer=identity.customer,
            actor=Entry.Actor.CUSTOMER,
            occurred_at=entry.occurred_at,
            # No raw event: whoever sees this timeline may not be allowed to read that conversation.
            data={"conversation": entry.conversation_id, "with_entry": entry.pk},
        )
    )


def _bounced(inbound: InboundMessage) -> Message | None:
    """The mail of ours that a delivery report speaks of; its id carries our signature."""
    if inbound.bounce is None or not inbound.bounce.message_id:
        return None
    return (
        Message.objects.select_related("entry__conversation", "thread__identity", "customer")
        .filter(external_id=inbound.bounce.message_id, direction=Message.Direction.OUT)
        .first()
    )


def _file_bounce(arrival: Arrival, bounced: Message) -> tuple[Entry, bool]:
    """A delivery report goes where the mail was written; it wakes nobody and makes nobody."""
    identity = bounced.thread.identity
    customer = Customer.objects.select_for_update(no_key=True).get(pk=bounced.customer_id)
    copy, is_taken = find_copy(arrival.channel, customer, arrival.inbound)
    if copy is not None:
        return copy.entry, False
    conversation = bounced.entry.conversation
    if conversation is not None:
        rows = Conversation.objects.select_for_update(no_key=True)
        conversation = rows.get(pk=conversation.pk)
    place = Place(identity, customer, bounced.thread, conversation)
    external_id, is_reused = _free_id(arrival.inbound, is_taken=is_taken)
    new = timeline.New(
        kind=Entry.Kind.MESSAGE,
        customer=customer,
        conversation=conversation,
        actor=Entry.Actor.SYSTEM,
        visibility=Entry.Visibility.INTERNAL,
        occurred_at=timeline.moment(arrival.inbound.occurred_at, arrival.received_at),
        data={**_data(arrival.inbound, place), "bounces": bounced.pk},
        raw_id=arrival.raw_id,
    )
    said = replace(_message(arrival, place, external_id, is_reused), heard_at=None)
    entry = timeline.record_message(new, said)
    if arrival.inbound.bounce is not None:
        statuses.bounced(bounced, arrival.inbound.bounce)
    return entry, True
