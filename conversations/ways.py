"""Through which channel and identity we could write to a customer now, until when, or why not."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Max
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from agents.models import Agent, Brand
from conversations import privately
from conversations.models.entry import Entry
from conversations.models.message import Message
from conversations.models.thread import Thread
from conversations.windows import CLOSED, HUMAN, OPEN
from customers.models import Customer, Identity
from helpdesk.lib import clock, crypto

# Exchanges that only the two sides read: what was said in public opens no window.
BETWEEN_US = privately.CHATS
# In a thread's hints: a link of ours brought its person there (channels_app/hopping.py).
CAME_OVER = "came_over"


@dataclass(frozen=True, slots=True)
class Heard:
    """When somebody last wrote through one channel, and until when the provider said that we may answer.

    is_comment: the last they wrote there stands in public. came_at: when they were last heard where a link of ours
    brought them.
    """

    at: datetime | None = None
    until: datetime | None = None
    is_comment: bool = False
    came_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """One way to write. channel: the row of the upper room; why_not: '' when free text can be written.

    window: open, human (past the window, yet a person may write by hand) or closed; '' where there is none. until:
    when that changes for the worse; by_hand_until: until when a person may write. needs_template: only a text that the
    provider approved can go. reason: why it is the first of its list. is_comment: it answers what they wrote in
    public, there or in private: private_why_not says why not so, and is_private_chat that it goes where they write to
    us in private. came_at: when they came over by our link. note: what is to be known before writing (a channel that is
    down, a sandbox).
    """

    channel: Any
    identity: Identity
    until: datetime | None = None
    why_not: str = ""
    reason: str = ""
    window: str = ""
    needs_template: bool = False
    note: str = ""
    by_hand_until: datetime | None = None
    is_comment: bool = False
    private_why_not: str = ""
    is_private_chat: bool = False
    came_at: datetime | None = None

    @property
    def can_write(self) -> bool:
        """Whether free text can go."""
        return not self.why_not

    @property
    def can_use(self) -> bool:
        """Whether anything can go: free text or an approved one."""
        return not self.why_not or self.needs_template

    @property
    def key(self) -> str:
        """Names the way in a form."""
        return key_of(self.channel, self.identity)


@dataclass(frozen=True, slots=True)
class Reach:
    """What decides over the ways to a customer: their addresses, our channels, what they wrote last."""

    identities: list[Identity]
    channels: list[Any]
    last: Message | None


def key_of(channel: Any, identity: Identity) -> str:
    """Return the name of a way in a form."""
    return f"{channel.pk}-{identity.pk}"


def reach_of(
    customer: Customer, last: Message | None = None, *, agent: Agent | None = None, is_chosen: bool = False
) -> Reach:
    """Read a customer's reach. last: the newest message by them, when it is known already.

    agent: who will see it, so only a message that they may see decides what comes first; None: whatever was said.
    is_chosen: a way was chosen already, so nothing comes first, and what they wrote last is not looked for.
    """
    channel: Any = Thread._meta.get_field("channel").related_model
    identities = list(customer.identities.select_related("picture").order_by("pk"))
    last = last if last is not None or is_chosen else _last_in(customer, agent)
    return Reach(identities, list(channel.objects.order_by("pk")), last)


def ways(customer: Customer, brand: Brand, reach: Reach | None = None) -> list[Way]:
    """Return every way, best first: where the customer last wrote, what they prefer, the rest.

    The first says why it is the first.
    """
    reach = reach or reach_of(customer)
    ours = [one for one in reach.channels if one.brand_id == brand.pk and one.capabilities.takes_answers]
    pairs = [(channel, identity) for channel in ours for identity in theirs(channel, reach.identities)]
    # Most desks have channels on which it does not matter when somebody last wrote: those ask nothing.
    heard = _heard(customer) if any(_minds(channel) for channel, _identity in pairs) else {}
    if any(channel.capabilities.hosts_hop for channel, _identity in pairs):
        heard |= _came_over(customer, heard)
    found = [_way(channel, one, heard.get((channel.pk, one.pk), Heard())) for channel, one in pairs]
    ordered = sorted(found, key=lambda way: _rank(way, customer, reach.last))
    return [replace(ordered[0], reason=_reason(ordered[0], customer, reach.last)), *ordered[1:]] if ordered else []


def _last_in(customer: Customer, agent: Agent | None) -> Message | None:
    # By time, not by number: what came with a merge has fresh numbers.
    rows = Message.objects.filter(entry__customer=customer, direction=Message.Direction.IN)
    if agent is not None:
        rows = rows.filter(entry__in=Entry.objects.filter(customer=customer).visible_to(agent))
    return rows.select_related("sender", "channel", "entry").order_by("-entry__occurred_at", "-entry_id").first()


def _minds(channel: Any) -> bool:
    can = channel.capabilities
    return bool(can.reply_window_hours or not can.can_begin)


def _heard(customer: Customer) -> dict[tuple[int, int], Heard]:
    """Read when each identity was last heard on each channel: one statement, however many there are."""
    threads = Thread.objects.filter(identity__customer=customer, kind__in=[*BETWEEN_US, Thread.Kind.COMMENT]).order_by()
    rows = threads.values_list("channel_id", "identity_id", "kind")
    found: dict[tuple[int, int], Heard] = {}
    # The newest last, so that a comment which is newer than all that was said in private is seen as such.
    newest = rows.annotate(at=Max("last_in_at"), until=Max("reply_window_until")).order_by(
        F("at").asc(nulls_first=True)
    )
    for channel, identity, kind, at, until in newest:
        known = found.get((channel, identity), Heard())
        is_comment = kind == Thread.Kind.COMMENT
        found[channel, identity] = (
            replace(known, is_comment=True)
            if is_comment
            else Heard(at, max(filter(None, (known.until, until)), default=None))
        )
    return found


def _came_over(customer: Customer, heard: dict[tuple[int, int], Heard]) -> dict[tuple[int, int], Heard]:
    """Read who came over by a link of ours, and when they were last heard there."""
    threads = Thread.objects.filter(identity__customer=customer, hints__has_key=CAME_OVER).order_by()
    rows = threads.values_list("channel_id", "identity_id", "last_in_at")
    return {(one, two): replace(heard.get((one, two), Heard()), came_at=at) for one, two, at in rows}


def theirs(channel: Any, identities: list[Identity]) -> list[Identity]:
    """Return the identities that mean something on a channel: an id of another page or bot does not."""
    kind = channel.identity_kind
    same = [identity for identity in identities if identity.kind == kind]
    if not same:
        return []
    try:
        realms = channel.adapter.realms_of(channel.config)
    except crypto.Unreadable:
        return []
    return [identity for identity in same if identity.realm in realms]


def _way(channel: Any, identity: Identity, heard: Heard) -> Way:
    can = channel.capabilities
    way = Way(channel, identity, note=_note(channel), is_comment=heard.is_comment)
    if why_not := _refusal(channel, identity) or ("" if heard.is_comment else _silence(can, heard)):
        return replace(way, why_not=why_not)
    if heard.is_comment:
        # Under a comment there is no window: it can be answered as long as it stands.
        private = privately.offer(channel, identity)
        return replace(
            way, private_why_not=_(private.why_not) if private.why_not else "", is_private_chat=private.is_chat
        )
    if not can.reply_window_hours:
        return replace(way, came_at=heard.came_at)
    return _within(way, can, heard)


def _refusal(channel: Any, identity: Identity) -> str:
    """Say why nothing at all may go, not even an approved text."""
    if identity.opted_out_at is not None:
        day = formats.date_format(identity.opted_out_at.astimezone(timezone.get_current_timezone()), "j M Y")
        if not identity.opted_out_reason:
            return _("Opted out on %(day)s") % {"day": day}
        return _("Opted out on %(day)s: %(reason)s") % {"day": day, "reason": _(identity.opted_out_reason)}
    return _("This channel is paused") if channel.state == "paused" else ""


def _silence(can: Any, heard: Heard) -> str:
    return "" if can.can_begin or heard.at or heard.until else _("They have to write here first")


def _within(way: Way, can: Any, heard: Heard) -> Way:
    """Place a way in the time in which its channel lets us answer."""
    hours, by_hand = can.reply_window_hours, can.human_window_hours
    ends = [heard.until, heard.at + timedelta(hours=hours) if heard.at else None]
    until = max(filter(None, ends), default=None)
    human = heard.at + timedelta(hours=by_hand) if heard.at and by_hand else None
    now = clock.now()
    if until is not None and until > now:
        return replace(way, window=OPEN, until=until, by_hand_until=human)
    if human is not None and human > now:
        return replace(way, window=HUMAN, until=human, by_hand_until=human)
    why_not = _("The time to answer here is over") if until else _("They have to write here first")
    return replace(way, window=CLOSED, until=human or until, why_not=why_not, needs_template=can.has_templates)


def _note(channel: Any) -> str:
    if channel.state == "down":
        return _("This channel does not work now: what you send waits until it does")
    return _("Sandbox: nothing leaves this desk") if channel.is_sandbox else ""


def _reason(way: Way, customer: Customer, last: Message | None) -> str:
    """Say why a way comes first."""
    where = {"channel": way.channel.label}
    if not way.can_use:
        return ""
    if _has_come_over(way, last):
        return _("because they came over to the secure chat")
    if last is not None and _is_last(way, last):
        is_same = last.channel_id == way.channel.pk
        words = _("because they wrote on %(channel)s") if is_same else _("because they gave this address")
        return words % where
    if customer.preferred_identity_id == way.identity.pk:
        return _("because they prefer this address")
    if last is not None and last.channel_id == way.channel.pk:
        return _("because they wrote on %(channel)s") % where
    return _("because it is the best of their addresses that can be written to")


def _has_come_over(way: Way, last: Message | None) -> bool:
    """Whether they are there by our link and have written nothing since, here or elsewhere."""
    return way.came_at is not None and (last is None or way.came_at > last.entry.occurred_at)


def _is_last(way: Way, last: Message | None) -> bool:
    """Whether they wrote so last; or from this address, where nothing can be answered on the channel itself."""
    if last is None or last.sender_id != way.identity.pk:
        return False
    return last.channel_id == way.channel.pk or not last.channel.capabilities.takes_answers


def _rank(way: Way, customer: Customer, last: Message | None) -> tuple[int, bool, bool, bool, bool, bool, int, int]:
    is_last_channel = last is not None and last.channel_id == way.channel.pk
    is_preferred = customer.preferred_identity_id == way.identity.pk
    hardness = 0 if way.can_write else 1 if way.needs_template else 2
    return (
        hardness, not _has_come_over(way, last), not _is_last(way, last), not is_preferred, not is_last_channel,
        not way.identity.is_verified, way.identity.pk, way.channel.pk,
    )  # fmt: skip
