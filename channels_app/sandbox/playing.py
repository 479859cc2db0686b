"""Answering a channel's calls in the provider's place, and keeping what was sent."""

import time
from datetime import datetime, timedelta

from channels_app.adapters._sandbox import Played, PlayedMessage, Simulator
from channels_app.models import Channel, SandboxMessage
from channels_app.sandbox import planning, samples
from channels_app.sandbox.planning import FOLLOWS, NO_ANSWER
from conversations.models.thread import Thread
from customers.normalise import normalise
from helpdesk.lib import clock
from helpdesk.lib.events import Event, EventKind
from helpdesk.lib.http import Answer, Ask, Refused
from helpdesk.lib.queue import ring

REPORT = "channels_app.report_played"
WINDOW_CLOSED = "window_closed"


def play(channel: Channel, ask: Ask) -> Answer:
    """Answer a call as the channel's provider would. Raises Refused where nothing plays this kind.

    A call that reaches no customer is answered as it is; troubles, slowness and windows are for what does.
    """
    simulator = channel.adapter.simulator
    if simulator is None:
        raise Refused("This kind of channel has no sandbox.")
    sample = samples.asked_for(ask.url)
    if sample is not None:
        return Answer(200, {"content-type": sample.mime}, sample.content)
    played = simulator.answer(channel, ask)
    return _send(channel, simulator, ask, played) if played.sent else played.answer


def window_until(channel: Channel, message: PlayedMessage) -> datetime | None:
    """Return until when the provider takes a message to this customer, by the workspace's clock; None: always."""
    abilities = channel.adapter.capabilities_of(channel)
    hours = abilities.human_window_hours if message.details.get("tag") else abilities.reply_window_hours
    if not hours or message.details.get("template") or message.details.get("comment"):
        return None
    heard_at = _heard_at(channel, message.recipient)
    return heard_at + timedelta(hours=hours) if heard_at else datetime.min.replace(tzinfo=clock.real().tzinfo)


def _send(channel: Channel, simulator: Simulator, ask: Ask, played: Played) -> Answer:
    plan = planning.plan_of(Channel.objects.get(pk=channel.pk))
    if plan.delay_seconds:
        time.sleep(plan.delay_seconds)
    fault = planning.take_fault(channel) or _by_itself(channel, simulator, played)
    if fault and fault != NO_ANSWER:
        return simulator.answer(channel, ask, fault).answer
    for message in played.sent:
        _keep(channel, simulator, message, plan.follows)
    if fault == NO_ANSWER:
        raise Refused("The provider took it and did not answer.", "timeout", was_sent=True)
    return played.answer


def _by_itself(channel: Channel, simulator: Simulator, played: Played) -> str:
    """Name the trouble that the provider would make of itself: a window that is over."""
    if WINDOW_CLOSED not in simulator.faults:
        return ""
    ends = [window_until(channel, message) for message in played.sent]
    return WINDOW_CLOSED if any(end is not None and end <= clock.now() for end in ends) else ""


def _heard_at(channel: Channel, recipient: str) -> datetime | None:
    """When the customer wrote last through this channel."""
    party = channel.adapter.party_of(Event(EventKind.MESSAGE, sender_id=recipient), channel)
    try:
        value = normalise(party.kind, party.value)
    except ValueError:
        value = party.value
    threads = Thread.objects.filter(channel=channel, identity__kind=party.kind, identity__value=value)
    heard = threads.exclude(last_in_at=None).order_by("-last_in_at")
    return heard.values_list("last_in_at", flat=True).first()


def _keep(channel: Channel, simulator: Simulator, message: PlayedMessage, follows: str) -> None:
    row, is_new = SandboxMessage.objects.get_or_create(
        channel=channel,
        external_id=message.external_id,
        defaults={"recipient": message.recipient, "text": message.text, "details": message.details},
    )
    if is_new and simulator.statuses:
        for state, seconds in FOLLOWS.get(follows, ()):
            ring(REPORT, row.pk, state, countdown_seconds=seconds)
