"""What an event changed, in a few words."""

from typing import Any

from django.utils import formats, timezone
from django.utils.dateparse import parse_datetime
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from conversations.ending import ENDED
from conversations.erasing import ERASURE
from conversations.models.conversation import Conversation
from conversations.models.entry import Entry
from conversations.rating import RATED
from conversations.reading.heard_words import heard_words, wish_words
from conversations.reading.parted_words import ended_words, erasure_words, rated_words
from customers.custom import shown
from customers.models import Consent

# So much of a value stands in the words of an event; the whole of it is on the panel.
VALUE_MAX = 120
# What customers do when they leave, whatever kind of entry it is.
PARTED = {ENDED: ended_words, RATED: rated_words, ERASURE: erasure_words}


def event_words(entry: Entry, names: dict[str, dict[int, str]]) -> str:
    """Say in a few words what an event changed."""
    after: dict[str, Any] = entry.data.get("after", {})
    if entry.kind == Entry.Kind.ASSIGNMENT:
        return _assignment_words(entry, after, names)
    if entry.kind == Entry.Kind.STATUS and entry.data.get("act") not in PARTED:
        return _status_words(entry, after)
    if entry.kind == Entry.Kind.PRIORITY and "priority" in after:
        return _("set the priority to %(priority)s") % {"priority": Conversation.Priority(after["priority"]).label}
    if entry.kind == Entry.Kind.CONSENT and "purpose" in entry.data:
        return _consent_words(entry.data)
    if entry.kind == Entry.Kind.CONSENT and "channel" in entry.data:
        return wish_words(entry.data)
    if entry.kind == Entry.Kind.CUSTOM and "event" in entry.data:
        return heard_words(entry.data)
    if entry.kind in {Entry.Kind.IDENTITY, Entry.Kind.CONSENT} and "act" in entry.data:
        return _address_words(entry.data)
    if entry.kind == Entry.Kind.MERGE and "act" in entry.data:
        return _merge_words(entry.data, names["strangers"])
    if entry.kind == Entry.Kind.TAGS and "tags" in after:
        return _tag_words(entry.data["before"]["tags"], after["tags"], of_customer=entry.conversation_id is None)
    if entry.kind == Entry.Kind.DRAFT:
        is_note = entry.data.get("mode") == "note"
        words = _("took over the note of %(name)s") if is_note else _("took over the answer of %(name)s")
        return words % {"name": entry.data.get("name", "")}
    if entry.kind == Entry.Kind.FACT and "act" in entry.data:
        return _fact_words(entry.data)
    if entry.kind == Entry.Kind.PROFILE:
        return _profile_words(after, entry.data.get("fields", {}))
    if entry.data.get("act") in PARTED:
        return PARTED[entry.data["act"]](entry.data)
    if entry.kind == Entry.Kind.TOOK_PART:
        return _("wrote in somebody else's conversation")
    if entry.kind == Entry.Kind.TOPIC and "topic" in after:
        return _("set the topic to %(topic)s") % {"topic": after["topic"] or "–"}
    return str(entry.data.get("text") or entry.get_kind_display())


def _address_words(data: Any) -> str:
    words = {
        "added": _("added the address %(address)s"),
        "removed": _("removed the address %(address)s"),
        "verified": _("marked %(address)s as verified"),
        "doubted": _("marked %(address)s as not verified"),
        "opted_out": _("noted: write no more to %(address)s"),
        "opted_in": _("noted: %(address)s may be written to again"),
        "offers": _("noted: offers and automatic messages may go to %(address)s"),
        "no_offers": _("noted: no more offers and automatic messages to %(address)s"),
        "renumbered": _("has a new number: %(address)s"),
    }
    said = words[data["act"]] % {"address": data.get("value", "")}
    # What a provider told is a sentence of ours.
    return f"{said} ({_(data['reason'])})" if data.get("reason") else said


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


def _tag_words(before: list[str], after: list[str], *, of_customer: bool) -> str:
    added = [name for name in after if name not in before]
    names = {"tag": ", ".join(added or (name for name in before if name not in after))}
    if of_customer:
        on, off = _("put the tag %(tag)s on the customer"), _("took the tag %(tag)s off the customer")
    else:
        on, off = _("put on the tag %(tag)s"), _("took off the tag %(tag)s")
    return (on if added else off) % names


def _merge_words(data: Any, strangers: dict[int, str]) -> str:
    """Say what was merged, split or moved, and what was taken back. strangers: what to call whom nobody may know."""
    named = {"name": strangers.get(data.get("customer", 0), data.get("name", "")), "address": data.get("said", "")}
    if data["act"].startswith("moved"):
        return _moved_words(data, named)
    words = {
        "merged": _("merged %(name)s into this customer"),
        "parted": _("parted from %(name)s again"),
        "split": _("split %(address)s off to %(name)s"),
        "split_in": _("split %(address)s off %(name)s"),
        "kept_apart": _("noted: %(name)s is somebody else"),
        "rejoined": _("brought %(address)s back from %(name)s"),
        "rejoined_in": _("gave %(address)s back to %(name)s"),
    }
    return words[data["act"]] % named


def _moved_words(data: Any, named: dict[str, str]) -> str:
    n = int(data.get("said") or 0)
    if data["customer"] == data.get("own"):
        back = data["act"] == "moved_back"
        moved = ngettext("moved %(n)d message to other work", "moved %(n)d messages to other work", n)
        words = ngettext("moved %(n)d message back", "moved %(n)d messages back", n) if back else moved
        return words % {"n": n}
    words = {
        "moved": ngettext("moved %(n)d message to %(name)s", "moved %(n)d messages to %(name)s", n),
        "moved_in": ngettext("moved %(n)d message here from %(name)s", "moved %(n)d messages here from %(name)s", n),
        "moved_back": ngettext("moved %(n)d message back from %(name)s", "moved %(n)d messages back from %(name)s", n),
        "moved_back_in": ngettext("moved %(n)d message back to %(name)s", "moved %(n)d messages back to %(name)s", n),
    }[data["act"]]
    return words % {"n": n, "name": named["name"]}


def _fact_words(data: Any) -> str:
    words = {
        "dismissed": _("dismissed from what is known: %(value)s"),
        "corrected": _("corrected %(value)s to %(after)s"),
        "kept": _("noted that the promise is kept: %(value)s"),
        "restored": _("restored: %(value)s"),
        "overdue": _("a promise is overdue: %(after)s"),
    }
    before, after = data.get("before", {}).get("value", ""), data.get("after", {}).get("value", "")
    return words[data["act"]] % {"value": before, "after": after}


def _profile_words(after: dict[str, Any], own: dict[str, dict[str, str]]) -> str:
    """own: the custom fields among what changed, by the name and kind that they had then."""
    labels = {
        "name": _("Name"), "language": _("Language"), "time_zone": _("Time zone"), "company": _("Company"),
        "preferred_identity": _("Preferred address"), "quiet_from": _("Quiet from"), "quiet_until": _("Quiet until"),
    } | {name: field["name"] for name, field in own.items()}  # fmt: skip
    words = {name: shown(own[name]["kind"], value) if name in own else value for name, value in after.items()}
    said = (f"{labels.get(name, name)}: {Truncator(value or '–').chars(VALUE_MAX)}" for name, value in words.items())
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
