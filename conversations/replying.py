"""Writing on a conversation: answers that leave, notes that stay."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypedDict

from django.utils.translation import gettext_noop as _

from agents.models import Agent
from conversations import drafts, exchanges, mentions, privately, queueing, timeline, waiting
from conversations.exchanges import NoWay
from conversations.locks import lock_customer
from conversations.models.draft import Draft
from conversations.models.entry import Entry
from conversations.models.message import Message, Recipient
from conversations.models.thread import Thread
from conversations.queueing import retry, send_now
from conversations.wanting import refuses_automatic
from customers import quiet
from customers.models import Customer, Identity
from customers.normalise import normalise
from helpdesk.lib import clock, markup, pieces
from helpdesk.lib.outbound import OutboundFile, OutboundTemplate, QuickReply, Route

if TYPE_CHECKING:
    from conversations.models.conversation import Conversation

__all__ = ["ClientIdTaken", "NoWay", "Reply", "StaleSend", "note", "reply", "retry", "send_now"]
TEMPLATE_MAX = 120
NO_ANSWERS = _("Nothing can be sent on this channel. Answer at the address they gave.")
NO_COPIES = _("Nobody can get a copy on this channel.")
TOO_LONG = _("The text is too long for this channel. Shorten it, or send it in parts.")
TOO_LARGE = _("The file is too large for this channel. Send a smaller one, or a link to it.")
BUTTONS = _("This channel does not show so many answers to press, or not such long ones.")
NOT_TAKEN = _("This channel does not take files of this kind. Send a link to it instead.")


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as the composer gives it. hold_seconds: undo is possible that long.

    In the customer's quiet hours it waits until they end, unless a person decides otherwise (despite_quiet).
    is_split: a text too long for the channel goes in parts. quotes: the message (its pk) that it answers visibly.
    is_public: under a comment, for all to see. template: its text is `text`, with the values in their places.
    is_marked: its author could mark parts of it (**bold** …); else it goes as it stands. follows: entries that it tells
    once more because whom they were for had left; it answers nothing by itself. hop: it carries a link to a channel for
    what is confidential (`channel`, for how many `minutes`, the `way` it goes), which is made when it leaves.
    """

    text: str
    to: Route
    html: str = ""
    files: tuple[OutboundFile, ...] = ()
    template: OutboundTemplate | None = None
    client_id: str = ""
    seen_seq: int | None = None
    hold_seconds: int = 0
    send_at: datetime | None = None
    despite_quiet: bool = False
    is_split: bool = False
    quotes: int | None = None
    is_public: bool = False
    quick_replies: tuple[QuickReply, ...] = ()
    is_marked: bool = False
    follows: tuple[int, ...] = ()
    hop: dict[str, Any] | None = None


class More(TypedDict, total=False):
    """What Conversation.reply hands on as it is; see Reply."""

    is_split: bool
    quotes: int | None
    is_public: bool
    quick_replies: tuple[QuickReply, ...]
    is_marked: bool
    follows: tuple[int, ...]
    hop: dict[str, Any] | None


class StaleSend(Exception):
    """Somebody else wrote since the author last looked; `entry` is what they have not seen."""

    def __init__(self, entry: Entry) -> None:
        super().__init__("Somebody else wrote in the meantime.")
        self.entry = entry


class ClientIdTaken(Exception):
    """The client_id names something of another author or conversation."""


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
        identity = _identity(customer, locked, new.to, by)
        thread = exchanges.of_answer(locked, identity, new.to, is_public=new.is_public)
        new = _at_their_time(customer, _as_the_channel_takes_it(thread, new))
        entry = _record(customer, locked, thread, new, by)
        queueing.queue(entry, new)
        if not entry.data.get("held") and not new.follows:
            waiting.answered(locked, entry)
        if by is not None:
            drafts.close(locked, Draft.Mode.REPLY, new.client_id, by=by)
        return entry


def note(conversation: "Conversation", *, by: Agent, text: str, client_id: str = "", is_marked: bool = False) -> Entry:
    """Record what only the team sees. Raises ClientIdTaken, NoWay."""
    if not text.strip():
        raise NoWay("The note is empty.")
    with lock_customer(conversation) as (customer, locked):
        earlier = _same(client_id, locked, by)
        if earlier is not None:
            return earlier
        drafts.close(locked, Draft.Mode.NOTE, client_id, by=by)
        named = mentions.named_in(text, locked, by=by)
        more = {"mentions": [agent.name for agent in named]} if named else {}
        entry = timeline.record(
            timeline.New(
                kind=Entry.Kind.NOTE,
                customer=customer,
                conversation=locked,
                by=by,
                data={"text": text, **more, **marked_in(text, is_marked=is_marked)},
                client_id=client_id,
            )
        )
        mentions.keep(entry, named)
        return entry


