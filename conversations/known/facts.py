"""What entries teach about a customer: learnt once after each, corrected by people; overdue promises are told."""

from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from agents.models import Agent
from conversations import after, filling_in, timeline
from conversations.known import answering, asking, facts_sql, picking, saying
from conversations.locks import ROUNDS, Moved, lock_customer
from conversations.models.conversation import Conversation
from conversations.models.entry import Entry
from conversations.models.fact import Fact
from conversations.models.message import Message
from helpdesk.lib import clock
from helpdesk.lib.inbound import Proof

VALUE_MAX = 500
# The story says it in the reader's language.
REOPENED = "resolved, reopened"


class Changed(Exception):
    """Somebody dismissed, corrected or restored it in the meantime."""


@dataclass(frozen=True, slots=True)
class Learnt:
    """One thing that an entry teaches."""

    kind: str
    value: str
    what: str = ""
    due_at: datetime | None = None


@after.alone
def after_entry(entry: Entry) -> None:
    """Keep what an entry teaches. Running it twice, or twice at once, keeps it once."""
    learnt = learnt_from(entry)
    if learnt:
        keep(entry, learnt)


def keep(entry: Entry, learnt: list[Learnt], *, is_new: bool = True) -> int:
    """Write down what is not yet known of an entry, and touch it; return how much was new.

    Takes the row lock of whoever the entry belongs to now, so that a merge of this very moment takes it along. One
    statement, which needs no transaction around it. is_new: an old entry is not touched, so that no page is told of it.
    """
    conversation = entry.conversation
    team = conversation.team_id if conversation is not None else None
    for _round in range(ROUNDS):
        with transaction.atomic() if transaction.get_connection().in_atomic_block else nullcontext():
            place = facts_sql.Place(entry.pk, entry.conversation_id, team, is_told=is_new)
            kept = facts_sql.keep(place, list(learnt))
            if kept is not None:
                if kept.made and is_new:
                    timeline.tell_touched(entry, kept.customer_id, kept.recorded)
                return kept.made
            if transaction.get_connection().in_atomic_block:
                transaction.set_rollback(True)
    raise Moved(f"Entry {entry.pk} keeps moving.")


def learnt_from(entry: Entry) -> list[Learnt]:
    """Read an entry; nothing of robots, of unconfirmed senders, of spam and of what was taken back."""
    if entry.kind == Entry.Kind.NOTE:
        tried, still = saying.noted(str(entry.data.get("text", "")))
        return [
            *(Learnt(Fact.Kind.TRIED, words) for words in tried),
            *(Learnt(Fact.Kind.OPEN, words) for words in still),
        ]
    if entry.kind == Entry.Kind.STATUS:
        is_reopened = entry.data.get("before", {}).get("status") == Conversation.Status.RESOLVED
        return [Learnt(Fact.Kind.TRIED, REOPENED)] if is_reopened and "undoes" not in entry.data else []
    said = entry.said
    if said is None or said.deleted_at is not None or entry.is_undone or "robot" in entry.data:
        return []
    if entry.conversation is not None and entry.conversation.is_spam:
        return []
    if said.is_inbound:
        is_doubted = entry.actor != Entry.Actor.CUSTOMER or entry.data.get("proof") == Proof.FAILED.value
        return [] if is_doubted else _told(entry, said)
    return _promised(entry, said) if entry.actor == Entry.Actor.AGENT else []


def dismiss(fact: Fact, *, by: Agent) -> Entry:
    """Say that it is not so, or that the promise is kept; an entry that can be undone. Raises Changed."""
    return _change(fact, "kept" if fact.kind == Fact.Kind.PROMISED else "dismissed", by=by)


def correct(fact: Fact, value: str, *, by: Agent) -> Entry:
    """Say how it really is; an entry that can be undone. Raises Changed, ValueError for no or the same value."""
    value = " ".join(value.split())[:VALUE_MAX]
    if not value or value == fact.value:
        raise ValueError("There is nothing to correct.")
    return _change(fact, "corrected", value, by=by)


def put_back(entry: Entry, *, by: Agent) -> Entry:
    """Undo what an entry did to a fact; itself an entry. Raises Changed."""
    if entry.conversation is None or entry.data.get("act") not in {"dismissed", "kept", "corrected"}:
        raise Changed("This cannot be undone.")
    with lock_customer(entry.conversation) as (customer, locked):
        made = Fact.objects.filter(entry=entry)
        if made.filter(is_current=False).exists():
            raise Changed("It was changed again.")
        if not Fact.objects.filter(pk=entry.data["fact"], is_current=False).update(is_current=True):
            raise Changed("It was restored already.")
        made.delete()
        data: dict[str, object] = {**entry.data, "act": "restored", "undoes": entry.pk}
        new = timeline.New(
            kind=Entry.Kind.FACT, customer=customer, conversation=locked, by=by, cause=entry, data=data
        )  # fmt: skip
        return timeline.record(new)


