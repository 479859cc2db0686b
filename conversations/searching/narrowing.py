"""Operators as conditions of rows: whose names and words they mean, among what the agent may know of."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from agents.models import Agent, Team
from agents.permissions import sight_of
from conversations.models.attachment import Attachment
from conversations.models.conversation import Conversation, Topic
from conversations.models.tag import ConversationTag, CustomerTag, Tag
from conversations.models.thread import Thread
from conversations.searching import people
from conversations.searching.asking import Asked, Operator
from customers.models import Customer
from helpdesk.lib import clock, words

PEOPLE_MAX = 200
ME, NOBODY, FILES = {"me", "io", "eu"}, {"none", "nobody", "nessuno", "nimeni"}, {"file", "files", "allegato", "fisier"}


@dataclass(slots=True)
class Narrowing:
    """Conditions on entries and on their conversations; problems: a sentence for each that cannot be.

    customers: the only ones whose entries can fit, where that is known.
    """

    entries: list[Q] = field(default_factory=list)
    conversations: list[Q] = field(default_factory=list)
    customers: set[int] | None = None
    problems: list[str] = field(default_factory=list)
    is_spam: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing is narrowed."""
        return not (self.entries or self.conversations)


class Unknown(ValueError):
    """What follows an operator is nothing that the agent knows of; says so in a sentence."""


def narrow(asked: Asked, agent: Agent) -> Narrowing:
    """Read the operators; what cannot be read is told and left out."""
    found = Narrowing()
    for operator in asked.operators:
        try:
            _READERS[operator.name](operator, agent, found)
        except Unknown as unknown:
            found.problems.append(str(unknown))
    return found


def known_tags(agent: Agent) -> Any:
    """The tags of what this agent sees: others do not exist for them."""
    theirs = ConversationTag.objects.filter(tag=OuterRef("pk"))
    of_people = CustomerTag.objects.filter(tag=OuterRef("pk"))
    if sight_of(agent).is_all:
        return Tag.objects.all()
    seen = theirs.filter(conversation__in=Conversation.objects.visible_to(agent))
    known = of_people.filter(customer__in=Customer.objects.visible_to(agent))
    return Tag.objects.filter(Exists(seen) | Exists(known))


def known_channels(agent: Agent) -> list[Any]:
    """The channels, without those of private teams that this agent is not in."""
    channel: Any = Thread._meta.get_field("channel").related_model
    rows = channel.objects.order_by("name")
    sight = sight_of(agent)
    if not sight.is_all:
        hidden = Team.objects.filter(is_private=True).exclude(pk__in=sight.team_ids)
        rows = rows.exclude(default_team__in=hidden)
    return list(rows)


def known_agents() -> Any:
    return Agent.objects.people().order_by("name", "pk")


def _from(operator: Operator, agent: Agent, found: Narrowing) -> None:
    """Who said it: a customer by name or address, or a colleague by name."""
    customers = set(people.find(agent, operator.value, limit=PEOPLE_MAX + 1)[0])
    colleagues = _agents(operator.value, agent)
    if len(customers) > PEOPLE_MAX:
        raise Unknown(_("Too many customers are called “%(value)s”: say more of them.") % {"value": operator.value})
    if not (customers or colleagues):
        raise Unknown(_("Nobody is called “%(value)s”.") % {"value": operator.value})
    said = Q(actor="customer", customer__in=customers) | Q(by__in=colleagues)
    found.entries.append(~said if operator.is_not else said)
    if not (operator.is_not or colleagues):
        found.customers = customers if found.customers is None else found.customers & customers


def _channel(operator: Operator, agent: Agent, found: Narrowing) -> None:
    value = words.folded(operator.value)
    pks = [one.pk for one in known_channels(agent) if value in _words_of_channel(one)]
    if not pks:
        raise Unknown(_("There is no channel “%(value)s”.") % {"value": operator.value})
    _add(found.entries, Q(message__channel__in=pks), operator)


def _words_of_channel(channel: Any) -> set[str]:
    return {words.folded(str(word)) for word in (channel.name, channel.icon, channel.label, channel.kind)}


def _topic(operator: Operator, agent: Agent, found: Narrowing) -> None:
    pks = _named(Topic.objects.values_list("pk", "name"), operator.value)
    if not pks:
        raise Unknown(_("There is no topic “%(value)s”.") % {"value": operator.value})
    _add(found.conversations, Q(topic__in=pks), operator)


