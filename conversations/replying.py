"""Writing on a conversation: answers that leave, notes that stay."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from agents.models import Agent
from conversations import drafts, mentions, timeline, waiting
from conversations.locks import lock_customer
from conversations.models.delivery import Delivery, DeliveryPart
from conversations.models.draft import Draft
from conversations.models.entry import Entry
from conversations.models.message import Message, Recipient
from conversations.models.thread import Thread
from customers import quiet
from customers.models import Customer, Identity
from customers.normalise import normalise
from helpdesk.lib import clock
from helpdesk.lib.outbound import OutboundFile, OutboundTemplate, Route
from helpdesk.lib.queue import ring

if TYPE_CHECKING:
    from conversations.models.conversation import Conversation

DELIVER = "channels_app.deliver"
TEMPLATE_MAX = 120


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as the composer gives it. hold_seconds: undo is possible that long.

    In the customer's quiet hours it waits until they end, unless a person decides otherwise (despite_quiet).
    template: the approved text of which `text` is what the customer reads. is_split: a long text may go in several.
    """

    text: str
    to: Route
    html: str = ""
    files: tuple[OutboundFile, ...] = ()
    template: OutboundTemplate | None = None
    is_split: bool = False
    is_public: bool = False
    client_id: str = ""
    seen_seq: int | None = None
    hold_seconds: int = 0
    send_at: datetime | None = None
    despite_quiet: bool = False


class StaleSend(Exception):
    """Somebody else wrote since the author last looked; `entry` is what they have not seen."""

    def __init__(self, entry: Entry) -> None:
        super().__init__("Somebody else wrote in the meantime.")
        self.entry = entry


class ClientIdTaken(Exception):
    """The client_id names something of another author or conversation."""


class NoWay(Exception):
    """The route leads nowhere: wrong identity, opted out, or nothing to say."""


def reply(conversation: "Conversation", new: Reply, *, by: Agent | None) -> Entry:
    """Record an answer and queue its delivery in one transaction. See Conversation.reply."""
    if not new.text.strip() and not new.files:
        raise NoWay("There is nothing to send.")
    with lock_customer(conversation) as (customer, locked):
        earlier = _same(new.client_id, locked, by)
        if earlier is not None:
            return earlier
        _refuse_stale(locked, new.seen_seq, by)
        if by is not None and new.seen_seq is not None:
            drafts.refuse_taken(locked, Draft.Mode.REPLY, new.client_id, by=by)
        identity = _identity(customer, new.to)
        new = _at_their_time(customer, new)
        entry = _record(customer, locked, identity, new, by)
        _queue(entry, identity, new)
        if not entry.data.get("held"):
            waiting.answered(locked, entry)
        if by is not None:
            drafts.close(locked, Draft.Mode.REPLY, new.client_id, by=by)
        return entry


def note(conversation: "Conversation", *, by: Agent, text: str, client_id: str = "") -> Entry:
    """Record what only the team sees. Raises ClientIdTaken, NoWay."""
    if not text.strip():
        raise NoWay("The note is empty.")
    with lock_customer(conversation) as (customer, locked):
        earlier = _same(client_id, locked, by)
        if earlier is not None:
            return earlier
        drafts.close(locked, Draft.Mode.NOTE, client_id, by=by)
        named = mentions.named_in(text, locked, by=by)
        names = {"mentions": [agent.name for agent in named]} if named else {}
        entry = timeline.record(
            timeline.New(
                kind=Entry.Kind.NOTE,
                customer=customer,
                conversation=locked,
                by=by,
                data={"text": text, **names},
                client_id=client_id,
            )
        )
        mentions.keep(entry, named)
        return entry


def _at_their_time(customer: Customer, new: Reply) -> Reply:
    """Let an answer wait for the end of the quiet hours that it would arrive in."""
    end = None if new.despite_quiet else quiet.until(customer, max(filter(None, (clock.real(), new.send_at))))
    return replace(new, send_at=end) if end else new


def _same(client_id: str, conversation: "Conversation", by: Agent | None) -> Entry | None:
    """Return what an earlier POST with this client_id made. Raises ClientIdTaken."""
    if not client_id:
        return None
    earlier = Entry.objects.filter(client_id=client_id).first()
    if earlier is None:
        return None
    if earlier.by_id != (by.pk if by else None) or earlier.conversation_id != conversation.pk:
        raise ClientIdTaken(client_id)
    return earlier


def _refuse_stale(conversation: "Conversation", seen_seq: int | None, by: Agent | None) -> None:
    if seen_seq is None:
        return
    missed = Entry.objects.filter(conversation=conversation, visibility=Entry.Visibility.PUBLIC, seq__gt=seen_seq)
    if by is not None:
        missed = missed.exclude(by=by)
    newest = missed.exclude(data__has_key="undone").order_by("-seq").first()
    if newest is not None:
        raise StaleSend(newest)


def _identity(customer: Customer, to: Route) -> Identity:
    identity = Identity.objects.filter(pk=to.identity_id, customer=customer).first()
    if identity is None:
        raise NoWay("This address is not one of the customer's.")
    if identity.opted_out_at is not None:
        raise NoWay("The customer does not want to be written to on this address.")
    return identity


