"""Doors to the outside world: channels, what came through them, and what was said to providers."""

from channels_app.models.channel import Channel, new_public_key
from channels_app.models.raw_event import ChannelLog, RawEvent
from channels_app.models.sandbox import SandboxMessage
from channels_app.models.template import MessageTemplate
from channels_app.models.visitor import FollowUp, Visitor, VisitorCode, VisitorLink

__all__ = [
    "Channel", "ChannelLog", "FollowUp", "MessageTemplate", "RawEvent", "SandboxMessage", "Visitor", "VisitorCode",
    "VisitorLink", "new_public_key",
]  # fmt: skip
