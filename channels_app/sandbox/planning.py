"""How the desk plays a channel's provider: which trouble comes next, how slow it is, what follows by itself.

Kept on the channel (Channel.play), changed under its row's lock.
"""

from dataclasses import asdict, dataclass, field, replace
from typing import Any

from django.db import transaction

from channels_app.models import Channel

# The provider took it and its answer was lost: played here, for every kind.
NO_ANSWER = "no_answer"
TIMES_MAX, DELAY_MAX_SECONDS, SAID_MAX = 20, 10, 20
# What follows a message by itself, in order, and after how many seconds.
FOLLOWS: dict[str, tuple[tuple[str, float], ...]] = {
    "": (), "delivered": (("delivered", 1.0),), "read": (("delivered", 1.0), ("read", 3.0)),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Plan:
    """fault: a word of Simulator.faults or NO_ANSWER, for the next `left` sends. follows: a key of FOLLOWS.

    said: what customers said lately, newest first: id, from, name, words. names: of those who did something lately,
    by their ids, for providers that tell names only when they are asked (adapters/_sandbox.py: typed_name).
    """

    fault: str = ""
    left: int = 0
    delay_seconds: int = 0
    follows: str = ""
    said: list[dict[str, str]] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)

    @property
    def next_fault(self) -> str:
        """The trouble that the next send meets."""
        return self.fault if self.left > 0 else ""


def plan_of(channel: Channel) -> Plan:
    """Read a channel's plan; what it does not know is left out."""
    known = {name: channel.play[name] for name in Plan.__slots__ if name in channel.play}
    return Plan(**known)


def set_plan(channel: Channel, **changes: Any) -> Plan:
    """Change the plan. Call with what is allowed; numbers are cut to their limits."""
    with transaction.atomic():
        row = _locked(channel)
        plan = replace(plan_of(row), **changes)
        left, delay = min(plan.left, TIMES_MAX), min(plan.delay_seconds, DELAY_MAX_SECONDS)
        return _keep(row, replace(plan, left=max(0, left), delay_seconds=max(0, delay)))


def take_fault(channel: Channel) -> str:
    """Use up one of the planned troubles; return its name, '' where none is left."""
    with transaction.atomic():
        row = _locked(channel)
        plan = plan_of(row)
        if not plan.next_fault:
            return ""
        _keep(row, replace(plan, left=plan.left - 1))
        return plan.fault


def remember(channel: Channel, said: dict[str, str]) -> None:
    """Keep what a customer said, so that an edit or a reaction can be about it."""
    with transaction.atomic():
        row = _locked(channel)
        plan = plan_of(row)
        _keep(row, replace(plan, said=[said, *plan.said][:SAID_MAX]))


def call_by_name(channel: Channel, person: str, name: str) -> None:
    """Keep what somebody is called, before the desk hears of them and asks."""
    with transaction.atomic():
        row = _locked(channel)
        plan = plan_of(row)
        others = {one: called for one, called in plan.names.items() if one != person}
        _keep(row, replace(plan, names=dict([(person, name), *others.items()][:SAID_MAX])))


def _keep(row: Channel, plan: Plan) -> Plan:
    Channel.objects.filter(pk=row.pk).update(play=asdict(plan))
    return plan


def _locked(channel: Channel) -> Channel:
    return Channel.objects.select_for_update(no_key=True).get(pk=channel.pk)