def marked_in(text: str, *, is_marked: bool) -> dict[str, bool]:
    """Return what an entry keeps of it; nothing where it makes no difference."""
    return {"marked": True} if is_marked and markup.is_marked(text) else {}


def _as_the_channel_takes_it(thread: Thread, new: Reply) -> Reply:
    """Return the answer with its text as it will be sent. Raises NoWay for what would certainly fail."""
    able = thread.channel.capabilities
    if not able.takes_answers:
        raise NoWay(NO_ANSWERS)
    longest = max((len(one.title) for one in new.quick_replies), default=0)
    most = 0 if new.is_public else able.quick_replies
    if len(new.quick_replies) > most or longest > able.quick_reply_characters:
        raise NoWay(BUTTONS)
    if not able.in_pieces:
        return new
    if new.to.cc or new.to.bcc:
        raise NoWay(NO_COPIES)
    if able.text_unit == "segments":
        new = replace(new, text=pieces.in_gsm(new.text, is_marked=new.is_marked))
    if new.template is None and not new.is_split and not pieces.fits(new.text, able, is_marked=new.is_marked):
        raise NoWay(TOO_LONG)
    cut = pieces.cut(new.text, new.files, able, is_marked=new.is_marked)
    if privately.is_single(thread, is_public=new.is_public) and len(cut) > 1:
        raise NoWay(privately.ONE)
    for file in new.files:
        if pieces.rule_for(file.content_type, len(file.data), able) is None:
            largest = pieces.max_bytes_for(file.content_type, able)
            raise NoWay(TOO_LARGE if largest and len(file.data) > largest else NOT_TAKEN)
    return new


def _at_their_time(customer: Customer, new: Reply) -> Reply:
    """Let an answer wait for the end of the quiet hours that it would arrive in."""
    end = None if new.despite_quiet else quiet.until(customer, max(filter(None, (clock.now(), new.send_at))))
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


def _identity(customer: Customer, conversation: "Conversation", to: Route, by: Agent | None) -> Identity:
    """Return whom it goes to: the customer, or somebody who takes part in the conversation."""
    identity = Identity.objects.select_related("customer").filter(pk=to.identity_id).first()
    is_theirs = identity is not None and identity.customer_id == customer.pk
    if identity is None or not (is_theirs or _takes_part(conversation, identity)):
        raise NoWay("This address is not one of the customer's.")
    if identity.opted_out_at is not None:
        raise NoWay("The customer does not want to be written to on this address.")
    if by is None and refuses_automatic([identity.pk]):
        raise NoWay("The customer does not want automatic messages on this address.")
    return identity


def _takes_part(conversation: "Conversation", identity: Identity) -> bool:
    return conversation.participants.filter(identity=identity).exists()


def _refuse_unwanted(kind: str, address: str) -> None:
    if Identity.objects.filter(kind=kind, value=address).exclude(opted_out_at=None).exists():
        raise NoWay("Somebody who is to get a copy does not want to be written to.")


def _record(
    customer: Customer,
    conversation: "Conversation",
    thread: Thread,
    new: Reply,
    by: Agent | None,
) -> Entry:
    is_held = bool(new.hold_seconds or new.send_at)
    last_in = _last_in(thread)
    return timeline.record_message(
        timeline.New(
            kind=Entry.Kind.MESSAGE,
            customer=customer,
            conversation=conversation,
            by=by,
            visibility=Entry.Visibility.PUBLIC,
            client_id=new.client_id,
            data=_data(thread, new, is_held=is_held),
            is_done=is_held,
            has_to_leave=True,
        ),
        timeline.NewMessage(
            thread=thread,
            direction=Message.Direction.OUT,
            text=new.text,
            html=new.html,
            subject=_subject(new, thread, conversation),
            in_reply_to=(last_in.external_id or "") if last_in else "",
            template=new.template.name[:TEMPLATE_MAX] if new.template else "",
            addresses=_addresses(thread.identity, customer, new.to),
            files=new.files,
        ),
    )


def _data(thread: Thread, new: Reply, *, is_held: bool) -> dict[str, Any]:
    """Return what the entry says beside the words; of an answer to a comment, who can read it."""
    data: dict[str, Any] = {
        **({"held": True} if is_held else {}),
        **({"despite_quiet": True} if new.despite_quiet else {}),
        **marked_in(new.text, is_marked=new.is_marked and new.template is None),
        **({"follows": list(new.follows)} if new.follows else {}),
        **({"hop": new.hop} if new.hop else {}),
    }
    is_comment = thread.kind == Thread.Kind.COMMENT
    return {**data, "read_by": "all" if new.is_public else "them"} if is_comment else data


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