def _tag(operator: Operator, agent: Agent, found: Narrowing) -> None:
    pks = _named(known_tags(agent).values_list("pk", "name"), operator.value)
    if not pks:
        raise Unknown(_("There is no tag “%(value)s”.") % {"value": operator.value})
    tagged = ConversationTag.objects.filter(tag__in=pks).values("conversation")
    of_people = CustomerTag.objects.filter(tag__in=pks).values("customer")
    _add(found.conversations, Q(pk__in=tagged) | Q(customer__in=of_people), operator)


def _assignee(operator: Operator, agent: Agent, found: Narrowing) -> None:
    if words.folded(operator.value) in NOBODY:
        return _add(found.conversations, Q(assignee=None), operator)
    pks = _agents(operator.value, agent)
    if not pks:
        raise Unknown(_("No colleague is called “%(value)s”.") % {"value": operator.value})
    return _add(found.conversations, Q(assignee__in=pks), operator)


def _status(operator: Operator, agent: Agent, found: Narrowing) -> None:
    value = words.folded(operator.value)
    if value == "spam":
        found.is_spam = not operator.is_not
        return _add(found.conversations, Q(is_spam=True), operator)
    states = [key for key, label in Conversation.Status.choices if value in {key, words.folded(str(label))}]
    if not states:
        listed = ", ".join(Conversation.Status.values)
        raise Unknown(_("“status:” knows %(states)s.") % {"states": listed})
    return _add(found.conversations, Q(status__in=states), operator)


def _has(operator: Operator, agent: Agent, found: Narrowing) -> None:
    if words.folded(operator.value) not in FILES:
        raise Unknown(_("“has:” knows “file” alone."))
    files = Attachment.objects.filter(entry=OuterRef("pk"), is_inline=False)
    _add(found.entries, Q(Exists(files)), operator)


def _before(operator: Operator, agent: Agent, found: Narrowing) -> None:
    _add(found.entries, Q(occurred_at__lt=_day(operator)), operator)


def _after(operator: Operator, agent: Agent, found: Narrowing) -> None:
    _add(found.entries, Q(occurred_at__gte=_day(operator)), operator)


def _add(conditions: list[Q], condition: Q, operator: Operator) -> None:
    conditions.append(~condition if operator.is_not else condition)


def _agents(value: str, agent: Agent) -> list[int]:
    if words.folded(value) in ME:
        return [agent.pk]
    return _named(((one.pk, name) for one in Agent.objects.all() for name in (one.name, one.email)), value)


def _named(rows: Any, value: str) -> list[int]:
    """The rows of this very name, else those of which it begins a word."""
    wanted = words.folded(value)
    if not wanted:
        return []
    known = [(pk, words.folded(name)) for pk, name in rows]
    same = [pk for pk, name in known if name == wanted]
    return same or [pk for pk, name in known if f" {name}".find(f" {wanted}") >= 0]


def _day(operator: Operator) -> datetime:
    """The beginning of a day in the agent's time zone. Raises Unknown."""
    value = operator.value
    today = clock.now().astimezone(timezone.get_current_timezone()).date()
    spoken = {"today": 0, "oggi": 0, "azi": 0, "yesterday": 1, "ieri": 1}
    if words.folded(value) in spoken:
        return _midnight(today - timedelta(days=spoken[words.folded(value)]))
    for form in ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%d-%m-%Y", "%Y-%m", "%Y"):
        try:
            return _midnight(datetime.strptime(value, form).date())  # noqa: DTZ007 - a day, not a moment
        except (ValueError, OverflowError):
            continue
    example = formats.date_format(today, "Y-m-d")
    raise Unknown(_("“%(value)s” is no date: write it as %(example)s.") % {"value": value, "example": example})


def _midnight(day: date) -> datetime:
    if not 1900 <= day.year <= 9000:
        raise ValueError(day.year)
    return datetime(day.year, day.month, day.day, tzinfo=timezone.get_current_timezone())


_READERS = {
    "from": _from, "channel": _channel, "topic": _topic, "tag": _tag, "before": _before, "after": _after,
    "has": _has, "assignee": _assignee, "status": _status,
}  # fmt: skip
