"""Which conversation an inbound message joins: the five steps (docs/decisions/0002)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop

from agents.models import Team, Workspace
from conversations import timeline, waiting
from conversations.locks import Moved
from conversations.models.conversation import Conversation, Participant, Topic
from conversations.models.message import Message
from conversations.models.thread import Thread
from conversations.reading import finding_sql
from conversations.reading.finding_sql import Sender
from customers.models import Customer, Identity
from helpdesk.lib import clock, sql
from helpdesk.lib.inbound import InboundMessage, Opening, Proof, Robot

ROUNDS = 5
TOPIC_MAX = 80
UNCONFIRMED = gettext_noop("The sender could not be confirmed")
FOREIGN_TOKEN = gettext_noop("This address answered a mail that was sent to somebody else")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message goes. conversation None: a new one. Both rows are locked.

    copies: which messages of this customer it may be a copy of; None where that was not read yet.
    is_listed: the conversation was made just now, with what a list shows once the message is on it.
    """

    identity: Identity
    customer: Customer
    thread: Thread | None
    conversation: Conversation | None
    reopens: bool = False
    warning: str = ""
    detail: str = ""
    workspace: Workspace | None = None
    copies: finding_sql.Copies | None = None
    is_listed: bool = False


def find_or_open(channel: Any, identity: Identity, inbound: InboundMessage) -> Place:
    """Find the place of a message, making thread and conversation where there are none."""
    return open_place(channel, find(channel, identity, inbound), inbound)


def find(channel: Any, identity: Identity, inbound: InboundMessage) -> Place:
    """Find the place of a message and lock it: customers by pk, then the conversation.

    Inside a transaction. Looks under the lock of the customer that the identity had; when the
    answer names another one it frees the lock and starts over with both. Raises Moved after
    five rounds, or at once when a message that names no thread finds its sender moved: rare enough
    to be tried again by whoever opened the transaction, and no savepoint is made for it.
    """
    also: set[int] = set()
    for _round in range(ROUNDS):
        savepoint = transaction.savepoint() if inbound.thread_key else None
        locked = {identity.customer_id} | also
        finding_sql.lock_customers(locked)
        sender = finding_sql.read_sender(identity, channel, inbound)
        place = _look(channel, sender, inbound)
        identity, also = place.identity, {place.customer.pk}
        if also | {identity.customer_id} <= locked and place.customer.merged_into_id is None:
            if savepoint is not None:
                transaction.savepoint_commit(savepoint)
            return _lock_conversation(place)
        if savepoint is None:
            break
        transaction.savepoint_rollback(savepoint)
    raise Moved(f"Identity {identity.pk} keeps moving.")


def open_place(channel: Any, place: Place, inbound: InboundMessage, at: datetime | None = None) -> Place:
    """Make what the place lacks: the conversation, the thread. The customer is locked.

    at: when the message was said, if its entry is recorded next: a new conversation and thread are written as they
    will be then. To write them again costs each index of theirs once more.
    """
    is_listed = place.conversation is None and at is not None and inbound.robot == Robot.NONE
    conversation = place.conversation or _new_conversation(channel, place, inbound, at if is_listed else None)
    thread = place.thread or _new_thread(channel, place.identity, conversation, inbound, at)
    if thread.conversation_id != conversation.pk:
        thread.conversation = conversation
        thread.save(update_fields=["conversation"])
    return replace(place, conversation=conversation, thread=thread, is_listed=is_listed)


def _new_conversation(channel: Any, place: Place, inbound: InboundMessage, at: datetime | None) -> Conversation:
    conversation = Conversation(
        customer=place.customer,
        brand=channel.brand,
        team=_team(channel, inbound.opening),
        topic=_topic(inbound.opening),
        subject=(inbound.opening.subject or inbound.subject)[:998],
        warning=place.warning,
        is_quiet=inbound.robot != Robot.NONE,
    )
    if at is not None:
        conversation.last_entry_at, conversation.last_channel_kind = at, channel.icon
        conversation.last_preview = timeline.preview(inbound.text, inbound.subject)
        # The customer is locked: nobody takes their next number before the entry does.
        conversation.last_inbound_seq = place.customer.last_seq + 1
        waiting.wrote(conversation, at, place.workspace)
    sql.insert(conversation)
    return conversation


def _team(channel: Any, opening: Opening) -> Team | None:
    """Return whose queue it waits in: the channel's, unless another was named that is still there."""
    own: Team | None = channel.default_team
    return (Team.objects.filter(pk=opening.team).first() or own) if opening.team else own


def _topic(opening: Opening) -> Topic | None:
    name = opening.topic[:TOPIC_MAX]
    return Topic.objects.get_or_create(parent=None, name=name)[0] if name else None


