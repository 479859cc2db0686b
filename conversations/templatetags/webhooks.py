"""What administrators see of webhooks on every page."""

from django import template

from conversations.models.webhook import Webhook
from conversations.webhooks import warning

register = template.Library()


@register.simple_tag
def switched_off_webhooks() -> list[Webhook]:
    """Return what the desk switched off and nobody has looked at; asked for administrators only."""
    return warning.switched_off()
