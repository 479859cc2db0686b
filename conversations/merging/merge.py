"""Merge two customers and undo it: the only code that changes whose a row is. Every merge can be undone for 30 days."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.db import models, transaction

from agents.models import Agent
from conversations import live, timeline
from conversations.auditing import acts
from conversations.merging import choosing, deciding, moving
from conversations.models.conversation import Conversation
from conversations.models.entry import Entry
from conversations.models.mergerecord import MergeRecord
from conversations.models.message import Message
from customers.models import Customer, Identity
from helpdesk.lib import clock, failpoints

UNDO_WITHIN = timedelta(days=30)
STAYS, MOVES, WHERE_NEW = "stays", "moves", "moves where there is none like it"
WITH_NUMBERS, WITH_ENTRY = "moves with numbers", "moves with its entry"
# Every relation to a customer, and what a merge does with it. A relation that is missing here fails a test.
MERGE_RULES = {
    "customers.Customer.merged_into": STAYS,
    "customers.Identity.customer": MOVES,
    "conversations.Conversation.customer": MOVES,
    "conversations.Task.customer": MOVES,
    "conversations.CustomerTag.customer": WHERE_NEW,
    # Who read whom is asked along the merges (conversations.auditing.readers).
    "conversations.CustomerRead.customer": STAYS,
    "conversations.Entry.customer": WITH_NUMBERS,
    "conversations.Message.customer": WITH_ENTRY,
    "conversations.Fact.customer": WITH_ENTRY,
    "conversations.MergeRecord.kept": STAYS,
    "conversations.MergeRecord.other": STAYS,
    "conversations.Suggestion.one": STAYS,
    "conversations.Suggestion.two": STAYS,
}


class SamePerson(ValueError):
    """A customer cannot be merged into themselves."""


class Gone(Exception):
    """One of the two was merged into somebody else; `into` is who is left."""

    def __init__(self, into: Customer) -> None:
        super().__init__("This customer was merged in the meantime.")
        self.into = into


class CannotUndo(Exception):
    """The merge was undone before, is too old, or another one was built on it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How to merge. take: the fields of choosing.CHOSEN that come from the other side; reasons: what spoke for it."""

    take: frozenset[str] = frozenset()
    reasons: tuple[str, ...] = ()


@dataclass(slots=True)
class Back:
    """What goes back to the other customer when a merge is undone."""

    identities: list[int] = field(default_factory=list)
    conversations: list[int] = field(default_factory=list)
    entries: list[tuple[int, int]] = field(default_factory=list)
    strays: list[Entry] = field(default_factory=list)


def merge(kept: Customer, other: Customer, *, by: Agent | None, plan: Plan | None = None) -> MergeRecord:
    """Make one customer of two, in one transaction; `other` stays as an empty row that leads to `kept`.

    Entries get fresh numbers in their old order. Takes both customers' row locks, in the order of their keys.
    Raises SamePerson, Gone.
    """
    plan = plan or Plan()
    if kept.pk == other.pk:
        raise SamePerson("A customer cannot be merged into themselves.")
    with transaction.atomic():
        kept, other = lock_both(kept.pk, other.pk)
        name, moved = other.best_name, _rows_of(other, kept)
        moved["fields"] = choosing.choose(kept, other, plan.take)
        moved["fingerprints"] = moving.part_equals(kept, other)
        entries = list(Entry.objects.filter(customer=other).values_list("pk", "seq"))
        _move(moved, to=kept)
        failpoints.reach("merge.mid")
        moving.carry_marks(moved["conversations.Conversation"], moving.carry_entries(entries, kept))
        moved["until"] = {"seq": kept.last_seq, "conversation": _newest_conversation(kept)}
        Customer.objects.filter(pk=other.pk).update(merged_into=kept)
        record = MergeRecord.objects.create(
            kind=MergeRecord.Kind.MERGE, kept=kept, other=other, by=by, moved=moved,
            evidence={"reasons": list(plan.reasons)},
        )  # fmt: skip
        deciding.accept(kept.pk, other.pk, by=by)
        _tell(kept, {"act": "merged", "record": record.pk, "customer": other.pk, "name": name}, by=by)
        acts.of_merge("merged", record, by=by)
        live.moved(kept.pk, other.pk, conversations=_alive(kept))
        return record


def undo(record: MergeRecord, *, by: Agent) -> None:
    """Make two customers of one again; what was said since follows the address it was said through.

    They are not joined by themselves, nor suggested, any more. Takes both customers' row locks. Raises CannotUndo
    with a sentence.
    """
    with transaction.atomic():
        kept, other = _lock_merged(record)
        back = _what_goes_back(record, kept)
        _give_back(record, back, kept=kept, other=other)
        failpoints.reach("merge.mid")
        _restore(record, kept, back)
        MergeRecord.objects.filter(pk=record.pk).update(undone_at=clock.now(), undone_by=by)
        deciding.reject(kept.pk, other.pk, by=by)
        acts.of_merge("parted", record, by=by)
        for entry in Entry.objects.filter(customer=kept, kind=Entry.Kind.MERGE, data__record=record.pk):
            timeline.touch(entry, data={**entry.data, "is_parted": True})
        for customer, away in ((kept, other), (other, kept)):
            _tell(customer, {"act": "parted", "record": record.pk, "customer": away.pk, "name": away.best_name}, by=by)
        live.moved(kept.pk, other.pk, conversations=[*_alive(kept), *_alive(other)])


def can_undo(record: MergeRecord) -> bool:
    """Whether there is still time, and it was not undone yet."""
    return record.undone_at is None and record.at > clock.now() - UNDO_WITHIN


def lock_both(kept: int, other: int) -> tuple[Customer, Customer]:
    """Lock two customers, in the order of their keys. Inside a transaction only. Raises Gone."""
    rows = Customer.objects.select_for_update(no_key=True).filter(pk__in=(kept, other)).order_by("pk")
    found = {row.pk: row for row in rows}
    for row in found.values():
        if row.merged_into is not None:
            raise Gone(row.merged_into)
    return found[kept], found[other]


def _lock_merged(record: MergeRecord) -> tuple[Customer, Customer]:
    rows = Customer.objects.select_for_update(no_key=True).filter(pk__in=(record.kept_id, record.other_id))
    found = {row.pk: row for row in rows.order_by("pk")}
    record.refresh_from_db()
    if record.undone_at is not None:
        raise CannotUndo("This merge was undone already.")
    if not can_undo(record):
        raise CannotUndo("This merge is older than 30 days and cannot be undone any more.")
    kept, other = found[record.kept_id], found[record.other_id]
    if kept.merged_into_id is not None or other.merged_into_id != kept.pk:
        raise CannotUndo("This customer was merged again since. Undo that merge first.")
    return kept, other


def _rows_of(customer: Customer, kept: Customer) -> dict[str, Any]:
    """Return the keys of all rows that move, by model; entries only where no conversation takes them along."""
    found: dict[str, Any] = {}
    for model, name in _relations(MOVES, WHERE_NEW):
        rows = model._default_manager.filter(**{name: customer})
        if MERGE_RULES[f"{model._meta.label}.{name}"] == WHERE_NEW:
            rows = rows.exclude(tag__in=model._default_manager.filter(**{name: kept}).values("tag"))
        found[model._meta.label] = list(rows.order_by("pk").values_list("pk", flat=True))
    loose = Entry.objects.filter(customer=customer, conversation=None)
    found["conversations.Entry"] = list(loose.order_by("pk").values_list("pk", flat=True))
    return found


def _relations(*rules: str) -> list[tuple[type[models.Model], str]]:
    named = (path.rsplit(".", 1) for path, said in MERGE_RULES.items() if said in rules)
    return [(apps.get_model(label), name) for label, name in named]


def _newest_conversation(customer: Customer) -> int:
    return Conversation.objects.filter(customer=customer).aggregate(newest=models.Max("pk"))["newest"] or 0


def _move(moved: dict[str, Any], *, to: Customer) -> None:
    for model, name in _relations(MOVES, WHERE_NEW):
        model._default_manager.filter(pk__in=moved[model._meta.label]).update(**{name: to})


def _what_goes_back(record: MergeRecord, kept: Customer) -> Back:
    moved, back = record.moved, Back()
    theirs = Identity.objects.filter(pk__in=moved["customers.Identity"], customer=kept)
    back.identities = list(theirs.values_list("pk", flat=True))
    back.conversations = _conversations_back(record, kept, back.identities)
    entries = Entry.objects.filter(customer=kept)
    inside = entries.filter(conversation__in=back.conversations)
    loose = entries.filter(pk__in=moved["conversations.Entry"], conversation=None)
    since = entries.filter(seq__gt=moved["until"]["seq"]).select_related("message", "conversation")
    back.strays = list(
        since.filter(message__thread__identity__in=back.identities)
        .exclude(conversation__in=back.conversations)
        .exclude(conversation=None)
        .order_by("seq")
    )
    found = {*inside.values_list("pk", "seq"), *loose.values_list("pk", "seq")}
    back.entries = [*found, *((entry.pk, entry.seq) for entry in back.strays)]
    return back


def _conversations_back(record: MergeRecord, kept: Customer, identities: list[int]) -> list[int]:
    """Return the conversations that came with the merge, and those begun since by those addresses alone."""
    came = Conversation.objects.filter(pk__in=record.moved["conversations.Conversation"], customer=kept)
    begun = Conversation.objects.filter(customer=kept, pk__gt=record.moved["until"]["conversation"])
    spoken = Message.objects.filter(entry__conversation=models.OuterRef("pk"))
    own = begun.filter(models.Exists(spoken.filter(thread__identity__in=identities)))
    own = own.exclude(models.Exists(spoken.exclude(thread__identity__in=identities)))
    return [*came.values_list("pk", flat=True), *own.values_list("pk", flat=True)]


def _give_back(record: MergeRecord, back: Back, *, kept: Customer, other: Customer) -> None:
    moved = record.moved
    Customer.objects.filter(pk=other.pk).update(merged_into=None)
    for model, name in _relations(MOVES, WHERE_NEW):
        # A merge of an older version knows nothing of what came later.
        pks = moved.get(model._meta.label, [])
        rows = model._default_manager.filter(pk__in=pks, **{name: kept})
        rows.update(**{name: other})
    Conversation.objects.filter(pk__in=back.conversations).update(customer=other)
    foreign = _foreign(record, back, kept)
    numbers = moving.carry_entries(back.entries, other)
    moving.carry_marks(back.conversations, numbers)
    changed = moving.rehome(back.strays, other, numbers)
    if foreign:
        numbers = moving.carry_entries([(entry.pk, entry.seq) for entry in foreign], kept)
        changed |= moving.rehome(foreign, kept, numbers)
    moving.recount(changed)
    moving.give_back_equals(moved["fingerprints"])


def _foreign(record: MergeRecord, back: Back, kept: Customer) -> list[Entry]:
    """Return messages of the kept customer's own addresses that were said since in what goes back; they stay."""
    own = Identity.objects.filter(customer=kept).values("pk")
    since = Entry.objects.filter(conversation__in=back.conversations, seq__gt=record.moved["until"]["seq"])
    rows = since.filter(message__thread__identity__in=own).select_related("message", "conversation")
    found = list(rows.order_by("seq"))
    back.entries = [pair for pair in back.entries if pair[0] not in {entry.pk for entry in found}]
    return found


def _restore(record: MergeRecord, kept: Customer, back: Back) -> None:
    """Put the fields back that still are as the merge left them."""
    kept.refresh_from_db()
    restored = choosing.restore(kept, record.moved["fields"])
    if kept.preferred_identity_id in back.identities:
        kept.preferred_identity_id = None
        restored.append("preferred_identity_id")
    kept.save(update_fields=restored)


def _tell(customer: Customer, data: dict[str, Any], *, by: Agent | None) -> None:
    entry = timeline.record(timeline.New(kind=Entry.Kind.MERGE, customer=customer, by=by, data=data))
    Customer.objects.filter(pk=customer.pk).update(reset_seq=entry.seq)


def _alive(customer: Customer) -> list[Conversation]:
    rows = Conversation.objects.filter(customer=customer).exclude(status=Conversation.Status.RESOLVED)
    return list(rows.order_by("-last_entry_at")[:50])
