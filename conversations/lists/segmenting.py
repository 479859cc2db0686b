"""Whom a segment finds: its conditions over customers' own rows, those over conversations, and this agent's sight.

Of conversations only those count that the agent sees: nobody is found, nor counted, by what they may not know of.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from agents import audit
from agents.models import Agent
from conversations.lists.walking import seen_customers
from conversations.models.conversation import Conversation, ConversationQuerySet
from conversations.models.message import Message
from conversations.models.tag import ConversationTag, CustomerTag, Tag
from conversations.models.thread import Thread
from conversations.templatetags.timeline import channel_words
from customers import segments
from customers.models import Customer, CustomerQuerySet, Segment
from customers.segment_fields import own_fields
from customers.segments import Asked, Choices, Condition, Field, Fields, Op
from helpdesk.lib import clock

COUNT_MAX, TAGS_MAX = 1_000, 300
LOOKS = (
    "email", "chat", "whatsapp", "messenger", "instagram", "telegram", "line", "viber", "sms", "phone", "video", "form",
    "store", "api",
)  # fmt: skip


class NameTaken(Exception):
    """Another segment has this name."""


class ChangedMeanwhile(Exception):
    """A colleague changed or deleted the segment since the page was drawn."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A segment with how many customers this agent knows of it finds, counted up to COUNT_MAX + 1."""

    segment: Segment
    count: int
    is_broken: bool


def fields() -> Fields:
    """Return all that a segment can ask for, in the order in which it is offered."""
    own = own_fields()
    custom = {slug: field for slug, field in own.items() if slug.startswith("custom:")}
    plain = {slug: field for slug, field in own.items() if slug not in custom}
    return {**plain, **_OF_CONVERSATIONS, **custom}


def found_by(
    condition: Condition | None, agent: Agent, known: Fields | None = None, among: CustomerQuerySet | None = None
) -> CustomerQuerySet:
    """Return the customers who fulfil a condition and whom this agent sees. among: these, where they are known."""
    asked = segments.question(condition, known or fields(), agent)
    return (seen_customers(agent) if among is None else among).filter(asked)


def count(rows: CustomerQuerySet) -> int:
    """Count customers up to COUNT_MAX + 1, which stands for more."""
    return rows.order_by()[: COUNT_MAX + 1].count()


def counted(rows: Iterable[Segment], agent: Agent) -> list[Counted]:
    """Count what each segment finds: one statement for each."""
    known, among, found = fields(), seen_customers(agent), []
    for segment in rows:
        condition = segments.read(segment.condition)
        n = count(found_by(condition, agent, known, among))
        found.append(Counted(segment, n, is_broken(condition, known, agent)))
    return found


def is_broken(condition: Condition | None, known: Fields, agent: Agent) -> bool:
    """Whether a condition names something that does not exist (any more)."""
    return condition is None or any(segments.trouble(row, known, agent) for row in condition.rows)


def keep(segment: Segment, name: str, condition: Condition, *, by: Agent, known: str = "") -> None:
    """Store a segment, a new one or one that still is as it was `known` (`mark_of`).

    Raises NameTaken, ChangedMeanwhile. Takes the segment's row lock.
    """
    with transaction.atomic():
        before: dict[str, Any] = {}
        if segment.pk is not None:
            stands = Segment.objects.select_for_update(no_key=True).filter(pk=segment.pk).first()
            if stands is None or mark_of(stands) != known:
                raise ChangedMeanwhile(segment.name)
            before = _said(stands)
        segment.name, segment.condition = name, condition.stored()
        try:
            with transaction.atomic():
                segment.save()
        except IntegrityError as error:
            raise NameTaken(name) from error
        if before != _said(segment):
            audit.changed(by, f"segment {segment.pk}", before, _said(segment))


def delete(segment: Segment, *, by: Agent) -> None:
    """Delete a segment; nothing is done to whom it found. Safe to call twice."""
    with transaction.atomic():
        stands = Segment.objects.select_for_update(no_key=True).filter(pk=segment.pk).first()
        if stands is not None:
            audit.changed(by, f"segment {stands.pk}", _said(stands), {})
            stands.delete()


