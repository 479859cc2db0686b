"""Entries as people read them: who, where, what happened, how a message travels. Words only, no markup."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agents.models import Agent, Team
from agents.permissions import can
from conversations import buttons
from conversations.amending import NOTHING, Possible, possible_with
from conversations.merging.merge import UNDO_WITHIN
from conversations.merging.strangers import strangers_in, undoable_by
from conversations.models.delivery import Delivery
from conversations.models.entry import Entry
from conversations.models.message import Message
from conversations.reading import amended
from conversations.reading.beside import Beside, beside
from conversations.reading.event_words import event_words
from conversations.reading.hopped import Hop, hop_of
from conversations.reading.showing import Files, show
from conversations.reading.stretches import place_of
from conversations.troubles import Fix, trouble_of
from helpdesk.lib import clock

COPIES_SHOWN = 2
UNDOABLE_ACTS = {"merged", "split", "split_in", "moved", "moved_in"}
# glyph and class of each state of a delivery
STATES = {
    "held": ("clock", ""),
    "scheduled": ("clock", ""),
    "queued": ("clock", ""),
    "sending": ("send", ""),
    "retry": ("clock", "warn"),
    "sent": ("check", ""),
    "delivered": ("checks", "done"),
    "read": ("checks", "done"),
    "failed": ("alert", "bad"),
    "unknown": ("alert", "warn"),
    "cancelled": ("x", ""),
}
# In these it says what one can do; and these fixes begin with the words being back in the composer.
TROUBLED = {"retry", "failed", "unknown"}
REWRITTEN = {Fix.TEMPLATE, Fix.OTHER_CHANNEL, Fix.SHORTEN, Fix.LINK}
GLYPHS = {
    "status": "check", "assignment": "assign", "topic": "tag", "tags": "tag", "priority": "star",
    "took_part": "people", "identity": "person", "profile": "person", "consent": "person", "merge": "merge",
    "draft": "pencil", "clock": "clock", "fact": "info", "call": "phone", "visit": "eye", "order": "box",
    "form": "form", "survey": "star", "task": "task", "custom": "spool",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Travel:
    """How an outgoing message fares. `fix`: what the agent can do about it."""

    delivery: Delivery
    state: str
    words: str
    glyph: str
    tone: str
    error: str = ""
    advice: str = ""
    fix: str = ""
    can_retry: bool = False
    can_rewrite: bool = False
    is_held: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """One entry, ready to be drawn. name: the article's accessible name; says: for the status line."""

    entry: Entry
    kind: str
    name: str
    who: str
    words: str = ""
    glyph: str = ""
    channel: str = ""
    icon: str = ""
    message: Message | None = None
    travel: Travel | None = None
    files: Files = field(default_factory=Files)
    beside: Beside | None = None
    warning: str = ""
    copies: str = ""
    copied: str = ""
    says: str = ""
    place: str = ""
    named: tuple[str, ...] = ()
    undo_merge: int = 0
    can: Possible = NOTHING
    amiss: str = ""
    again: str = ""
    hidden: str = ""
    remark: str = ""
    hop: Hop | None = None
    offered: tuple[str, ...] = ()


def tell(entries: Iterable[Entry], agent: Agent) -> list[Told]:
    """Make entries ready to be drawn for one reader (two queries for the names in them).

    A customer out of the reader's sight is "another customer", and what only they may take back offers no undo.
    """
    rows = list(entries)
    names = _names(rows, agent)
    return [_tell(entry, agent, names) for entry in rows]


def travel_of(message: Message) -> Travel | None:
    """Say how an outgoing message fares, by its newest delivery."""
    deliveries = sorted(message.deliveries.all(), key=lambda row: row.pk)
    if not deliveries:
        return None
    newest = deliveries[-1]
    state = _waits(newest) or newest.state
    icon, tone = STATES[state]
    error = newest.error if state in TROUBLED else ""
    trouble = trouble_of(newest.error_code)
    return Travel(
        newest, state, _travel_words(newest, state), icon, tone, error=_(newest.error) if newest.error else "",
        advice=_(trouble.advice) if error and trouble.advice else "", fix=str(trouble.fix) if error else "",
        can_retry=state in {"failed", "unknown"}, is_held=state in {"held", "scheduled"},
        can_rewrite=state == "failed" and trouble.fix in REWRITTEN and not message.entry.data.get("hop"),
    )  # fmt: skip


def _waits(delivery: Delivery) -> str:
    """Why an answer that can still be taken back has not left; '' when it only waits for its sender."""
    now = clock.real()
    if delivery.is_held and delivery.send_at and delivery.send_at > clock.now():
        return "scheduled"
    return "held" if delivery.is_held and delivery.hold_until and delivery.hold_until > now else ""


