"""Split an address out of a customer, and move messages to other work. Both are taken back by rejoining."""

from typing import Any

from django.db import models, transaction

from agents.models import Agent
from conversations import live, timeline
from conversations.auditing import acts as written
from conversations.merging import carrying, deciding, moving
from conversations.merging.carrying import Load
from conversations.merging.merge import Gone, SamePerson
from conversations.models.conversation import Conversation
from conversations.models.entry import Entry
from conversations.models.mergerecord import MergeRecord
from conversations.models.message import Message, Recipient
from conversations.models.thread import Thread
from customers.models import Customer, Identity
from helpdesk.lib.names import clean_name

# What can be moved; states and the like belong to their conversation.
MOVABLE = (Entry.Kind.MESSAGE, Entry.Kind.NOTE)
SHOWN_ANEW = 50


class OnlyAddress(ValueError):
    """The customer has no other address: to join them with somebody is a merge."""


class NothingToMove(ValueError):
    """None of the entries can be moved there: they are there already, or are no messages and notes."""


class WentOn(Exception):
    """What was to be moved is somewhere else by now."""


def share_of(identity: Identity, customer: Customer) -> tuple[list[int], list[Entry]]:
    """Return what was said through an address: (conversations that hold nothing else, the messages in others).

    Only conversations of that customer; what third parties said in one does not part it.
    """
    spoken = Message.objects.filter(entry__conversation=models.OuterRef("pk"))
    rows = Conversation.objects.filter(models.Exists(spoken.filter(thread__identity=identity)), customer=customer)
    others = spoken.filter(thread__identity__customer=customer).exclude(thread__identity=identity)
    whole = list(rows.exclude(models.Exists(others)).order_by("pk").values_list("pk", flat=True))
    entries = Entry.objects.filter(customer=customer, message__thread__identity=identity)
    parted = entries.exclude(conversation=None).exclude(conversation__in=whole)
    return whole, list(parted.select_related("message", "conversation").order_by("seq"))


def split(customer: Customer, identity: Identity, *, by: Agent, to: Customer | None = None) -> MergeRecord:
    """Give an address, with what was said through it, to another customer; without one to a new one.

    One transaction that takes the locks of both customers. Raises SamePerson, OnlyAddress, Gone (one of them was
    merged, or the address belongs to somebody else by now; `into` is who).
    """
    if to is not None and to.pk == customer.pk:
        raise SamePerson("The address is theirs already.")
    with transaction.atomic():
        source, target = _lock(customer.pk, to.pk if to else None)
        row = Identity.objects.select_related("customer").get(pk=identity.pk)
        if row.customer_id != source.pk:
            raise Gone(row.customer)
        if not source.identities.exclude(pk=row.pk).exists():
            raise OnlyAddress("This is the customer's only address.")
        target = target or Customer.objects.create(name=_name_of(row), first_seen_at=row.first_seen_at)
        record = _split(source, target, row, by=by, is_new=to is None)
        deciding.reject(source.pk, target.pk, by=by)
        tell_both(record, by=by, acts=("split", "split_in"))
        return record


def move(entries: list[Entry], *, to: Conversation | Customer, by: Agent) -> MergeRecord:
    """Move messages and notes of one customer to a conversation, or into a new one of a customer.

    One transaction that takes the locks of both customers. Raises NothingToMove, WentOn, Gone.
    """
    source_pk = entries[0].customer_id if entries else None
    if source_pk is None or any(entry.customer_id != source_pk for entry in entries):
        raise NothingToMove("Messages of one customer are moved together.")
    with transaction.atomic():
        wanted = to.customer_id if isinstance(to, Conversation) else to.pk
        source, target = _lock(source_pk, wanted)
        assert target is not None
        rows = Entry.objects.filter(pk__in=[entry.pk for entry in entries], kind__in=MOVABLE)
        found = list(rows.exclude(conversation=None).select_related("message", "conversation").order_by("seq"))
        if any(entry.customer_id != source.pk for entry in found):
            raise WentOn("These messages are somewhere else by now.")
        found = [entry for entry in found if not isinstance(to, Conversation) or entry.conversation_id != to.pk]
        if not found:
            raise NothingToMove("There is nothing to move there.")
        record = _move(source, target, found, _destination(to, target, found[0]), by=by)
        tell_both(record, by=by, acts=("moved", "moved_in"))
        return record


def tell_both(record: MergeRecord, *, by: Agent, acts: tuple[str, str]) -> None:
    """Tell it on the timelines of both who are left, (where it came from, where it went), and on open pages."""
    written.of_merge(acts[0], record, by=by)
    sides = [(record.kept_id, record.other_id, acts[0])]
    if record.other_id != record.kept_id:
        sides.append((record.other_id, record.kept_id, acts[1]))
    rows = Customer.objects.in_bulk([record.kept_id, record.other_id])
    for pk, away, act in sides:
        if rows[pk].merged_into_id is not None:
            continue
        data = {"act": act, "record": record.pk, "customer": away, "own": pk, "name": rows[away].best_name}
        new = timeline.New(
            kind=Entry.Kind.MERGE, customer=rows[pk], by=by, data={**data, "said": record.evidence["said"]}
        )
        Customer.objects.filter(pk=pk).update(reset_seq=timeline.record(new).seq)
    changed = Conversation.objects.filter(customer__in=rows).exclude(status=Conversation.Status.RESOLVED)
    live.moved(*rows, conversations=changed.order_by("-last_entry_at")[:SHOWN_ANEW])