def mark_of(segment: Segment) -> str:
    """Return what tells one state of a segment from another."""
    return hashlib.sha256(json.dumps(_said(segment), sort_keys=True).encode()).hexdigest()[:16]


def _said(segment: Segment) -> dict[str, Any]:
    return {"name": segment.name, "condition": segment.condition}


def _seen(asked: Asked) -> ConversationQuerySet:
    return Conversation.objects.visible_to(asked.agent).genuine().filter(customer=OuterRef("pk"))


def _either_way(asked: Asked, found: Exists, *, no: tuple[str, ...]) -> Q:
    return Q(~found) if asked.op in no else Q(found)


def _tag(asked: Asked) -> Q:
    tagged = ConversationTag.objects.filter(conversation=OuterRef("pk"), tag__name=asked.value)
    return _either_way(asked, Exists(_seen(asked).filter(Exists(tagged))), no=("has_not",))


def _own_tag(asked: Asked) -> Q:
    tagged = CustomerTag.objects.filter(customer=OuterRef("pk"), tag__name=asked.value)
    return _either_way(asked, Exists(tagged), no=("has_not",))


def _tags(agent: Agent) -> Choices:
    return _names(_seen_tags(agent))


def _has_tag(name: str, agent: Agent) -> bool:
    return _seen_tags(agent).filter(name=name).exists()


def _seen_tags(agent: Agent) -> QuerySet[Tag]:
    seen = Conversation.objects.visible_to(agent)
    return Tag.objects.filter(Exists(ConversationTag.objects.filter(tag=OuterRef("pk"), conversation__in=seen)))


def _own_tags(agent: Agent) -> Choices:
    return _names(_seen_own_tags(agent))


def _has_own_tag(name: str, agent: Agent) -> bool:
    return _seen_own_tags(agent).filter(name=name).exists()


def _seen_own_tags(agent: Agent) -> QuerySet[Tag]:
    theirs = CustomerTag.objects.filter(tag=OuterRef("pk"), customer__in=Customer.objects.visible_to(agent))
    return Tag.objects.filter(Exists(theirs))


def _names(rows: QuerySet[Tag]) -> Choices:
    return [(name, name) for name in rows.order_by("name").values_list("name", flat=True)[:TAGS_MAX]]


def _last_said(asked: Asked) -> Q:
    since = clock.now() - timedelta(days=asked.value)
    return _either_way(asked, Exists(_seen(asked).filter(last_entry_at__gte=since)), no=("not_within",))


def _open(asked: Asked) -> Q:
    return _either_way(asked, Exists(_seen(asked).unresolved()), no=("no",))


def _channel(asked: Asked) -> Q:
    channel: Any = Thread._meta.get_field("channel").related_model
    pks = [row.pk for row in channel.objects.all() if row.icon == asked.value]
    seen = Conversation.objects.visible_to(asked.agent).genuine().filter(pk=OuterRef("entry__conversation"))
    said = Message.objects.filter(customer=OuterRef("pk"), channel__in=pks).filter(Exists(seen))
    return _either_way(asked, Exists(said), no=("has_not",))


_OF_CONVERSATIONS: dict[str, Field] = {
    "last_contact": Field(
        _("Last contact"),
        {"within": Op(_("in the last days"), "days"), "not_within": Op(_("not in the last days"), "days")},
        _last_said,
    ),
    "open": Field(_("Open conversation"), {"yes": Op(_("yes")), "no": Op(_("no"))}, _open),
    "channel": Field(
        _("Channel used"), {"has": Op(_("is"), "choice"), "has_not": Op(_("is not"), "choice")}, _channel,
        lambda agent: [(look, channel_words(look)) for look in LOOKS],
    ),
    "customer_tag": Field(
        _("Tag of the customer"), {"has": Op(_("is"), "choice"), "has_not": Op(_("is not"), "choice")},
        _own_tag, _own_tags, _has_own_tag,
    ),
    "tag": Field(
        _("Tag of a conversation"), {"has": Op(_("is"), "choice"), "has_not": Op(_("is not"), "choice")},
        _tag, _tags, _has_tag,
    ),
}  # fmt: skip
