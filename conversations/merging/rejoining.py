"""Take a split or a move back within 30 days: what went returns to where it was, what was said since follows."""

from django.db import transaction

from agents.models import Agent
from conversations import timeline
from conversations.merging import carrying, deciding, moving
from conversations.merging.carrying import Load
from conversations.merging.merge import CannotUndo, can_undo
from conversations.merging.parting import share_of, tell_both
from conversations.models.conversation import Conversation
from conversations.models.entry import Entry
from conversations.models.fact import Fact
from conversations.models.mergerecord import MergeRecord
from conversations.models.task import Task
from conversations.models.thread import Thread
from customers.models import Customer, Identity
from helpdesk.lib import clock


def undo(record: MergeRecord, *, by: Agent) -> None:
    """Take a split or a move back. Takes both customers' row locks. Raises CannotUndo with a sentence."""
    with transaction.atomic():
        source, target = _lock(record)
        shown = record.moved["listed"]
        now = carrying.listed(int(pk) for pk in shown["before"])
        if record.kind == MergeRecord.Kind.SPLIT:
            _unsplit(record, source, target)
            deciding.forget(source.pk, target.pk)
        else:
            _unmove(record, source, target)
        carrying.give_back_marks(record.moved["fingerprints"])
        carrying.relist(shown["before"], shown["after"], now)
        MergeRecord.objects.filter(pk=record.pk).update(undone_at=clock.now(), undone_by=by)
        for entry in Entry.objects.filter(customer__in=(source, target), kind=Entry.Kind.MERGE, data__record=record.pk):
            timeline.touch(entry, data={**entry.data, "is_parted": True})
        is_split = record.kind == MergeRecord.Kind.SPLIT
        tell_both(record, by=by, acts=("rejoined", "rejoined_in") if is_split else ("moved_back", "moved_back_in"))


def _lock(record: MergeRecord) -> tuple[Customer, Customer]:
    rows = Customer.objects.select_for_update(no_key=True).filter(pk__in=(record.kept_id, record.other_id))
    found = {row.pk: row for row in rows.order_by("pk")}
    record.refresh_from_db()
    if record.undone_at is not None:
        raise CannotUndo("This was undone already.")
    if not can_undo(record):
        raise CannotUndo("This is older than 30 days and cannot be undone any more.")
    if any(row.merged_into_id is not None for row in found.values()):
        raise CannotUndo("One of the two was merged since. Undo that merge first.")
    return found[record.kept_id], found[record.other_id]


def _unsplit(record: MergeRecord, source: Customer, target: Customer) -> None:
    moved = record.moved
    identity = Identity.objects.get(pk=moved["identity"])
    if identity.customer_id != target.pk:
        raise CannotUndo("This address belongs to somebody else by now.")
    is_last = moved["is_new"] and not target.identities.exclude(pk=identity.pk).exists()
    load = Load(target, source, read=_read_before(record))
    load.places = _old_places(record, source, target)
    begun, parted = share_of(identity, target)
    came = set(Conversation.objects.filter(pk__in=moved["conversations"], customer=target).values_list("pk", flat=True))
    _take_back_address(record, identity, source)
    empty = _emptied(record, target, load)
    load.whole = sorted({*begun, *came} - empty)
    if is_last:
        rows = Conversation.objects.filter(customer=target).exclude(pk__in=empty)
        load.whole = list(rows.order_by("pk").values_list("pk", flat=True))
        loose = Entry.objects.filter(customer=target, conversation=None).exclude(kind=Entry.Kind.MERGE)
        load.loose = list(loose.values_list("pk", flat=True))
    foreign = _foreign(target, came)
    load.stays = {entry.pk for entry in foreign}
    strays = [entry for entry in parted if entry.pk not in load.places and entry.conversation_id not in load.whole]
    homes = {entry.conversation: moving.home_of(source, entry.conversation) for entry in strays if entry.conversation}
    load.places |= {entry.pk: homes[entry.conversation].pk for entry in strays if entry.conversation}
    carrying.carry(load)
    for left, home in homes.items():
        Thread.objects.filter(identity=identity, conversation=left).update(conversation=home)
    moving.recount(moving.rehome(foreign, target, {entry.seq: entry.seq for entry in foreign}))
    _lead_back(record, source)
    Conversation.objects.filter(pk__in=empty).delete()
    if is_last:
        _close(target, source)


def _unmove(record: MergeRecord, source: Customer, target: Customer) -> None:
    moved = record.moved
    places = _old_places(record, source, target)
    there = Entry.objects.filter(pk__in=places, conversation=moved["to"]).count()
    if there != len(moved["entries"]):
        raise CannotUndo("Some of these messages were moved on since.")
    load = Load(target, source, places=places, read=_read_before(record))
    empty = _emptied(record, target, load)
    carrying.carry(load)
    _lead_back(record, source)
    Conversation.objects.filter(pk__in=empty).delete()


def _old_places(record: MergeRecord, source: Customer, target: Customer) -> dict[int, int]:
    """Return where what was taken out of conversations was before, as far as both are where they were."""
    old: dict[int, int] = {pk: conversation for pk, conversation, _seq in record.moved["entries"]}
    here = set(Entry.objects.filter(pk__in=old, customer=target).values_list("pk", flat=True))
    rows = Conversation.objects.filter(pk__in=set(old.values()), customer=source)
    there = set(rows.values_list("pk", flat=True))
    return {pk: conversation for pk, conversation in old.items() if pk in here and conversation in there}


def _read_before(record: MergeRecord) -> frozenset[tuple[int, int]]:
    """Return (agent, entry) of what was read when it went: where it went it may have stood among what was not."""
    readings = record.moved["readings"]
    return frozenset(
        (int(agent), pk)
        for pk, conversation, seq in record.moved["entries"]
        for agent, seen in readings.get(str(conversation), {}).items()
        if seq <= seen
    )


def _take_back_address(record: MergeRecord, identity: Identity, source: Customer) -> None:
    Customer.objects.filter(preferred_identity=identity).update(preferred_identity=None)
    Identity.objects.filter(pk=identity.pk).update(customer=source)
    if record.moved["was_preferred"]:
        rows = Customer.objects.filter(pk=source.pk, preferred_identity=None)
        rows.update(preferred_identity=identity)


def _emptied(record: MergeRecord, target: Customer, load: Load) -> set[int]:
    """Return the conversations that were made for it and hold nothing else."""
    made = Conversation.objects.filter(pk__in=record.moved["made"], customer=target)
    others = Entry.objects.filter(conversation__in=made).exclude(pk__in=load.places)
    made = made.exclude(pk__in=others.values("conversation")).filter(drafts=None)
    return set(made.values_list("pk", flat=True))


def _foreign(target: Customer, came: set[int]) -> list[Entry]:
    """Return messages of other addresses of the target's that were said since in what goes back; they stay."""
    rows = Entry.objects.filter(conversation__in=came, message__thread__identity__customer=target)
    return list(rows.select_related("message", "conversation").order_by("seq"))


def _lead_back(record: MergeRecord, source: Customer) -> None:
    for pk, old, new in record.moved["threads"]:
        if Conversation.objects.filter(pk=old, customer=source).exists():
            Thread.objects.filter(pk=pk, conversation=new).update(conversation=old)


def _close(empty: Customer, left: Customer) -> None:
    """Nothing is left of a customer that was made for the address: whoever follows a link to them finds the other."""
    for rows in (Fact.objects.filter(customer=empty), Task.objects.filter(customer=empty)):
        rows.update(customer=left)
    Customer.objects.filter(pk=empty.pk).update(merged_into=left)
