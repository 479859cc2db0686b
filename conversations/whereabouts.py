"""Where a customer is who reads us on a page and may leave it: who is told, and what agents see of it.

It belongs to the conversation in which they talk: whoever may not see that one sees and hears nothing of this.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F

from conversations import afterwards, ingest_sql, live
from conversations.afterwards import Plan
from conversations.models.conversation import Conversation
from conversations.models.delivery import Delivery
from conversations.models.message import Message
from conversations.models.thread import Thread
from conversations.ways import Reach, key_of, theirs
from customers.models import Identity
from helpdesk.lib import clock
from helpdesk.lib.inbound import Party
from helpdesk.lib.whereabouts import Page, Whereabouts

# From one page to the next nobody is there for a moment.
MOMENT = timedelta(seconds=8)
MINUTE = timedelta(minutes=1)
AGAIN_MS = 15_000
MISSED_MAX = 50
GONE = (Delivery.State.SENT, Delivery.State.DELIVERED, Delivery.State.READ)
STUCK = (Delivery.State.FAILED, Delivery.State.CANCELLED)


@dataclass(frozen=True, slots=True)
class Mail:
    """The mail that told what was missed. has_gone, has_failed: neither while it waits or is on its way."""

    at: datetime
    address: str
    has_gone: bool
    has_failed: bool


@dataclass(frozen=True, slots=True)
class Missed:
    """What is unread of somebody who has left. due_at: when a mail goes; None where none will. mail: the last one."""

    count: int = 0
    due_at: datetime | None = None
    mail: Mail | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """Where the customer of a conversation is. left_at: None while they are here."""

    left_at: datetime | None
    pages: tuple[Page, ...]
    plan: Plan
    missed: Missed
    again_ms: int

    @property
    def page(self) -> Page | None:
        """The page they have, or had last, before them."""
        return self.pages[0] if self.pages else None

    @property
    def is_just_now(self) -> bool:
        """Whether they left so shortly ago that there are no minutes to count."""
        return self.left_at is not None and clock.now() - self.left_at < MINUTE

    @property
    def is_long_ago(self) -> bool:
        """Whether they left so long ago that the time says more than how long it is."""
        return self.left_at is not None and clock.now() - self.left_at >= timedelta(hours=1)

    @property
    def due_minutes(self) -> int:
        """In how many minutes a mail goes; 0: any moment."""
        left = self.missed.due_at - clock.now() if self.missed.due_at else timedelta(0)
        return max(0, -(-int(left.total_seconds()) // 60))


@dataclass(frozen=True, slots=True)
class Outlook:
    """What an agent sees of readers who may leave. plans: what becomes of an answer, by the key of its way."""

    plans: dict[str, Plan] = field(default_factory=dict)
    seen: Seen | None = None

    @property
    def mark(self) -> str:
        """Changes when anything does that the composer promises."""
        return " ".join(f"{key}:{plan.why_not or (plan.to and plan.to.pk)}" for key, plan in self.plans.items())


@dataclass(frozen=True, slots=True)
class _Reader:
    channel: Any
    identity: Identity
    where: Whereabouts


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody does who reads us by an identity (its pk), as browsers hear it."""

    identity: int
    frame: dict[str, Any]
    ttl_seconds: int = 0


def tell_each(acts: Sequence[Act]) -> list[bool]:
    """Tell those who may see it what somebody does; return of each whether there is anything that could be seen."""
    wanted = {act.identity for act in acts}
    talks = Conversation.objects.filter(threads__identity__in=wanted, threads__kind=Thread.Kind.DIRECT)
    # One row for each who talks in it.
    found = talks.annotate(reader=F("threads__identity")).select_related("team").distinct()
    theirs_of: dict[int, list[Conversation]] = defaultdict(list)
    for talk in found:
        theirs_of[talk.reader].append(talk)
    for act in acts:
        for row in theirs_of[act.identity]:
            live.ephemeral(_heard_by(row), {**act.frame, "customer": row.customer_id}, ttl_seconds=act.ttl_seconds)
    return [bool(theirs_of[act.identity]) for act in acts]