def _lock(source: int, target: int | None) -> tuple[Customer, Customer | None]:
    wanted = {source, target or source}
    rows = Customer.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk")
    found = {row.pk: row for row in rows}
    for row in found.values():
        if row.merged_into is not None:
            raise Gone(row.merged_into)
    return found[source], found[target] if target is not None else None


def _split(source: Customer, target: Customer, identity: Identity, *, by: Agent, is_new: bool) -> MergeRecord:
    whole, parted = share_of(identity, source)
    had = set(Conversation.objects.filter(customer=target).values_list("pk", flat=True))
    homes = _homes_for(parted, target)
    Identity.objects.filter(pk=identity.pk).update(customer=target)
    was_preferred = Customer.objects.filter(pk=source.pk, preferred_identity=identity).update(preferred_identity=None)
    places = {entry.pk: homes[entry.conversation_id or 0].pk for entry in parted}
    carried = carrying.carry(Load(source, target, whole=whole, places=places))
    moved = {
        "identity": identity.pk, "is_new": is_new, "was_preferred": bool(was_preferred), "conversations": whole,
        "entries": [[entry.pk, entry.conversation_id, entry.seq] for entry in parted],
        "threads": _lead(identity, source, whole, homes), "made": [pk for pk in _keys(homes) if pk not in had],
    }  # fmt: skip
    return _remember(MergeRecord.Kind.SPLIT, (source, target), by=by, moved=moved, carried=carried, said=identity.label)


def _move(
    source: Customer, target: Customer, entries: list[Entry], home: tuple[Conversation, bool], *, by: Agent
) -> MergeRecord:
    conversation, is_new = home
    places = {entry.pk: conversation.pk for entry in entries}
    carried = carrying.carry(Load(source, target, places=places))
    moved = {
        "to": conversation.pk, "made": [conversation.pk] if is_new else [],
        "entries": [[entry.pk, entry.conversation_id, entry.seq] for entry in entries],
        "threads": _follow(entries, conversation) if source.pk == target.pk else [],
    }  # fmt: skip
    said = str(len(entries))
    return _remember(MergeRecord.Kind.MOVE, (source, target), by=by, moved=moved, carried=carried, said=said)


def _remember(
    kind: str,
    sides: tuple[Customer, Customer],
    *,
    by: Agent,
    moved: dict[str, Any],
    carried: carrying.Carried,
    said: str,
) -> MergeRecord:
    listed = {"before": carried.before, "after": carried.after}
    return MergeRecord.objects.create(
        kind=kind, kept=sides[0], other=sides[1], by=by, evidence={"said": said},
        moved={**moved, "listed": listed, "fingerprints": carried.fingerprints, "readings": carried.readings},
    )  # fmt: skip


def _destination(to: Conversation | Customer, customer: Customer, first: Entry) -> tuple[Conversation, bool]:
    """Return where messages go, as it is now, and whether it is new."""
    if isinstance(to, Conversation):
        row = Conversation.objects.select_for_update(no_key=True).get(pk=to.pk)
        if row.customer_id != customer.pk:
            raise WentOn("The conversation is somebody else's by now.")
        return row, False
    like = first.conversation
    assert like is not None
    return Conversation.objects.create(
        customer=customer, brand=like.brand, team=like.team, topic=like.topic, subject=like.subject
    ), True


def _name_of(identity: Identity) -> str:
    """Return what the person calls themselves on letters from this address, as they last did."""
    rows = Recipient.objects.filter(identity=identity, role=Recipient.Role.FROM).exclude(name="")
    return clean_name(rows.order_by("-message_id").values_list("name", flat=True).first() or "")


def _homes_for(entries: list[Entry], customer: Customer) -> dict[int, Conversation]:
    """Return a conversation of the customer for each conversation that loses messages to them."""
    homes: dict[int, Conversation] = {}
    for entry in entries:
        assert entry.conversation is not None
        if entry.conversation.pk not in homes:
            homes[entry.conversation.pk] = moving.home_of(customer, entry.conversation)
    return homes


def _keys(homes: dict[int, Conversation]) -> list[int]:
    return sorted({home.pk for home in homes.values()})


def _lead(
    identity: Identity, left: Customer, whole: list[int], homes: dict[int, Conversation]
) -> list[list[int | None]]:
    """Let an address's threads lead to where its messages went; return (thread, old, new) of each."""
    rows = Thread.objects.filter(identity=identity, conversation__customer=left).exclude(conversation__in=whole)
    led: list[list[int | None]] = []
    for thread in rows:
        home = homes.get(thread.conversation_id or 0)
        led.append([thread.pk, thread.conversation_id, home.pk if home else None])
        Thread.objects.filter(pk=thread.pk).update(conversation=home)
    return led


def _follow(entries: list[Entry], home: Conversation) -> list[list[int | None]]:
    """Let the threads lead to the new place whose newest message is there; return (thread, old, new) of each."""
    threads = {entry.said.thread_id for entry in entries if entry.said is not None}
    led: list[list[int | None]] = []
    for thread in Thread.objects.filter(pk__in=threads).order_by("pk"):
        newest = Message.objects.filter(thread=thread).select_related("entry").latest("pk")
        if newest.entry.conversation_id == home.pk and thread.conversation_id != home.pk:
            led.append([thread.pk, thread.conversation_id, home.pk])
            Thread.objects.filter(pk=thread.pk).update(conversation=home)
    return led
