"""Doors to the outside world: channels, what came through them, and what was said to providers."""

import secrets
from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agents.models import Brand, Calendar, Team
from channels_app import adapters
from customers.models import Identity
from helpdesk.lib import clock, crypto

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


class RawEvent(models.Model):
    """What arrived, stored before anything looked at it. Never changed after, only its state.

    Bodies over BLOB_INLINE_MAX_BYTES are kept as a blob named by body_sha256.
    """

    class State(models.TextChoices):
        NEW = "new", _("New")
        FILED = "filed", _("Filed")
        DUPLICATE = "duplicate", _("Duplicate")
        IGNORED = "ignored", _("Ignored")
        QUARANTINED = "quarantined", _("Quarantined")

    # The unique index begins with the channel.
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="raw_events", db_index=False)
    dedupe_key = models.CharField(max_length=220)
    headers = models.JSONField(default=dict)
    body = models.BinaryField(null=True)
    body_sha256 = models.CharField(max_length=64)
    body_bytes = models.BigIntegerField(default=0)
    received_at = models.DateTimeField(default=clock.real)
    copies_count = models.PositiveIntegerField(default=0)
    messages_count = models.PositiveIntegerField(default=0)
    duplicates_count = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=12, choices=State, default=State.NEW)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    filed_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager["RawEvent"]] = models.Manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["channel", "dedupe_key"], name="raw_event_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            # The sweeper: what nobody picked up.
            models.Index(fields=["received_at"], condition=Q(state="new"), name="raw_event_to_file"),
            # The quarantine page.
            models.Index(
                fields=["-received_at"],
                condition=Q(state="quarantined"),
                name="raw_event_quarantined",
            ),
            # reconcile: per channel and day.
            models.Index(fields=["channel", "received_at"], name="raw_event_by_day"),
        ]

    def __str__(self) -> str:
        return f"raw event {self.pk} ({self.state})"


class ChannelLog(models.Model):
    """One exchange with a provider, secrets redacted: what makes a channel supportable."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="logs")
    at = models.DateTimeField(default=clock.real)
    direction = models.CharField(max_length=3, default="out")
    what = models.CharField(max_length=200)
    is_ok = models.BooleanField(default=True)
    detail = models.CharField(max_length=1000, blank=True)
    elapsed_milliseconds = models.PositiveIntegerField(default=0)

    objects: ClassVar[models.Manager["ChannelLog"]] = models.Manager()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["channel", "-at"], name="channel_log_newest"),
        ]


class MessageTemplate(models.Model):
    """A text that a provider approved, kept so that the composer can offer it; the provider's word is the truth."""

    class Status(models.TextChoices):
        APPROVED = "approved", _("Approved")
        PENDING = "pending", _("Pending")
        REJECTED = "rejected", _("Rejected")
        PAUSED = "paused", _("Paused")
        DISABLED = "disabled", _("Disabled")

    # The unique index begins with the channel.
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="templates", db_index=False)
    external_id = models.CharField(max_length=120, blank=True)
    name = models.CharField(max_length=512)
    language = models.CharField(max_length=16)
    body = models.TextField()
    status = models.CharField(max_length=10, choices=Status, default=Status.APPROVED)
    category = models.CharField(max_length=20, blank=True)
    header = models.CharField(max_length=10, blank=True)
    header_text = models.CharField(max_length=200, blank=True)
    footer = models.CharField(max_length=200, blank=True)
    buttons = models.JSONField(default=list, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    synced_at = models.DateTimeField(default=clock.real)

    objects: ClassVar[models.Manager["MessageTemplate"]] = models.Manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["channel", "name", "language"], name="message_template_once"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.language})"

    @property
    def category_word(self) -> str:
        """What a text is for, in words; as the provider says it where we have none."""
        words = {
            "marketing": gettext("Offers"),
            "utility": gettext("Service"),
            "authentication": gettext("Log-in code"),
        }
        return words.get(self.category.lower(), self.category)


class SandboxMessage(models.Model):
    """What a channel in sandbox mode "sent": the desk plays the provider and keeps it here, where people can look."""

    class State(models.TextChoices):
        SENT = "sent", _("Sent")
        DELIVERED = "delivered", _("Delivered")
        READ = "read", _("Read")
        FAILED = "failed", _("Failed")

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="sandbox_messages", db_index=False)
    external_id = models.CharField(max_length=200)
    recipient = models.CharField(max_length=320)
    text = models.TextField(blank=True)
    details = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.SENT)
    at = models.DateTimeField(default=clock.now)

    objects: ClassVar[models.Manager["SandboxMessage"]] = models.Manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["channel", "external_id"], name="sandbox_message_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            # The page of what was sent, newest first.
            models.Index(fields=["channel", "-id"], name="sandbox_message_newest"),
        ]

    def __str__(self) -> str:
        return f"sandbox message {self.pk} ({self.state})"


class Visitor(models.Model):
    """One browser that talks through a widget: a token that nobody guesses, bound to the site it was given on.

    `key`: the value of the identity (kind visitor) that it writes as; several browsers of one person share it.
    `token_sha256`: of its token, which only the browser has. `site`: the page's origin, as the browser said.
    `proved`: an address or log-in that its person has proved; what was said through that one may be read here too.
    `page`: where they are (url, title), told by the page itself.
    """

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="visitors")
    key = models.CharField(max_length=64, db_index=True)
    token_sha256 = models.CharField(max_length=64, unique=True)
    site = models.CharField(max_length=300)
    proved = models.ForeignKey(Identity, null=True, blank=True, on_delete=models.CASCADE, related_name="visitors")
    language = models.CharField(max_length=8, blank=True)
    page = models.JSONField(default=dict, blank=True)
    made_at = models.DateTimeField(default=clock.real)
    seen_at = models.DateTimeField(default=clock.real)
    left_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager["Visitor"]] = models.Manager()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            # Forgetting those that have not come for long.
            models.Index(fields=["seen_at"], name="visitor_seen"),
        ]

    def __str__(self) -> str:
        return f"visitor {self.pk}"