def _tell(entry: Entry, agent: Agent, names: dict[str, dict[int, str]]) -> Told:
    who = _who(entry, agent)
    if entry.said is not None:
        return _told_message(entry, entry.said, agent, who)
    if entry.kind == Entry.Kind.NOTE:
        is_new = entry.by_id != agent.pk
        return Told(
            entry, "note", f"{_('Note')}, {who}", who, words=entry.data.get("text", ""), glyph="note",
            says=_("New note from %(who)s") % {"who": who} if is_new else "", place=place_of(entry),
            named=tuple(entry.data.get("mentions", ())),
        )  # fmt: skip
    words = event_words(entry, names)
    if "undoes" in entry.data:
        words = _("undid it: %(words)s") % {"words": words}
    return Told(
        entry, "event", f"{entry.get_kind_display()}, {who}", who, words=words,
        glyph=GLYPHS.get(entry.kind, "events"), place=place_of(entry),
        undo_merge=_merge_to_undo(entry) if _merge_to_undo(entry) in names["undoable"] else 0,
        remark=str(entry.data.get("comment", "")) if entry.kind == Entry.Kind.SURVEY else "",
    )  # fmt: skip


def _merge_to_undo(entry: Entry) -> int:
    """Return the merge that can be undone from here, 0 when there is none; the record is asked again then."""
    is_act = entry.kind == Entry.Kind.MERGE and entry.data.get("act") in UNDOABLE_ACTS
    is_merge = is_act and not entry.data.get("is_parted")
    return int(entry.data["record"]) if is_merge and entry.recorded_at > clock.now() - UNDO_WITHIN else 0


def _told_message(entry: Entry, message: Message, agent: Agent, who: str) -> Told:
    channel = str(message.channel.label)
    says = _("New %(channel)s message from %(who)s") % {"channel": channel, "who": who}
    travel = None if message.is_inbound else travel_of(message)
    copies = [row.address for row in message.recipients.all() if row.role in {"cc", "bcc"}]
    able = possible_with(message) if can(agent, "reply") else NOTHING
    return Told(
        entry, "message", f"{channel}, {who}", who, channel=channel, icon=message.channel.icon, message=message,
        travel=travel, offered=tuple(buttons.titles_in(travel.delivery.route)) if travel else (),
        files=show(entry.attachments.all(), message), beside=beside(entry, message),
        warning=_warning(entry), copies=_shortened(copies), copied=", ".join(copies),
        says="" if entry.by_id == agent.pk else says, place=place_of(entry),
        can=able, amiss=amended.amiss(entry), again=amended.again(entry, able),
        hidden=amended.hidden(entry), hop=hop_of(entry, message),
    )  # fmt: skip


def _shortened(addresses: list[str]) -> str:
    """Name the first addresses and count the others."""
    if len(addresses) <= COPIES_SHOWN:
        return ", ".join(addresses)
    more = len(addresses) - COPIES_SHOWN
    first = ", ".join(addresses[:COPIES_SHOWN])
    return ngettext("%(first)s and %(n)d more", "%(first)s and %(n)d more", more) % {"first": first, "n": more}


def _who(entry: Entry, agent: Agent) -> str:
    message = entry.said
    if message is not None and message.is_inbound:
        sender = message.sender
        is_other = sender is not None and sender.customer_id != entry.customer_id
        if sender is not None and (is_other or not entry.customer.name):
            return sender.label
        return entry.customer.best_name
    if entry.data.get("from") == "provider_app":
        return _("Your team")
    if entry.by_id == agent.pk:
        return _("You")
    if entry.by is not None:
        return str(entry.by)
    return str(entry.get_actor_display())


def _warning(entry: Entry) -> str:
    warning = entry.data.get("warning", "")
    detail = entry.data.get("warning_detail", "")
    return f"{_(warning)} {detail}".strip() if warning else ""


def _travel_words(delivery: Delivery, state: str) -> str:
    if state == "held":
        return _("Sending soon")
    if state == "scheduled" and delivery.send_at:
        at = formats.date_format(delivery.send_at.astimezone(timezone.get_current_timezone()), "D H:i")
        return _("Will be sent %(time)s") % {"time": at}
    if state == "retry":
        at = formats.date_format(delivery.next_try_at.astimezone(timezone.get_current_timezone()), "H:i")
        return _("Not sent yet, next try %(time)s") % {"time": at}
    return str(Delivery.State(delivery.state).label)


def _names(entries: list[Entry], agent: Agent) -> dict[str, dict[int, str]]:
    changes = [entry.data.get("after", {}) for entry in entries if entry.kind == Entry.Kind.ASSIGNMENT]
    agents = {change["assignee"] for change in changes if change.get("assignee")}
    teams = {change["team"] for change in changes if change.get("team")}
    another = _("another customer")
    undoable = undoable_by(agent, filter(None, map(_merge_to_undo, entries)))
    # Who is given work has mostly written on the page themselves.
    named = {entry.by.pk: str(entry.by) for entry in entries if entry.by is not None}
    rest = agents - set(named)
    return {
        "strangers": dict.fromkeys(strangers_in(entries, agent), another), "undoable": dict.fromkeys(undoable, ""),
        "agents": {**named, **{row.pk: str(row) for row in Agent.objects.filter(pk__in=rest)}} if rest else named,
        "teams": {row.pk: row.name for row in Team.objects.filter(pk__in=teams)} if teams else {},
    }  # fmt: skip
