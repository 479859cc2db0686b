"""What an agent reads before they write: what is known of a customer, and the story of a conversation so far."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from agents.models import Agent
from conversations.known import saying
from conversations.known.facts import REOPENED
from conversations.models.conversation import Conversation
from conversations.models.entry import Entry
from conversations.models.fact import Fact
from customers.models import Customer
from helpdesk.lib import clock

READ_MAX = 80
SHOWN_MAX, PER_WHAT_MAX = 6, 2
PARTS_MAX = 3
GLYPHS = {"order": "box", "tracking": "truck", "address": "store", "phone": "phone", "product": "tag", "": "clock"}
PLACES = {what: place for place, what in enumerate(("order", "tracking", "", "address", "phone", "product"))}


@dataclass(frozen=True, slots=True)
class Item:
    """One thing on the strip. key: the digit that inserts it, "" where there is none; icon: the source's channel."""

    fact: Fact
    words: str
    insert: str
    glyph: str
    icon: str
    key: str = ""
    already: str = ""
    is_late: bool = False


@dataclass(slots=True)
class Strip:
    """The known things of a customer: those in sight, and the rest behind "+4"."""

    items: list[Item] = field(default_factory=list)
    more: list[Item] = field(default_factory=list)

    @property
    def all(self) -> list[Item]:
        return [*self.items, *self.more]


@dataclass(frozen=True, slots=True)
class Part:
    """One line of the story, with the entry that it comes from."""

    words: str
    entry: int
    at: datetime
    due: str = ""
    is_late: bool = False


@dataclass(slots=True)
class Story:
    """What was asked, tried and promised in one conversation, and what is open. is_new: for who has just got it."""

    asked: list[Part] = field(default_factory=list)
    tried: list[Part] = field(default_factory=list)
    promised: list[Part] = field(default_factory=list)
    open: list[Part] = field(default_factory=list)
    is_new: bool = False

    @property
    def is_told(self) -> bool:
        """Whether it says more than the last message does."""
        return bool(self.tried or self.promised or self.open or (self.asked and self.is_new))

    @property
    def is_late(self) -> bool:
        return any(part.is_late for part in self.promised)


def facts_of(customer: Customer, conversation: Conversation | None, agent: Agent) -> list[Fact]:
    """Return what is known of a customer and what happened in a conversation, newest first (one query)."""
    here = Q(kind__in=[Fact.Kind.KNOWN, Fact.Kind.PROMISED])
    if conversation is not None:
        here |= Q(entry__conversation=conversation)
    rows = Fact.objects.filter(here, customer=customer).shown_to(agent).standing()
    return list(rows.select_related("entry__message__channel").order_by("-learnt_at", "pk")[:READ_MAX])


def strip_of(facts: Iterable[Fact]) -> Strip:
    """Return the strip: each thing once, at most two of a kind in sight, the newest first, and one promise."""
    seen: dict[tuple[str, str], Fact] = {}
    for fact in facts:
        if fact.kind == Fact.Kind.KNOWN:
            seen.setdefault((fact.what, fact.value.casefold()), fact)
        elif fact.kind == Fact.Kind.PROMISED:
            seen.setdefault(("", ""), fact)
    ordered = sorted(seen.values(), key=lambda fact: PLACES.get(fact.what, len(PLACES)))
    first: list[Fact] = []
    rest: list[Fact] = []
    for fact in ordered:
        is_enough = len(first) == SHOWN_MAX or sum(one.what == fact.what for one in first) == PER_WHAT_MAX
        (rest if is_enough else first).append(fact)
    return Strip([_item(fact, str(n)) for n, fact in enumerate(first, 1)], [_item(fact) for fact in rest])


