"""What stands on the sheet: one customer's timeline, the composer, the panel. Read here, drawn by templates."""

import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from agents.models import Agent, Team
from agents.permissions import can, sight_of
from conversations import recording
from conversations.forms import TYPED_KINDS
from conversations.known import asking
from conversations.known.story import Story, Strip, facts_of, story_of, strip_of
from conversations.lists.listing import bands
from conversations.lists.queries import View
from conversations.merging import suggesting
from conversations.models.conversation import Conversation
from conversations.models.entry import Entry
from conversations.models.message import Message
from conversations.models.picture import Picture
from conversations.models.tag import ConversationTag
from conversations.reading.reading_sql import Reader, woven
from conversations.reading.stretches import SHOWS, Lens, Stretch, newest
from conversations.reading.telling import Told, tell
from conversations.views.writing import Composer, composer_for
from conversations.ways import Reach, reach_of
from conversations.whereabouts import Outlook, outlook
from customers.companies import of_writer
from customers.custom import Detail, details
from customers.models import Company, Consent, Customer, Identity
from helpdesk.lib import clock

MORNING = time(9)
PINNED_MAX, CONSENTS_MAX, WOVEN_MAX = 10, 200, 200
# The dye of an identity's kind where no channel of ours says it.
ICONS = {"visitor": "chat", "portal": "form", "shop": "store", "other": "chat"}


@dataclass(frozen=True, slots=True)
class Preset:
    """A time to snooze until. value: ISO 8601; words: as people say it."""

    name: str
    value: str
    words: str


@dataclass(frozen=True, slots=True)
class Known:
    """An identity as the panel shows it. row: with what its menu tells."""

    label: str
    icon: str
    is_verified: bool
    opted_out: bool
    pk: int = 0
    kind: str = ""
    reason: str = ""
    is_preferred: bool = False
    row: Identity | None = None


@dataclass(slots=True)
class Sheet:
    """Everything the sheet's templates are given."""

    agent: Agent
    customer: Customer
    conversation: Conversation | None
    view: View | None = None
    name: str = ""
    stretch: Stretch = field(default_factory=lambda: Stretch([], 0))
    told: list[Told] = field(default_factory=list)
    conversations: list[Conversation] = field(default_factory=list)
    identities: list[Known] = field(default_factory=list)
    patch: list[tuple[str, int]] = field(default_factory=list)
    picture: Picture | None = None
    composer: Composer | None = None
    may_write: bool = False
    may_change: bool = False
    may_look_up: bool = False
    local_time: str = ""
    alike: list[suggesting.Offer] = field(default_factory=list)
    works_at: Company | None = None
    kinds: list[tuple[str, Any]] = field(default_factory=list)
    pinned: list[Entry] = field(default_factory=list)
    details: list[Detail] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    consents: list[list[Consent]] = field(default_factory=list)
    asked_for: list[tuple[str, Any]] = field(default_factory=list)
    answers: list[tuple[str, Any]] = field(default_factory=list)
    agents: list[Agent] = field(default_factory=list)
    teams: list[Team] = field(default_factory=list)
    snoozes: list[Preset] = field(default_factory=list)
    strip: Strip = field(default_factory=Strip)
    story: Story = field(default_factory=Story)
    asks: str = ""
    outlook: Outlook = field(default_factory=Outlook)

    @property
    def has_several(self) -> bool:
        """Whether one address can go and others stay."""
        return len(self.identities) > 1

    @property
    def preferred(self) -> Known | None:
        """The address on which they want to be written to."""
        return next((one for one in self.identities if one.is_preferred), None)

    @property
    def shows(self) -> list[tuple[str, Any]]:
        """The chips above the timeline: `this conversation` only beside others."""
        several = self.conversation is not None and len(self.conversations) > 1
        return [(slug, name) for slug, name in SHOWS.items() if several or slug != "conversation"]

    @property
    def others(self) -> list[Conversation]:
        """The unresolved conversations, when there is more than one to choose from."""
        unresolved = [row for row in self.conversations if not row.is_resolved]
        return unresolved if len(unresolved) > 1 else []


def sheet_for(agent: Agent, customer: Customer, number: int | None, view: View | None = None) -> Sheet:
    """Read the whole sheet. number: which conversation; None: the one that is most alive."""
    conversations = _conversations(agent, customer)
    sheet = acts_for(agent, customer, _chosen(conversations, number))
    sheet.view, sheet.conversations = view, conversations
    sheet.stretch = newest(Lens(customer, agent))
    sheet.told = tell(sheet.stretch.entries, agent)
    reach = reach_of(customer, _last_in(sheet.stretch.entries), agent=agent)
    _fill_panel(sheet, reach)
    if sheet.conversation is not None:
        sheet.composer = composer_for(agent, sheet.conversation, presets(), sheet.told, reach)
        sheet.outlook = sheet.composer.outlook
        facts = facts_of(customer, sheet.conversation, agent)
        sheet.strip, sheet.asks = strip_of(facts), json.dumps(asking.patterns())
        sheet.story = story_of(sheet.conversation, facts, sheet.stretch.entries, agent)
    return sheet


def panel_for(agent: Agent, customer: Customer, number: int | None) -> Sheet:
    """Read what the panel shows, without timeline and composer."""
    conversations = _conversations(agent, customer)
    sheet = Sheet(agent, customer, _chosen(conversations, number), name=customer.best_name)
    sheet.conversations = conversations
    reach = reach_of(customer, agent=agent)
    _fill_panel(sheet, reach)
    if sheet.conversation is not None:
        sheet.outlook = outlook(sheet.conversation, reach)
    return sheet