def _refuse_unwanted(kind: str, address: str) -> None:
    if Identity.objects.filter(kind=kind, value=address).exclude(opted_out_at=None).exists():
        raise NoWay("Somebody who is to get a copy does not want to be written to.")


def _record(
    customer: Customer,
    conversation: "Conversation",
    identity: Identity,
    new: Reply,
    by: Agent | None,
) -> Entry:
    is_held = bool(new.hold_seconds or new.send_at)
    thread = _thread(conversation, identity, new.to)
    last_in = _last_in(thread)
    return timeline.record_message(
        timeline.New(
            kind=Entry.Kind.MESSAGE,
            customer=customer,
            conversation=conversation,
            by=by,
            visibility=Entry.Visibility.PUBLIC,
            client_id=new.client_id,
            data=_data(new, is_held=is_held),
            is_done=is_held,
        ),
        timeline.NewMessage(
            thread=thread,
            direction=Message.Direction.OUT,
            text=new.text,
            html=new.html,
            subject=_subject(new, thread, conversation),
            in_reply_to=(last_in.external_id or "") if last_in else "",
            template=new.template.name[:TEMPLATE_MAX] if new.template else "",
            addresses=_addresses(identity, customer, new.to),
            files=new.files,
        ),
    )


def _data(new: Reply, *, is_held: bool) -> dict[str, Any]:
    """Return what is kept beside the message: who sends it needs it later."""
    flags = {"held": is_held, "despite_quiet": new.despite_quiet, "is_split": new.is_split}
    data: dict[str, Any] = {name: True for name, is_set in flags.items() if is_set}
    return {**data, "template": asdict(new.template)} if new.template else data


def _thread(conversation: "Conversation", identity: Identity, to: Route) -> Thread:
    """Return the exchange to go on with: the newest with this identity on this channel."""
    mine = Thread.objects.filter(channel_id=to.channel_id, identity=identity)
    newest = mine.filter(conversation=conversation).order_by("-last_in_at", "-pk").first()
    if newest is not None:
        return newest
    thread = Thread(channel_id=to.channel_id, identity=identity, conversation=conversation, subject=to.subject)
    key: str = thread.channel.adapter.new_thread_key()
    if not key:
        existing = mine.order_by("-pk").first()
        if existing is not None:
            existing.conversation = conversation
            existing.save(update_fields=["conversation"])
            return existing
    thread.external_id = key or identity.value
    thread.save()
    return thread


def _last_in(thread: Thread) -> Message | None:
    rows = Message.objects.filter(thread=thread, direction=Message.Direction.IN)
    return rows.order_by("-entry__seq").first()


def _subject(new: Reply, thread: Thread, conversation: "Conversation") -> str:
    subject = " ".join((new.to.subject or thread.subject or conversation.subject).split())
    if not subject or new.to.subject or subject.lower().startswith("re:"):
        return subject
    return f"Re: {subject}"


def _addresses(identity: Identity, customer: Customer, to: Route) -> tuple[tuple[str, str, str, Identity | None], ...]:
    rows: list[tuple[str, str, str, Identity | None]] = [(Recipient.Role.TO, identity.value, customer.name, identity)]
    for role, addresses in ((Recipient.Role.CC, to.cc), (Recipient.Role.BCC, to.bcc)):
        for address in addresses:
            try:
                spelled = normalise(identity.kind, address)
            except ValueError as error:
                raise NoWay(str(error)) from error
            _refuse_unwanted(identity.kind, spelled)
            rows.append((role, spelled, "", None))
    return tuple(rows)


def _queue(entry: Entry, identity: Identity, new: Reply) -> Delivery:
    message = entry.message
    now = clock.real()
    hold_until = now + timedelta(seconds=new.hold_seconds) if new.hold_seconds else None
    delivery = Delivery.objects.create(
        message=message,
        channel_id=message.channel_id,
        route=_plain(new.to),
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
        )
        for position, row in enumerate(message.recipients.all())
    )
    wait = (delivery.next_try_at - now).total_seconds()
    ring(DELIVER, delivery.pk, countdown_seconds=wait if wait > 0 else None)
    return delivery


def _plain(route: Route) -> dict[str, Any]:
    return asdict(route)


def send_now(entry: Entry) -> None:
    """End the time in which an answer can be taken back, or the wait for the end of quiet hours."""
    held = Delivery.objects.filter(message_id=entry.pk, state=Delivery.State.QUEUED, attempts=0)
    delivery = held.first()
    if delivery is not None and entry.conversation is not None:
        with lock_customer(entry.conversation):
            held.update(hold_until=None, send_at=None, next_try_at=clock.real())
            timeline.touch(entry, data={**entry.data, "despite_quiet": True})
            ring(DELIVER, delivery.pk)


def retry(entry: Entry) -> bool:
    """Send again what failed, or what may not have been sent, because a person says so.

    A new delivery with a new key; the old one keeps what happened. False: nothing to repeat.
    """
    assert entry.conversation is not None
    with lock_customer(entry.conversation):
        last = Delivery.objects.filter(message_id=entry.pk).order_by("-pk").first()
        if last is None or last.state not in {Delivery.State.FAILED, Delivery.State.UNKNOWN}:
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
            )
            for part in unsent
        )
        timeline.touch(entry)
        ring(DELIVER, again.pk)
        return True
