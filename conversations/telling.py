"""Entries as people read them: who, where, what happened, how a message travels. Words only, no markup."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils import formats, timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from agents.models import Agent, Team
from conversations.merge import UNDO_WITHIN
from conversations.models.attachment import Attachment
from conversations.models.conversation import Conversation
from conversations.models.delivery import Delivery
from conversations.models.entry import Entry
from conversations.models.message import Message
from conversations.queries import place_of
from conversations.story import fact_words
from customers.models import Consent
from helpdesk.lib import clock

COPIES_SHOWN = 2
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
GLYPHS = {
    "status": "check", "assignment": "assign", "topic": "tag", "tags": "tag", "priority": "star",
    "took_part": "people", "identity": "person", "profile": "person", "consent": "person", "merge": "merge",
    "fact": "info", "draft": "pencil", "clock": "clock",
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
    can_retry: bool = False
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
    files: tuple[Attachment, ...] = ()
    warning: str = ""
    copies: str = ""
    copied: str = ""
    says: str = ""
    place: str = ""
    named: tuple[str, ...] = ()
    undo_merge: int = 0


def tell(entries: Iterable[Entry], agent: Agent) -> list[Told]:
    """Make entries ready to be drawn for one reader (two queries for the names in them)."""
    rows = list(entries)
    names = _names(rows)
    return [_tell(entry, agent, names) for entry in rows]


def travel_of(message: Message) -> Travel | None:
    """Say how an outgoing message fares, by its newest delivery."""
    deliveries = sorted(message.deliveries.all(), key=lambda row: row.pk)
    if not deliveries:
        return None
    newest = deliveries[-1]
    state = _waits(newest) or newest.state
    icon, tone = STATES[state]
    return Travel(
        newest, state, _travel_words(newest, state), icon, tone, error=_(newest.error) if newest.error else "",
        can_retry=state in {"failed", "unknown"}, is_held=state in {"held", "scheduled"},
    )  # fmt: skip


def _waits(delivery: Delivery) -> str:
    """Why an answer that can still be taken back has not left; '' when it only waits for its sender."""
    now = clock.real()
    if delivery.is_held and delivery.send_at and delivery.send_at > now:
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
        glyph=GLYPHS.get(entry.kind, "events"), place=place_of(entry), undo_merge=_merge_to_undo(entry),
    )  # fmt: skip


def _merge_to_undo(entry: Entry) -> int:
    """Return the merge that can be undone from here, 0 when there is none; the record is asked again then."""
    is_merge = entry.kind == Entry.Kind.MERGE and entry.data.get("act") == "merged" and not entry.data.get("is_parted")
    return int(entry.data["record"]) if is_merge and entry.recorded_at > clock.now() - UNDO_WITHIN else 0


def _told_message(entry: Entry, message: Message, agent: Agent, who: str) -> Told:
    channel = str(message.channel.label)
    says = _("New %(channel)s message from %(who)s") % {"channel": channel, "who": who}
    copies = [row.address for row in message.recipients.all() if row.role in {"cc", "bcc"}]
    return Told(
        entry, "message", f"{channel}, {who}", who, channel=channel, icon=message.channel.icon, message=message,
        travel=None if message.is_inbound else travel_of(message),
        files=tuple(file for file in entry.attachments.all() if not file.is_inline or not message.html),
        warning=_warning(entry), copies=_shortened(copies), copied=", ".join(copies),
        says="" if entry.by_id == agent.pk else says, place=place_of(entry),
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


def event_words(entry: Entry, names: dict[str, dict[int, str]]) -> str:
    """Say in a few words what an event changed."""
    after: dict[str, Any] = entry.data.get("after", {})
    if entry.kind == Entry.Kind.ASSIGNMENT:
        return _assignment_words(entry, after, names)
    if entry.kind == Entry.Kind.STATUS:
        return _status_words(entry, after)
    if entry.kind == Entry.Kind.PRIORITY and "priority" in after:
        return _("set the priority to %(priority)s") % {"priority": Conversation.Priority(after["priority"]).label}
    if entry.kind == Entry.Kind.CONSENT and "purpose" in entry.data:
        return _consent_words(entry.data)
    if entry.kind in {Entry.Kind.IDENTITY, Entry.Kind.CONSENT} and "act" in entry.data:
        return _address_words(entry.data)
    if entry.kind == Entry.Kind.MERGE and "act" in entry.data:
        words = (
            _("merged %(name)s into this customer")
            if entry.data["act"] == "merged"
            else _("parted from %(name)s again")
        )
        return words % {"name": entry.data.get("name", "")}
    if entry.kind == Entry.Kind.FACT and "act" in entry.data:
        return fact_words(entry.data)
    if entry.kind == Entry.Kind.TAGS and "tags" in after:
        return _tag_words(entry.data["before"]["tags"], after["tags"])
    if entry.kind == Entry.Kind.DRAFT:
        is_note = entry.data.get("mode") == "note"
        words = _("took over the note of %(name)s") if is_note else _("took over the answer of %(name)s")
        return words % {"name": entry.data.get("name", "")}
    if entry.kind == Entry.Kind.PROFILE:
        return _profile_words(after)
    return str(entry.data.get("text") or entry.get_kind_display())


def _address_words(data: Any) -> str:
    words = {
        "added": _("added the address %(address)s"),
        "removed": _("removed the address %(address)s"),
        "verified": _("marked %(address)s as verified"),
        "doubted": _("marked %(address)s as not verified"),
        "opted_out": _("noted: write no more to %(address)s"),
        "opted_in": _("noted: %(address)s may be written to again"),
    }
    said = words[data["act"]] % {"address": data.get("value", "")}
    return f"{said} ({data['reason']})" if data.get("reason") else said


def _consent_words(data: Any) -> str:
    words = {
        "given": _("noted a yes to %(purpose)s on %(address)s (%(source)s)"),
        "refused": _("noted a no to %(purpose)s on %(address)s (%(source)s)"),
        "withdrawn": _("noted that the yes to %(purpose)s on %(address)s is withdrawn (%(source)s)"),
    }
    purpose = Consent.Purpose(data["purpose"]).label
    return words[data["state"]] % {
        "purpose": purpose,
        "address": data.get("value", ""),
        "source": data.get("reason", ""),
    }


def _tag_words(before: list[str], after: list[str]) -> str:
    if added := [name for name in after if name not in before]:
        return _("put on the tag %(tag)s") % {"tag": ", ".join(added)}
    return _("took off the tag %(tag)s") % {"tag": ", ".join(name for name in before if name not in after)}


def _profile_words(after: dict[str, Any]) -> str:
    labels = {
        "name": _("Name"), "language": _("Language"), "time_zone": _("Time zone"), "company": _("Company"),
        "preferred_identity": _("Preferred address"), "quiet_from": _("Quiet from"), "quiet_until": _("Quiet until"),
    }  # fmt: skip
    said = (f"{labels.get(name, name)}: {value or '–'}" for name, value in after.items())
    return _("changed the profile: %(what)s") % {"what": ", ".join(said)}


def _assignment_words(entry: Entry, after: dict[str, Any], names: dict[str, dict[int, str]]) -> str:
    assignee, team = after.get("assignee"), after.get("team")
    if assignee and assignee == entry.by_id:
        return _("took it")
    if assignee:
        return _("assigned it to %(agent)s") % {"agent": names["agents"].get(assignee, "?")}
    if team:
        return _("handed it to %(team)s") % {"team": names["teams"].get(team, "?")}
    return _("made it free for anybody")


def _status_words(entry: Entry, after: dict[str, Any]) -> str:
    if after.get("status") == Conversation.Status.SNOOZED:
        until = parse_datetime(str(after.get("snoozed_until")))
        at = formats.date_format(until.astimezone(timezone.get_current_timezone()), "D j M H:i") if until else ""
        return _("snoozed it until %(time)s") % {"time": at}
    before = entry.data.get("before", {}).get("status")
    words = {
        "open": _("reopened it") if before == "resolved" else pgettext("status", "made it open"),
        "waiting": _("set it to waiting for the customer"),
        "resolved": _("resolved it"),
    }
    return words.get(str(after.get("status")), str(entry.get_kind_display()))


def _names(entries: list[Entry]) -> dict[str, dict[int, str]]:
    changes = [entry.data.get("after", {}) for entry in entries if entry.kind == Entry.Kind.ASSIGNMENT]
    agents = {change["assignee"] for change in changes if change.get("assignee")}
    teams = {change["team"] for change in changes if change.get("team")}
    return {
        "agents": {row.pk: str(row) for row in Agent.objects.filter(pk__in=agents)} if agents else {},
        "teams": {row.pk: row.name for row in Team.objects.filter(pk__in=teams)} if teams else {},
    }