def story_of(conversation: Conversation, facts: Iterable[Fact], entries: list[Entry], agent: Agent) -> Story:
    """Return the story so far. entries: the newest of the timeline, in the order of their time."""
    story = Story(is_new=_is_new_to(agent, conversation, entries))
    heard = [entry for entry in entries if _is_heard(entry, conversation)]
    story.asked = _asked(heard[:1])
    for fact in facts:
        if fact.entry.conversation_id == conversation.pk:
            _add(story, fact)
    if conversation.waiting_since is not None:
        waiting = [entry for entry in heard[1:] if entry.occurred_at >= conversation.waiting_since]
        story.open = [*_asked(waiting[-1:]), *story.open][:PARTS_MAX]
    return story


def entries_of(conversation: Conversation, agent: Agent) -> list[Entry]:
    """Return the newest entries of a conversation, as `story_of` wants them."""
    rows = Entry.objects.shown_to(agent).filter(conversation=conversation).exclude(data__has_key="undone")
    return list(rows.select_related("message").order_by("-occurred_at", "-pk")[:50])[::-1]


def due_words(at: datetime) -> str:
    """Say until when: the hour today, else the day too."""
    local = at.astimezone(timezone.get_current_timezone())
    is_today = local.date() == clock.now().astimezone(local.tzinfo).date()
    return formats.date_format(local, "H:i" if is_today else "D j M H:i")


def _add(story: Story, fact: Fact) -> None:
    parts = {Fact.Kind.TRIED: story.tried, Fact.Kind.PROMISED: story.promised, Fact.Kind.OPEN: story.open}.get(
        Fact.Kind(fact.kind)
    )
    if parts is None or len(parts) == PARTS_MAX:
        return
    words = _("Resolved, and opened again") if fact.value == REOPENED else fact.value
    due = due_words(fact.due_at) if fact.due_at else ""
    parts.append(Part(words, fact.entry_id, fact.learnt_at, due, _is_late(fact)))


def _asked(entries: list[Entry]) -> list[Part]:
    parts = [(entry, saying.asked(entry.message.text) or entry.message.subject) for entry in entries]
    return [Part(words, entry.pk, entry.occurred_at) for entry, words in parts if words]


def _is_heard(entry: Entry, conversation: Conversation) -> bool:
    said = entry.said
    is_ours = entry.conversation_id == conversation.pk and "robot" not in entry.data
    return is_ours and said is not None and said.is_inbound and said.deleted_at is None


def _is_new_to(agent: Agent, conversation: Conversation, entries: list[Entry]) -> bool:
    """Whether the agent owns it and has neither answered nor noted anything in it lately."""
    written = {Entry.Kind.MESSAGE, Entry.Kind.NOTE}
    mine = (
        entry.by_id == agent.pk and entry.kind in written
        for entry in entries
        if entry.conversation_id == conversation.pk
    )
    return conversation.assignee_id == agent.pk and not any(mine)


def _is_late(fact: Fact) -> bool:
    return fact.due_at is not None and fact.due_at <= clock.now()


def _item(fact: Fact, key: str = "") -> Item:
    said = fact.entry.said
    icon = said.channel.icon if said is not None else "note"
    if fact.kind == Fact.Kind.PROMISED and fact.due_at is not None:
        words = pgettext("strip", "Promised by %(time)s") % {"time": due_words(fact.due_at)}
    elif fact.what == Fact.What.ORDER:
        words = _("Order %(number)s") % {"number": fact.value}
    else:
        words = fact.value
    glyph = GLYPHS.get(fact.what, "info")
    return Item(fact, words, fact.value, glyph, icon, key, _already(fact), _is_late(fact))


def _already(fact: Fact) -> str:
    """Say it to whoever is about to ask for it."""
    words = {
        Fact.What.ORDER: _("You already have the order number: %(value)s"),
        Fact.What.TRACKING: _("You already have the tracking number: %(value)s"),
        Fact.What.PHONE: _("You already have the phone number: %(value)s"),
        Fact.What.ADDRESS: _("You already have the address: %(value)s"),
    }
    return words[Fact.What(fact.what)] % {"value": fact.value} if fact.what in words else ""
