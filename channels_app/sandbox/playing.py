"""Answering a channel's calls in the provider's place, and keeping what was sent."""

from channels_app.adapters._sandbox import PlayedMessage
from channels_app.models import Channel, SandboxMessage
from helpdesk.lib.http import Answer, Ask, Refused


def play(channel: Channel, ask: Ask) -> Answer:
    """Answer a call as the channel's provider would. Raises Refused where nothing plays this kind."""
    simulator = channel.adapter.simulator
    if simulator is None:
        raise Refused("This kind of channel has no sandbox.")
    played = simulator.answer(channel, ask)
    for message in played.sent:
        _keep(channel, message)
    return played.answer


def _keep(channel: Channel, message: PlayedMessage) -> None:
    SandboxMessage.objects.get_or_create(
        channel=channel,
        external_id=message.external_id,
        defaults={"recipient": message.recipient, "text": message.text, "details": message.details},
    )
