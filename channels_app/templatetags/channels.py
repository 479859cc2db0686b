"""What pages show of channels: who is in trouble, and stored sentences in the reader's language."""

from django import template
from django.utils.translation import gettext

from agents.models import Agent
from agents.permissions import oversees
from channels_app import warning
from channels_app.models import Channel

register = template.Library()


@register.simple_tag
def troubled_channels(agent: Agent) -> list[Channel]:
    """Return the channels in trouble to whoever looks after them."""
    return warning.in_trouble() if oversees(agent) else []


@register.filter
def trouble_words(channel: Channel) -> str:
    """Say what is wrong with a channel in trouble."""
    return warning.sentence(channel)


@register.filter
def told(sentence: str) -> str:
    """Say a stored sentence in the reader's language."""
    return gettext(sentence) if sentence else ""