def acts_for(agent: Agent, customer: Customer, conversation: Conversation | None) -> Sheet:
    """Read what the head of the sheet needs: who may do what, and to whom it can be given."""
    return Sheet(
        agent, customer, conversation, name=customer.best_name,
        may_write=conversation is not None and can(agent, "reply", conversation),
        agents=list(Agent.objects.people().order_by("name")[:100]),
        teams=list(Team.objects.all()[:100]), snoozes=presets(),
    )  # fmt: skip


def presets() -> list[Preset]:
    """Return the times that the snooze menu offers, in the agent's time zone."""
    now = clock.now().astimezone(timezone.get_current_timezone()).replace(second=0, microsecond=0)
    tomorrow = datetime.combine(now.date() + timedelta(days=1), MORNING, now.tzinfo)
    monday = datetime.combine(now.date() + timedelta(days=7 - now.weekday()), MORNING, now.tzinfo)
    offered = [(_("In 3 hours"), now + timedelta(hours=3)), (_("Tomorrow"), tomorrow), (_("Next week"), monday)]
    return [Preset(name, at.isoformat(), formats.date_format(at, "D H:i")) for name, at in offered]


def known(identity: Identity) -> Known:
    """Return an identity as the panel shows it."""
    return Known(
        identity.label, ICONS.get(identity.kind, identity.kind), identity.is_verified,
        identity.opted_out_at is not None, identity.pk, identity.get_kind_display(), identity.opted_out_reason,
        identity.customer.preferred_identity_id == identity.pk, identity,
    )  # fmt: skip


def _conversations(agent: Agent, customer: Customer) -> list[Conversation]:
    rows = Conversation.objects.visible_to(agent).filter(customer=customer)
    rows = rows.select_related("customer", "assignee", "team", "topic", "brand")
    tags = ConversationTag.objects.filter(conversation=OuterRef("pk")).order_by("tag__name")
    rows = rows.annotate(tag_names=ArraySubquery(tags.values("tag__name")))
    return list(rows.order_by("-last_entry_at", "-pk")[:50])


def _fill_panel(sheet: Sheet, reach: Reach) -> None:
    customer = sheet.customer
    sheet.identities = [known(row) for row in reach.identities[:50]]
    sheet.patch = patch_of(customer, sheet.agent, reach)
    # Read with the identities; most have none.
    faces: list[Picture] = [row.picture for row in reach.identities if hasattr(row, "picture")]
    sheet.picture = max(faces, key=lambda face: (face.fetched_at, face.pk), default=None)
    sheet.may_change, sheet.may_look_up = can(sheet.agent, "reply"), can(sheet.agent, "administer")
    if sheet.may_change:
        sheet.alike = suggesting.open_for(customer, sheet.agent)
        sheet.works_at = of_writer(customer, reach.identities[:50], sheet.agent)
    notes = Entry.objects.shown_to(sheet.agent).filter(customer=customer, kind=Entry.Kind.NOTE, data__pinned=True)
    sheet.pinned = list(notes.select_related("by").order_by("-occurred_at", "-pk")[:PINNED_MAX])
    sheet.details, sheet.tags = details(customer.custom), recording.tags_of_customer(customer)
    sheet.consents = consents_of(reach)
    sheet.asked_for, sheet.answers = list(Consent.Purpose.choices), list(Consent.State.choices)
    sheet.kinds = [(kind.value, kind.label) for kind in TYPED_KINDS]
    sheet.local_time = _local_time(customer.time_zone)


def consents_of(reach: Reach) -> list[list[Consent]]:
    """Return what was said to each purpose on each address: the newest, which counts, before those it replaced."""
    rows = Consent.objects.filter(identity__in=[row.pk for row in reach.identities]).select_related("identity")
    by_question: dict[tuple[int, str], list[Consent]] = defaultdict(list)
    for row in rows.order_by("identity", "purpose", "-at", "-pk")[:CONSENTS_MAX]:
        by_question[row.identity_id, row.purpose].append(row)
    return list(by_question.values())


def _local_time(zone: str) -> str:
    try:
        return formats.time_format(clock.now().astimezone(ZoneInfo(zone)).time(), "H:i") if zone else ""
    except (ZoneInfoNotFoundError, ValueError):
        return ""


def _chosen(conversations: list[Conversation], number: int | None) -> Conversation | None:
    if number is not None:
        return next((row for row in conversations if row.number == number), None)
    alive = [row for row in conversations if not row.is_resolved]
    return next(iter(alive or conversations), None)


def _last_in(entries: list[Entry]) -> Message | None:
    """The newest message by the customer among these, which stand in the order of their time."""
    heard = (entry.said for entry in reversed(entries) if entry.said is not None and entry.said.is_inbound)
    return next(heard, None)


def patch_of(customer: Customer, agent: Agent, reach: Reach) -> list[tuple[str, int]]:
    """Weave what this agent may know of: a private team's channels leave no band for outsiders.

    Of the newest messages alone: which channels somebody uses, and not which they used ten years ago.
    """
    icons = {one.pk: one.icon for one in reach.channels}
    counts = woven(Reader(customer, sight_of(agent)), WOVEN_MAX)
    return bands((icons[channel], count) for channel, count in counts[:5])
