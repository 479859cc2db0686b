"""The only place that inserts or changes an Entry. Whoever records holds the customer's lock."""

from collections.abc import Set
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from psycopg.types.json import Jsonb

from agents.models import Agent
from conversations import ingest_sql, live
from conversations.models.attachment import Attachment, Blob
from conversations.models.entry import Entry
from conversations.models.message import Message
from conversations.models.thread import Thread
from customers.models import Customer, Identity
from helpdesk.lib import clock, sql
from helpdesk.lib.inbound import InboundFile
from helpdesk.lib.outbound import OutboundFile

if TYPE_CHECKING:
    from conversations.models.conversation import Conversation

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
AHEAD = timedelta(minutes=5)
PREVIEW_CHARACTERS = 160
DEPTH_MAX = 3
_ENTRY_VALUES = (
    "customer_id", "conversation_id", "kind", "actor", "by_id", "visibility", "occurred_at", "recorded_at",
    "client_id", "cause_id", "depth", "done_at", "raw_id",
)  # fmt: skip
_MESSAGE_VALUES = (
    "thread_id", "channel_id", "direction", "sender_id", "subject", "text", "html", "quoted", "language",
    "external_id", "is_id_reused", "fingerprint", "in_reply_to", "template", "has_remote_images",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class New:
    """What to write on a timeline. also_*: who else must hear of it (an old team or owner).

    has_to_leave: a message that a delivery carries; whom it is for hears of it when it has left.
    """

    kind: str
    customer: Customer
    conversation: "Conversation | None" = None
    by: Agent | None = None
    actor: str = ""
    visibility: str = Entry.Visibility.INTERNAL
    occurred_at: datetime | None = None
    data: dict[str, Any] = field(default_factory=dict)
    client_id: str = ""
    cause: Entry | None = None
    raw_id: int | None = None
    is_done: bool = False
    has_to_leave: bool = False
    also_teams: tuple[int | None, ...] = ()
    also_agents: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class NewMessage:
    """The message of an entry. addresses: (role, address, name, identity or None).

    heard_at: when its sender was last heard, None where nobody spoke; its thread goes by the entry's occurred_at.
    is_listed: the conversation was written a moment ago with what a list shows of this message.
    """

    thread: Thread
    direction: str
    text: str
    html: str = ""
    quoted: str = ""
    subject: str = ""
    language: str = ""
    sender: Identity | None = None
    external_id: str | None = None
    is_id_reused: bool = False
    fingerprint: str | None = None
    in_reply_to: str = ""
    template: str = ""
    has_remote_images: bool = False
    addresses: tuple[tuple[str, str, str, Identity | None], ...] = ()
    files: tuple[InboundFile | OutboundFile, ...] = ()
    heard_at: datetime | None = None
    is_listed: bool = False


def record(new: New) -> Entry:
    """Insert an entry with the customer's next number and tell everybody after commit.

    Takes the customer's row lock. Raises ValueError when the conversation is another customer's.
    """
    if new.conversation is not None and new.conversation.customer_id != new.customer.pk:
        raise ValueError("The conversation belongs to another customer.")
    entry = _insert(new)
    _tell(entry, new)
    return entry


def record_message(new: New, said: NewMessage) -> Entry:
    """Insert an entry with its message, addresses and files, and update the conversation's row.

    Takes the customer's row lock. Does not look for duplicates: conversations.filing does.
    """
    entry = _entry(new)
    message = _message(new, said)
    listed = None if said.is_listed or new.data.get("robot") else new.conversation
    if listed is not None:
        _remember_last(listed, entry, message)
    made = ingest_sql.record_message(_values(entry, message, said, listed))
    entry.pk, entry.seq, entry.touched_seq, entry._state.adding = made.pk, made.seq, made.seq, False
    message.entry, message._state.adding = entry, False
    if listed is not None and message.is_inbound:
        listed.last_inbound_seq = entry.seq
    keep_files(entry, said.files)
    _tell(entry, new, made)
    return entry


def record_quietly(news: list[New], *, unseen: Set[int] = frozenset()) -> list[Entry]:
    """Insert many entries that need nothing after them (an import), all statements at once; return them.

    Whoever calls holds the row locks of all customers, each one object among the news and read since. Only whoever
    has such a customer open is told, once for each: nobody's lists, notices or suggestions stir. unseen: customers made
    in this transaction, whom nobody can have open.
    """
    entries = []
    for new in news:
        entry = _entry(replace(new, is_done=True))
        new.customer.last_seq += 1
        entry.seq = entry.touched_seq = new.customer.last_seq
        entries.append(entry)
    Entry.objects.bulk_create(entries)
    last = {entry.customer_id: entry for entry in entries}
    ingest_sql.set_seqs(list(last), [entry.seq for entry in last.values()])
    for entry in last.values():
        if entry.customer_id not in unseen:
            live.announce(entry, is_quiet=True)
    return entries


def touch(entry: Entry, *, change: live.Change = live.Change.SHOWN, **changes: Any) -> None:
    """Give an entry the customer's next number because what is shown of it changed.

    change: for whom there is anything to fetch. changes: fields of the entry to set as well. Takes the customer's row
    lock.
    """
    for name, value in changes.items():
        setattr(entry, name, value)
    team_id = entry.conversation.team_id if entry.conversation else None
    recorded, entry.customer_id = ingest_sql.touch(entry.pk, entry.conversation_id, team_id)
    entry.touched_seq = recorded.seq
    if changes:
        entry.save(update_fields=list(changes))
    live.announce(entry, recorded=recorded, change=change)
    if "done_at" in changes and changes["done_at"] is None:
        live.ring_after_entries(entry.pk)


def tell_touched(entry: Entry, customer_id: int, recorded: ingest_sql.Recorded) -> None:
    """Tell of an entry that a statement of its own (conversations.known.facts_sql) gave the customer's next number."""
    entry.touched_seq, entry.customer_id = recorded.seq, customer_id
    live.announce(entry, recorded=recorded)


def keep_files(entry: Entry, files: tuple[InboundFile | OutboundFile, ...]) -> None:
    """Store files by content and hang them on an entry."""
    for file in files:
        attachment = Attachment(
            entry=entry,
            blob_id=Blob.keep(file.data),
            filename=file.filename[:255] or "file",
            content_type=file.content_type[:120],
            content_id=getattr(file, "content_id", "")[:255],
            is_inline=getattr(file, "is_inline", False),
        )
        sql.insert(attachment)


def moment(said_at: datetime | None, received_at: datetime, place: int = 0) -> datetime:
    """Return when an inbound thing happened: the provider's time if it can be true.

    place: the raw event's place; keeps whole-second times in the order of arrival.
    """
    if said_at is None or not EARLIEST <= said_at <= received_at + AHEAD:
        return received_at
    if said_at.microsecond == 0:
        return said_at + timedelta(microseconds=place % 1_000_000)
    return said_at


def _insert(new: New) -> Entry:
    entry = _entry(new)
    entry.seq = entry.touched_seq = ingest_sql.next_seq(new.customer.pk)
    entry.save(force_insert=True)
    return entry


def _entry(new: New) -> Entry:
    """The entry without its number."""
    depth = new.cause.depth + 1 if new.cause and new.actor == Entry.Actor.RULE else 0
    if depth > DEPTH_MAX:
        raise ValueError("Rules set each other off more than three times.")
    now = clock.now()
    return Entry(
        customer=new.customer, conversation=new.conversation,
        kind=new.kind, actor=new.actor or _actor(new.by), by=new.by, visibility=new.visibility,
        occurred_at=new.occurred_at or now, recorded_at=now, data=new.data,
        client_id=new.client_id or None, cause=new.cause, depth=depth, raw_id=new.raw_id,
        done_at=now if new.is_done else None,
    )  # fmt: skip


def _message(new: New, said: NewMessage) -> Message:
    """The message without its entry."""
    return Message(
        customer=new.customer, thread=said.thread, channel_id=said.thread.channel_id,
        direction=said.direction, sender=said.sender, subject=said.subject[:998], text=said.text,
        html=said.html, quoted=said.quoted, language=said.language, external_id=said.external_id,
        is_id_reused=said.is_id_reused, fingerprint=said.fingerprint,
        in_reply_to=said.in_reply_to[:1000], template=said.template,
        has_remote_images=said.has_remote_images,
    )  # fmt: skip


def _values(entry: Entry, message: Message, said: NewMessage, listed: "Conversation | None") -> dict[str, Any]:
    """What the statement writes: the attributes of all rows by name, and the addresses as columns."""
    rows = said.addresses
    return {
        **{name: getattr(listed, name, None) for name in ingest_sql.LISTED},
        "is_listed": listed is not None,
        "team_id": entry.conversation.team_id if entry.conversation else None,
        "heard_at": said.heard_at,
        **{name: getattr(entry, name) for name in _ENTRY_VALUES},
        **{name: getattr(message, name) for name in _MESSAGE_VALUES},
        "data": Jsonb(entry.data),
        "roles": [str(role) for role, *_ in rows],
        "addresses": [address[:320] for _, address, *_ in rows],
        "names": [name[:200] for _, _, name, _ in rows],
        "identities": [who.pk if who else None for *_, who in rows],
    }


def _actor(by: Agent | None) -> str:
    return Entry.Actor.AGENT if by is not None else Entry.Actor.SYSTEM


def _tell(entry: Entry, new: New, recorded: ingest_sql.Recorded | None = None) -> None:
    change = live.Change.INSIDE if new.has_to_leave else live.Change.SHOWN
    live.announce(entry, also_teams=new.also_teams, also_agents=new.also_agents, recorded=recorded, change=change)
    if not new.is_done:
        live.ring_after_entries(entry.pk)


def _remember_last(conversation: "Conversation", entry: Entry, message: Message) -> None:
    """Set on the conversation what its row in a list shows; written with the entry. Locked."""
    is_first = not conversation.last_channel_kind
    conversation.last_entry_at = entry.occurred_at if is_first else max(conversation.last_entry_at, entry.occurred_at)
    if message.is_inbound or not conversation.last_inbound_seq:
        conversation.last_preview = preview(entry.read(message.text), message.subject)
        conversation.last_channel_kind = message.thread.channel.icon


def preview(text: str, subject: str) -> str:
    """Return the one line that a list shows of a message."""
    line = " ".join((text or subject).split())
    return line[:PREVIEW_CHARACTERS]