def _new_thread(
    channel: Any, identity: Identity, conversation: Conversation, inbound: InboundMessage, at: datetime | None
) -> Thread:
    thread = Thread(
        channel=channel,
        identity=identity,
        conversation=conversation,
        kind=inbound.thread_kind,
        external_id=_thread_key(channel, inbound),
        subject=inbound.subject[:998],
        last_in_at=at,
    )
    sql.insert(thread)
    return thread


def _thread_key(channel: Any, inbound: InboundMessage) -> str:
    key: str = channel.adapter.new_thread_key()
    return key or inbound.thread_key or inbound.sender.value


def _lock_conversation(place: Place) -> Place:
    if place.conversation is None:
        return place
    return replace(place, conversation=finding_sql.lock_conversation(place.conversation.pk))


def _look(channel: Any, sender: Sender, inbound: InboundMessage) -> Place:
    """The five steps."""
    identity = sender.identity
    new = Place(
        identity, identity.customer, None, None, workspace=sender.workspace, copies=sender.copies,
        warning=inbound.opening.warning,
    )  # fmt: skip
    if inbound.proof == Proof.FAILED:
        return replace(new, warning=UNCONFIRMED, detail=inbound.proof_detail)
    thread, issued_to = _thread_of(channel, inbound)
    is_ours = thread is not None and _may_use(thread, issued_to, identity, inbound)
    if thread is not None:
        joined = _join_thread(new, thread, inbound, is_ours=is_ours)
        if joined is not None:
            return joined
        if not is_ours:
            return replace(new, warning=FOREIGN_TOKEN, detail=identity.label)
    if inbound.robot != Robot.NONE or not _is_trusted(channel, thread, inbound):
        return replace(new, thread=thread)
    return _join_customer(channel, replace(new, thread=thread), is_parallel=sender.is_parallel)


def _thread_of(channel: Any, inbound: InboundMessage) -> tuple[Thread | None, int | None]:
    """The thread a message travels on, and the customer it was issued to.

    A token is good on every mailbox, a chat id on its own.
    """
    if not inbound.thread_key:
        return None, None
    is_token = inbound.proof == Proof.TOKEN
    return finding_sql.find_thread(channel, inbound.thread_key, is_token=is_token) or (None, None)


def _may_use(thread: Thread, issued_to: int | None, identity: Identity, inbound: InboundMessage) -> bool:
    """Whether the sender is who the thread was issued to, or the same customer, verified."""
    if inbound.proof != Proof.TOKEN or identity.pk == thread.identity_id:
        return True
    return identity.customer_id == issued_to and identity.is_verified


def _join_thread(new: Place, thread: Thread, inbound: InboundMessage, *, is_ours: bool) -> Place | None:
    """Steps 1 and 2: the thread's conversation, open or lately resolved."""
    conversation = thread.conversation
    if conversation is None:
        return None
    is_theirs = conversation.customer_id == new.identity.customer_id
    if not (is_theirs and is_ours) and not _takes_part(conversation, new.identity):
        return None
    place = replace(new, thread=thread, conversation=conversation)
    if not is_theirs:
        place = replace(place, customer=conversation.customer, copies=None)
    if inbound.robot != Robot.NONE or not conversation.is_resolved:
        return place
    return replace(place, reopens=True) if _is_recent(conversation, new.workspace) else None


def _takes_part(conversation: Conversation, identity: Identity) -> bool:
    return Participant.objects.filter(conversation=conversation, identity=identity).exists()


def _is_recent(conversation: Conversation, workspace: Workspace | None) -> bool:
    window = timedelta(days=(workspace or Workspace.get()).reopen_days)
    return conversation.resolved_at is not None and conversation.resolved_at > clock.now() - window


def _is_trusted(channel: Any, thread: Thread | None, inbound: InboundMessage) -> bool:
    # A well-signed token whose thread is gone tells nothing about who sent it.
    is_token = inbound.proof == Proof.TOKEN and thread is not None
    return inbound.proof == Proof.PROVEN or is_token or bool(channel.join_unproven)


def _join_customer(channel: Any, new: Place, *, is_parallel: bool) -> Place:
    """Steps 3 to 5: the customer's own work, the thread's last, or a new conversation."""
    if not (is_parallel or channel.brand.allows_parallel_conversations):
        latest = finding_sql.latest_open(new.customer.pk, channel.brand_id)
        if latest is not None:
            return replace(new, conversation=latest)
    last = _last_of_thread(new.thread)
    if last is not None and last.customer_id == new.customer.pk and _is_recent(last, new.workspace):
        return replace(new, conversation=last, reopens=last.is_resolved)
    return new


def _last_of_thread(thread: Thread | None) -> Conversation | None:
    if thread is None:
        return None
    last = (
        Message.objects.filter(thread=thread)
        .exclude(entry__conversation=None)
        .select_related("entry__conversation__customer")
        .order_by("-entry__seq")
        .first()
    )
    return last.entry.conversation if last is not None else None