def outlook(conversation: Conversation, reach: Reach) -> Outlook:
    """Read where the readers of a conversation are. Costs nothing where its customer has never been one."""
    readers = _readers(conversation, reach)
    if not readers:
        return Outlook()
    plans: dict[str, Plan] = {}
    for channel in {one.channel.pk: one.channel for one in readers}.values():
        mine = [one for one in readers if one.channel.pk == channel.pk]
        found = afterwards.plans(conversation, channel, [one.where.address for one in mine], reach.channels)
        plans |= {key_of(channel, one.identity): found[one.where.address] for one in mine}
    talking = _talking(conversation, readers)
    return Outlook(plans, _seen(conversation, talking, plans) if talking else None)


def _heard_by(row: Conversation) -> list[str]:
    """Name who hears of a conversation's reader: whoever looks at the customer, unless a private team has it."""
    if row.team is None or not row.team.is_private:
        return [f"customer.{row.customer_id}"]
    followers, _is_private = ingest_sql.audience(row.pk, row.team_id)
    agents = {*followers, *([row.assignee_id] if row.assignee_id else [])}
    return ["all", f"team.{row.team_id}", *sorted(f"agent.{pk}" for pk in agents)]


def _readers(conversation: Conversation, reach: Reach) -> list[_Reader]:
    found = []
    for channel in reach.channels:
        if channel.brand_id != conversation.brand_id or not channel.adapter.capabilities.follows_up:
            continue
        known = {one.value: one for one in theirs(channel, reach.identities)}
        parties = [Party(kind=one.kind, value=one.value, realm=one.realm) for one in known.values()]
        where = channel.adapter.whereabouts(channel, parties) if parties else {}
        found += [_Reader(channel, known[value], one) for value, one in where.items() if value in known]
    return found


def _talking(conversation: Conversation, readers: list[_Reader]) -> _Reader | None:
    """Return who talks in this conversation: whoever is here, else who was here last."""
    threads = Thread.objects.filter(conversation=conversation, kind=Thread.Kind.DIRECT)
    pairs = set(threads.values_list("channel_id", "identity_id"))
    mine = [one for one in readers if (one.channel.pk, one.identity.pk) in pairs]
    return max(mine, key=lambda one: one.where.left_at or clock.now() + MOMENT, default=None)


def _seen(conversation: Conversation, reader: _Reader, plans: dict[str, Plan]) -> Seen:
    plan, where, now = plans[key_of(reader.channel, reader.identity)], reader.where, clock.now()
    pages = tuple(page for page in where.pages if page.url.startswith(("https://", "http://")))
    if where.left_at is None or where.left_at > now - MOMENT:
        wait = MOMENT - (now - where.left_at) if where.left_at else timedelta(0)
        return Seen(None, pages, plan, Missed(), int(wait.total_seconds() * 1_000))
    missed = _missed(conversation, reader, plan, where.left_at)
    is_under_way = missed.due_at or (missed.mail and not (missed.mail.has_gone or missed.mail.has_failed))
    is_new = now - where.left_at < MINUTE
    return Seen(where.left_at, pages, plan, missed, AGAIN_MS if is_under_way or is_new else 0)


def _missed(conversation: Conversation, reader: _Reader, plan: Plan, left_at: datetime) -> Missed:
    said = Message.objects.filter(
        channel=reader.channel, thread__identity=reader.identity, entry__conversation=conversation
    )
    mail = "follow_up__mail__"
    rows = list(
        afterwards.unread(said).order_by("entry__occurred_at", "pk").distinct()
        .values_list("pk", "entry__occurred_at", "follow_up", f"{mail}entry__occurred_at",
                     f"{mail}thread__identity__value", f"{mail}deliveries__state")[:MISSED_MAX]
    )  # fmt: skip
    now = clock.now()
    open_at = [at for _pk, at, decided, *_mail in rows if decided is None and at > now - afterwards.LATEST]
    due_at = max(left_at, min(open_at)) + plan.after if open_at and plan.to else None
    sent = [(at, address, state) for _pk, _at, _decided, at, address, state in rows if at is not None]
    return Missed(
        len({row[0] for row in rows}),
        plan.leaves_at(conversation.customer, max(due_at, now)) if due_at else None,
        Mail(sent[-1][0], sent[-1][1], sent[-1][2] in GONE, sent[-1][2] in STUCK) if sent else None,
    )