def tell_overdue(limit: int) -> int:
    """Tell once of each promise that was not kept in time; return how many were told."""
    rows = Fact.objects.filter(kind=Fact.Kind.PROMISED, is_current=True, told_at=None, due_at__lte=clock.now())
    return sum(_tell_overdue(fact) for fact in rows.select_related("entry__conversation").order_by("due_at")[:limit])


def _tell_overdue(fact: Fact) -> bool:
    conversation = fact.entry.conversation
    waiting = Fact.objects.filter(pk=fact.pk, told_at=None, is_current=True)
    if conversation is None:
        waiting.update(told_at=clock.now())
        return False
    with lock_customer(conversation) as (customer, locked):
        if not waiting.update(told_at=clock.now()) or is_kept(fact.entry, locked):
            return False
        timeline.record(
            timeline.New(
                kind=Entry.Kind.FACT,
                customer=customer,
                conversation=locked,
                cause=fact.entry,
                data={"act": "overdue", "fact": fact.pk, "what": "", "after": {"value": fact.value}},
            )
        )
        return True


def is_kept(entry: Entry, conversation: Conversation) -> bool:
    """Whether what was promised in an entry needs no alert: we wrote again since, it is done, or it was taken back."""
    said = entry.said
    if conversation.is_resolved or entry.is_undone or (said is not None and said.deleted_at is not None):
        return True
    since = Entry.objects.filter(conversation=conversation, actor=Entry.Actor.AGENT, seq__gt=entry.seq)
    ours = since.filter(message__direction=Message.Direction.OUT).exclude(data__has_any_keys=["undone", "held"])
    return ours.exists()


def _told(entry: Entry, said: Message) -> list[Learnt]:
    is_first = said.subject and not said.subject.lower().startswith(("re:", "fw", "r:", "i:"))
    text = "\n".join([*filling_in.lines(entry.data), f"{said.subject}\n{said.text}" if is_first else said.text])
    found = [*picking.pick(text, lambda: _order_pattern(entry)), *_answered(entry, said)]
    return [Learnt(Fact.Kind.KNOWN, one.value[:VALUE_MAX], one.what) for one in dict.fromkeys(found)]


def _order_pattern(entry: Entry) -> str:
    """Return how order numbers look: it came with the entry (`after.with_parts`), or is asked for."""
    found = getattr(entry, "order_pattern", None)
    return facts_sql.order_pattern() if found is None else str(found)


def _answered(entry: Entry, said: Message) -> list[picking.Found]:
    """Return what a short answer tells: only the one thing that our last message in this conversation asked for."""
    given = answering.answers(said.text, lambda: _order_pattern(entry))
    if not given or entry.conversation_id is None:
        return []
    earlier = Entry.objects.filter(conversation=entry.conversation_id, message__direction=Message.Direction.OUT)
    # In the order of their time, as people read them; what was taken back was asked of nobody.
    earlier = earlier.filter(occurred_at__lte=entry.occurred_at).exclude(data__has_any_keys=["undone", "held"])
    ours = earlier.exclude(pk=entry.pk).select_related("message").order_by("-occurred_at", "-pk").first()
    asked = asking.asks_for(ours.message.text) & set(given) if ours is not None else set()
    return [picking.Found(what, given[what]) for what in asked] if len(asked) == 1 else []


def _promised(entry: Entry, said: Message) -> list[Learnt]:
    learnt = [Learnt(Fact.Kind.TRIED, words) for words in saying.done(said.text)]
    zone = entry.by.time_zone if entry.by is not None else ""
    promise = saying.promise(said.text, entry.occurred_at.astimezone(ZoneInfo(zone or "UTC")))
    if promise is not None:
        learnt.append(Learnt(Fact.Kind.PROMISED, promise.value, due_at=promise.due_at))
    return learnt


def _change(fact: Fact, act: str, value: str = "", *, by: Agent) -> Entry:
    conversation = fact.entry.conversation
    if conversation is None:
        raise Changed("It belongs to no conversation.")
    with lock_customer(conversation) as (customer, locked):
        if not Fact.objects.filter(pk=fact.pk, is_current=True).update(is_current=False):
            raise Changed("Somebody was faster.")
        data = {"act": act, "fact": fact.pk, "what": fact.what, "before": {"value": fact.value}}
        if value:
            data["after"] = {"value": value}
        new = timeline.New(kind=Entry.Kind.FACT, customer=customer, conversation=locked, by=by, data=data)
        entry = timeline.record(new)
        if value:
            Fact.objects.create(
                customer=customer, entry=entry, kind=fact.kind, what=fact.what, value=value, due_at=fact.due_at,
                learnt_at=entry.occurred_at,
            )  # fmt: skip
        return entry
