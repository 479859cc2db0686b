"""What the team keeps of a customer beside the conversation: pinned notes, and tags on either."""

from typing import TYPE_CHECKING

from django.db import transaction

from agents.models import Agent
from conversations import timeline
from conversations.locks import lock_customer, lock_customer_row
from conversations.models.entry import Entry
from conversations.models.tag import ConversationTag, CustomerTag, Tag
from customers.custom import Wrong, readable
from customers.models import Customer

if TYPE_CHECKING:
    from conversations.models.conversation import Conversation

TAGS_MAX, TAG_MAX, NOTE_MAX = 20, 60, 2_000


class Refused(ValueError):
    """It cannot be kept: empty, too long, or too many."""


def pin_note(customer: Customer, text: str, *, by: Agent) -> Entry:
    """Write a note about the customer that stays in sight. Raises Refused. Takes the customer's row lock."""
    # PostgreSQL keeps no NUL in JSON.
    text = text.replace("\0", "").strip()
    if not text or len(text) > NOTE_MAX:
        raise Refused(text[:TAG_MAX])
    with transaction.atomic():
        locked = lock_customer_row(customer.pk)
        data = {"text": text, "pinned": True}
        return timeline.record(timeline.New(kind=Entry.Kind.NOTE, customer=locked, by=by, data=data))


def pin(entry: Entry, *, by: Agent, is_on: bool = True) -> bool:
    """Keep a note in sight, or no longer; return whether that is new. Takes the customer's row lock."""
    with transaction.atomic():
        lock_customer_row(entry.customer_id)
        fresh = Entry.objects.get(pk=entry.pk)
        if fresh.kind != Entry.Kind.NOTE or bool(fresh.data.get("pinned")) == is_on:
            return False
        said = {"pinned": True} if is_on else {"unpinned": by.name}
        kept = {name: value for name, value in fresh.data.items() if name not in {"pinned", "unpinned"}}
        timeline.touch(fresh, data={**kept, **said})
        return True


def tag(conversation: "Conversation", word: str, *, by: Agent) -> Entry | None:
    """Put a tag on, made on first use; None when it is there. Raises Refused. Takes the customer's lock."""
    name = clean_tag(word)
    with lock_customer(conversation) as (customer, locked):
        before = tags_of(locked)
        if name in before:
            return None
        if len(before) >= TAGS_MAX:
            raise Refused(name)
        ConversationTag.objects.create(conversation=locked, tag=Tag.objects.get_or_create(name=name)[0])
        return _tell(customer, before, tags_of(locked), by, locked)


def untag(conversation: "Conversation", word: str, *, by: Agent) -> Entry | None:
    """Take a tag off; None when it is not there. Takes the customer's lock."""
    with lock_customer(conversation) as (customer, locked):
        before = tags_of(locked)
        gone, _rows = ConversationTag.objects.filter(conversation=locked, tag__name=word).delete()
        return _tell(customer, before, tags_of(locked), by, locked) if gone else None


def tags_of(conversation: "Conversation") -> list[str]:
    """Return the tags of a conversation in the order of the alphabet."""
    rows = ConversationTag.objects.filter(conversation=conversation)
    return list(rows.order_by("tag__name").values_list("tag__name", flat=True))


def tag_customer(customer: Customer, word: str, *, by: Agent) -> Entry | None:
    """Put a tag on a customer, made on first use; None when it is there. Raises Refused. Takes their row lock."""
    name = clean_tag(word)
    with transaction.atomic():
        locked = lock_customer_row(customer.pk)
        before = tags_of_customer(locked)
        if name in before:
            return None
        if len(before) >= TAGS_MAX:
            raise Refused(name)
        CustomerTag.objects.create(customer=locked, tag=Tag.objects.get_or_create(name=name)[0])
        return _tell(locked, before, tags_of_customer(locked), by)


def untag_customer(customer: Customer, word: str, *, by: Agent) -> Entry | None:
    """Take a tag off a customer; None when it is not there. Takes the customer's row lock."""
    with transaction.atomic():
        locked = lock_customer_row(customer.pk)
        before = tags_of_customer(locked)
        gone, _rows = CustomerTag.objects.filter(customer=locked, tag__name=word).delete()
        return _tell(locked, before, tags_of_customer(locked), by) if gone else None


def tags_of_customer(customer: Customer) -> list[str]:
    """Return the tags of a customer in the order of the alphabet."""
    rows = CustomerTag.objects.filter(customer=customer)
    return list(rows.order_by("tag__name").values_list("tag__name", flat=True))


def clean_tag(word: str) -> str:
    """Return a tag as it is kept. Raises Refused, also for what nobody can see or type."""
    try:
        name = " ".join(readable(word, TAG_MAX).split()).lower()
    except Wrong as wrong:
        raise Refused(word[:TAG_MAX]) from wrong
    # Some letters have more characters when they are small.
    if not name or len(name) > TAG_MAX:
        raise Refused(name[:TAG_MAX])
    return name


def _tell(
    customer: Customer, before: list[str], after: list[str], by: Agent, conversation: "Conversation | None" = None
) -> Entry:
    data = {"before": {"tags": before}, "after": {"tags": after}}
    new = timeline.New(kind=Entry.Kind.TAGS, customer=customer, conversation=conversation, by=by, data=data)
    return timeline.record(new)
