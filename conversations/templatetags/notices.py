"""What pages show of incidents."""

from django import template

from conversations.notices import showing

register = template.Library()


@register.simple_tag
def running_notices() -> list[showing.Shown]:
    """Return what everybody who works here is to know now."""
    return showing.for_agents()
