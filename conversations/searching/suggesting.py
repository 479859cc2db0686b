"""What may follow in the box of a search: operators, then their values; only such as the agent may know of."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from agents.models import Agent
from conversations.models.conversation import Conversation, Topic
from conversations.searching import narrowing, people
from conversations.searching.asking import NAMES, OPERATORS, TEXT_MAX
from conversations.searching.timing import TooSlow, bounded
from customers.models import Customer
from helpdesk.lib import clock, words

OFFERS_MAX, CUSTOMERS_MAX, NAME_MIN = 8, 5, 2
# What stands before the caret: perhaps a minus, perhaps an operator, and what was begun of the rest.
_BEGUN = re.compile(
    r'(?:^|(?<=\s))(?P<minus>-?)(?:(?P<name>[^\W\d_]{2,20}):(?P<value>"[^"]*|[^\s"]*)|(?P<word>[^\W\d_]*))$'
)


@dataclass(frozen=True, slots=True)
class Offer:
    """One suggestion. text: what to write in place of the last `replaces` characters; word, about: what is read."""

    text: str
    word: str
    replaces: int
    about: str = ""


def offers(agent: Agent, typed: str) -> list[Offer]:
    """Return what may follow `typed`, the text up to the caret."""
    begun = _BEGUN.search(typed[-TEXT_MAX:])
    if begun is None:
        return []
    name = NAMES.get(words.folded(begun["name"] or ""))
    if name is not None:
        try:
            with bounded():
                return _values(agent, name, begun)
        except TooSlow:
            return []
    return [] if begun["name"] else _operators(begun)


def _operators(begun: re.Match[str]) -> list[Offer]:
    word = words.folded(begun["word"])
    about = _meanings()
    fitting = [name for name, aliases in OPERATORS.items() if any(one.startswith(word) for one in (name, *aliases))]
    fitting.sort(key=lambda name: not name.startswith(word))
    return [Offer(f"{name}:", f"{name}:", len(begun["word"]), about[name]) for name in fitting]


def _meanings() -> dict[str, str]:
    return {
        "from": _("who said it"), "channel": _("how it travelled"), "topic": _("what it was about"),
        "tag": _("a tag on it"), "before": _("older than a day"), "after": _("since a day"),
        "has": _("with a file"), "assignee": _("whose it is"), "status": _("open, waiting, snoozed, resolved"),
    }  # fmt: skip


def _values(agent: Agent, name: str, begun: re.Match[str]) -> list[Offer]:
    raw = begun["value"]
    wanted = words.folded(raw)
    found = []
    for value, about in _known(agent, name, wanted):
        if f" {words.folded(value)}".find(f" {wanted}") >= 0:
            text = f'"{value}" ' if " " in value else f"{value} "
            found.append(Offer(text, value, len(raw), about))
        if len(found) == OFFERS_MAX:
            break
    # Whoever has written it out needs no offer.
    is_whole = len(found) == 1 and words.folded(found[0].word) == wanted
    return [] if is_whole else found


def _known(agent: Agent, name: str, wanted: str) -> Iterable[tuple[str, str]]:
    """The values of an operator, with what is said of each."""
    if name in {"from", "assignee"}:
        return _people(agent, name, wanted)
    if name == "channel":
        return dict.fromkeys((one.name, str(one.label)) for one in narrowing.known_channels(agent))
    if name == "topic":
        return ((topic, "") for topic in Topic.objects.order_by("name").values_list("name", flat=True))
    if name == "tag":
        return ((tag, "") for tag in narrowing.known_tags(agent).order_by("name").values_list("name", flat=True)[:500])
    if name == "status":
        return ((key, str(label)) for key, label in Conversation.Status.choices)
    return [("file", "")] if name == "has" else _days()


def _people(agent: Agent, name: str, wanted: str) -> list[tuple[str, str]]:
    colleagues = [(one.name, _("Colleague")) for one in narrowing.known_agents()[:200] if one.name]
    if name == "assignee":
        return [("me", _("you")), ("none", _("nobody")), *colleagues]
    if len(wanted) < NAME_MIN:
        return [("me", _("you")), *colleagues]
    pks, _looked_at = people.find(agent, wanted, limit=CUSTOMERS_MAX)
    rows = Customer.objects.filter(pk__in=pks).exclude(name="").order_by("-pk")
    return [*((one, _("Customer")) for one in dict.fromkeys(rows.values_list("name", flat=True))), *colleagues]


def _days() -> list[tuple[str, str]]:
    today = clock.now().astimezone(timezone.get_current_timezone()).date()
    days = (
        (today, _("Today")), (today - timedelta(days=1), _("Yesterday")), (today - timedelta(days=7), _("A week ago")),
        (today.replace(day=1), _("Beginning of the month")),
        (today.replace(month=1, day=1), _("Beginning of the year")),
    )  # fmt: skip
    return [(day.isoformat(), about) for day, about in days]
