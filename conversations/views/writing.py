"""What the composer shows: the ways to write, the drafts, what is still held."""

from dataclasses import dataclass, field
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from agents.models import Agent
from agents.permissions import can
from conversations import buttons
from conversations.bridging import bridges, subject_for
from conversations.models.conversation import Conversation
from conversations.models.draft import Draft
from conversations.models.message import Message
from conversations.models.thread import Thread
from conversations.reading.telling import Told, Travel
from conversations.views.routes import Choice, Place, choices_of, place_of, verb_of
from conversations.ways import Reach, Way, reach_of, ways
from conversations.whereabouts import Outlook, outlook
from helpdesk.lib import clock

UNDO_MAX = 30


@dataclass(slots=True)
class Composer:
    """Everything the composer's template is given."""

    ways: list[Way] = field(default_factory=list)
    channels: list[Choice] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    way: str = ""
    reason: str = ""
    channel_id: int = 0
    icon: str = "email"
    verb: str = ""
    placeholder: str = ""
    why_not: str = ""
    subject: str = ""
    cc: str = ""
    bcc: str = ""
    addresses: list[str] = field(default_factory=list)
    mode: str = "reply"
    reply: str = ""
    buttons: list[str] = field(default_factory=list)
    note: str = ""
    reply_draft: Draft | None = None
    note_draft: Draft | None = None
    reply_saved_at: int = 0
    note_saved_at: int = 0
    saved: str = ""
    wrong: str = ""
    may_note: bool = True
    snoozes: list[Any] = field(default_factory=list)
    held: Travel | None = None
    held_seconds: int = 0
    can_hop: bool = False
    outlook: Outlook = field(default_factory=Outlook)


def composer_for(
    agent: Agent,
    conversation: Conversation,
    snoozes: list[Any],
    told: list[Told] | None = None,
    reach: Reach | None = None,
) -> Composer:
    """Read what the composer of one conversation shows to one agent. reach: when it is known already."""
    reach = reach or reach_of(conversation.customer, agent=agent)
    composer = Composer(snoozes=snoozes, addresses=_addresses(conversation, reach))
    composer.outlook = outlook(conversation, reach)
    if can(agent, "reply", conversation):
        composer.ways = ways(conversation.customer, conversation.brand, reach)
    else:
        composer.why_not = _("Your role writes notes only.")
    _choose(composer, conversation, reach.last)
    composer.can_hop = bool(composer.ways) and any(_hosts(channel, conversation) for channel in reach.channels)
    composer.channels = choices_of(composer.ways, _bridges(conversation, composer.ways, reach.last))
    _fill(composer, agent, conversation)
    _hold(composer, agent, told or [])
    return composer


def saved_words(draft: Draft | None) -> str:
    """Say when a draft was saved."""
    if draft is None or not (draft.text or buttons.titles_in(draft.route)):
        return ""
    at = formats.date_format(draft.saved_at.astimezone(timezone.get_current_timezone()), "H:i")
    return _("Draft saved %(time)s") % {"time": at}


def _choose(composer: Composer, conversation: Conversation, last: Message | None) -> None:
    best = next((way for way in composer.ways if way.can_use), None)
    if best is None:
        closed = composer.ways[0].why_not if composer.ways else _("No way to reach: add an identity")
        composer.why_not = composer.why_not or closed
        composer.ways = []
        composer.mode = "note"
        return
    plans = composer.outlook.plans
    composer.places = [place_of(way, conversation.customer, plans.get(way.key)) for way in composer.ways]
    composer.reason = best.reason
    _take(composer, best)
    composer.placeholder = _("Reply by %(channel)s") % {"channel": best.channel.label}
    thread = Thread.objects.filter(conversation=conversation, channel=best.channel).order_by("-last_in_at").first()
    composer.subject = _answering((thread.subject if thread else "") or conversation.subject)
    composer.subject = composer.subject or subject_for(conversation.customer, conversation.brand, last)


def _hosts(channel: Any, conversation: Conversation) -> bool:
    """Whether the customer can be asked over to a channel, for what is confidential."""
    is_ours = channel.brand_id == conversation.brand_id and channel.state == "active"
    return is_ours and bool(channel.capabilities.hosts_hop)


def _take(composer: Composer, way: Way) -> None:
    channel = way.channel
    composer.way, composer.channel_id, composer.icon = way.key, channel.pk, channel.icon
    composer.verb = verb_of(channel.icon, str(channel.label))


def _answering(subject: str) -> str:
    return subject if not subject or subject.lower().startswith("re:") else f"Re: {subject}"


def _fill(composer: Composer, agent: Agent, conversation: Conversation) -> None:
    drafts = {draft.mode: draft for draft in Draft.objects.filter(agent=agent, conversation=conversation)}
    reply, note = drafts.get(Draft.Mode.REPLY), drafts.get(Draft.Mode.NOTE)
    composer.reply_draft, composer.note_draft = reply, note
    if note is not None:
        composer.note, composer.note_saved_at = note.text, int(note.saved_at.timestamp() * 1000)
    if reply is not None:
        composer.reply, composer.reply_saved_at = reply.text, int(reply.saved_at.timestamp() * 1000)
        composer.buttons = buttons.titles_in(reply.route)
        _route(composer, reply.route)
    composer.saved = saved_words(reply) or saved_words(note)


def _route(composer: Composer, route: dict[str, Any]) -> None:
    """Put back where a draft was going, if that is still possible."""
    key = f"{route.get('channel_id')}-{route.get('identity_id')}"
    way = next((way for way in composer.ways if way.key == key and way.can_use), None)
    if way is not None and way.key != composer.way:
        composer.reason = ""
        _take(composer, way)
    composer.subject = str(route.get("subject") or composer.subject)
    composer.cc = ", ".join(route.get("cc") or ())
    composer.bcc = ", ".join(route.get("bcc") or ())


def _hold(composer: Composer, agent: Agent, told: list[Told]) -> None:
    mine = [one.travel for one in told if one.travel and one.travel.is_held and one.entry.by_id == agent.pk]
    if mine:
        composer.held = mine[-1]
        composer.held_seconds = held_seconds(mine[-1])


def held_seconds(travel: Travel) -> int:
    """Return for how many seconds a reply may still be taken back."""
    until = travel.delivery.hold_until
    return max(1, round((until - clock.real()).total_seconds())) if until else 0


def _addresses(conversation: Conversation, reach: Reach) -> list[str]:
    theirs = (one.value for one in reach.identities if one.kind == "email")
    others = conversation.participants.values_list("identity__value", flat=True)
    return sorted({*theirs, *others})


def hold_seconds(agent: Agent, way: Way | None) -> int:
    """Return how long a reply by this way can be taken back: what the channel gives, as the agent wants it."""
    can = way.channel.capabilities if way else None
    return min(agent.undo_seconds, UNDO_MAX) if can and can.undo_seconds else 0


def _bridges(conversation: Conversation, ways: list[Way], last: Message | None) -> dict[int, str]:
    """Return the lines that tie an answer to their last message, per channel."""
    usable = list({way.channel.pk: way.channel for way in ways if way.can_use}.values())
    return bridges(conversation.customer, conversation.brand, last, usable)
