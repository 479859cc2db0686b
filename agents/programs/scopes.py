"""What a token may be used for. A scope narrows what its agent's role allows and never widens it."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Scope(models.TextChoices):
    """The values are a contract: tokens keep them. Words say what each opens."""

    CUSTOMERS_READ = "customers:read", _("Read customers, their addresses, companies and consents")
    CUSTOMERS_WRITE = "customers:write", _("Make, change, merge and split customers and companies")
    CONVERSATIONS_READ = "conversations:read", _("Read conversations, entries and messages")
    CONVERSATIONS_WRITE = "conversations:write", _("Change conversations: owner, state, tags, notes, drafts")
    MESSAGES_SEND = "messages:send", _("Write to customers")
    SETTINGS_READ = "settings:read", _("Read agents, teams, channels, tags, topics and custom fields")


def every() -> list[str]:
    """Return all scopes, in the order in which people read them."""
    return list(Scope.values)
