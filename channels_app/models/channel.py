"""One configured account of a kind of channel."""

import secrets
from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agents.models import Brand, Calendar, Team
from channels_app import adapters
from helpdesk.lib import crypto

if TYPE_CHECKING:
    from django.utils.functional import Promise

    from channels_app.adapters._base import Adapter
    from helpdesk.lib.outbound import Capabilities


def new_public_key() -> str:
    """Return a key for a channel's address on the web: 128 random bits."""
    return secrets.token_hex(16)


class Channel(models.Model):
    """One configured account: a mailbox, a number, a page. `config` is sealed."""

    class State(models.TextChoices):
        ACTIVE = "active", _("Active")
        PAUSED = "paused", _("Paused")
        DOWN = "down", _("Down")

    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=120)
    address = models.CharField(max_length=320, blank=True, db_index=True)
    sealed_config = models.TextField(blank=True)
    # Kept beside the sealed config, so that a list of a hundred rows opens no seal.
    look = models.CharField(max_length=20, blank=True)
    public_key = models.CharField(max_length=64, unique=True, default=new_public_key)
    state = models.CharField(max_length=8, choices=State, default=State.ACTIVE)
    down_since = models.DateTimeField(null=True, blank=True)
    down_reason = models.CharField(max_length=500, blank=True)
    health = models.JSONField(default=dict, blank=True)
    poll_state = models.JSONField(default=dict, blank=True)
    default_team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="channels")
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="channels")
    calendar = models.ForeignKey(Calendar, null=True, blank=True, on_delete=models.PROTECT, related_name="channels")
    join_unproven = models.BooleanField(default=False)
    trusted_authserv = models.CharField(max_length=255, blank=True)
    give_up_hours = models.PositiveSmallIntegerField(default=48)
    # The desk itself plays the provider (docs/sandbox.md).
    is_sandbox = models.BooleanField(default=False)
    # The provider's last call that was signed well; none yet: set-up waits for the first.
    called_at = models.DateTimeField(null=True, blank=True)
    access_until = models.DateTimeField(null=True, blank=True)
    # The address of before, while a provider may still call it.
    former_key = models.CharField(max_length=64, blank=True)
    former_key_until = models.DateTimeField(null=True, blank=True)
    # What is wrong at the moment, with since when; written by channels_app.warning alone.
    troubles = models.JSONField(default=dict, blank=True)
    # How the desk plays the provider (channels_app/sandbox/planning.py), and what "customers" said.
    play = models.JSONField(default=dict, blank=True)

    objects: ClassVar[models.Manager["Channel"]] = models.Manager()

    def __str__(self) -> str:
        return self.name

    @property
    def adapter(self) -> "Adapter":
        return adapters.get(self.kind)

    @property
    def icon(self) -> str:
        """The glyph, dye and weave of this channel."""
        return self.look or self.adapter.icon

    @property
    def label(self) -> "str | Promise":
        """The word of this channel: Email, Chat, …; of one that is played it says so, wherever it stands."""
        word = self.adapter.label_of(self)
        return gettext("%(channel)s (sandbox)") % {"channel": word} if self.is_sandbox else word

    @property
    def identity_kind(self) -> str:
        """Which kind of Identity writes here."""
        return self.adapter.identity_kind_of(self)

    @property
    def capabilities(self) -> "Capabilities":
        """What this channel can do."""
        return self.adapter.capabilities_of(self)

    @property
    def config(self) -> dict[str, Any]:
        """The account's data in clear. Raises crypto.Unreadable."""
        return crypto.unseal(self.sealed_config)

    @config.setter
    def config(self, values: dict[str, Any]) -> None:
        self.sealed_config = crypto.seal(values)
        self.address = str(values.get("address", "")).lower()
        self.look = self.adapter.look_in(values)
