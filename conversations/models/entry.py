"""One row of the timeline: every change of a customer or a conversation."""

from typing import TYPE_CHECKING, Any, ClassVar, TypedDict

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from agents.permissions import sight_of
from customers.models import Customer
from helpdesk.lib import clock, markup

if TYPE_CHECKING:
    from agents.models import Agent
    from conversations.models.message import Message


class EntryData(TypedDict, total=False):
    """The keys of Entry.data. before/after: what a state change changed, by field name.

    From `event` on: what is kept of an event (conversations.events.wording); `from` is "provider_app" for what was
    sent there.
    """

    before: dict[str, Any]
    after: dict[str, Any]
    text: str
    warning: str
    warning_detail: str
    undone: str
    undoes: int
    held: bool
    despite_quiet: bool
    follows: list[int]
    then: str
    then_until: str
    also_on: list[int]
    conversation: int
    robot: str
    quiet: bool
    rejoined: bool
    mentions: list[int]
    with_entry: int
    act: str
    mode: str
    name: str
    record: int
    said: str
    own: int
    is_parted: bool
    pinned: bool
    unpinned: str
    purpose: str
    state: str
    fact: int
    what: str
    amendment: dict[str, Any]
    hidden: dict[str, Any]
    read_by: str
    event: str
    forwarded: bool
    payload: str
    referral: dict[str, Any]
    story: str
    reply_to: str
    comment: dict[str, Any]
    details: dict[str, Any]
    unreacted: dict[str, str]
    channel: str
    keyword: str
    marked: bool


class EntryQuerySet(models.QuerySet["Entry"]):
    """Questions over many entries."""

    def visible_to(self, agent: "Agent") -> "EntryQuerySet":
        """Entries of customers whom this agent sees, without those of foreign private teams.

        A role that does not read whole timelines sees only its visible conversations.
        """
        sight = sight_of(agent)
        if sight.is_all or not sight.reads_whole_timelines:
            return self.shown_to(agent)
        customers = Customer.objects.filter(pk=OuterRef("customer_id")).visible_to(agent)
        return self.shown_to(agent).filter(Exists(customers))

    def shown_to(self, agent: "Agent") -> "EntryQuerySet":
        """As `visible_to`, for entries of customers of whom it is known already that this agent sees them.

        To ask it again for every entry doubles what PostgreSQL spends on planning a page's refetch.
        """
        sight = sight_of(agent)
        if sight.is_all:
            return self
        conversation: Any = self.model._meta.get_field("conversation").related_model
        own = conversation.objects.filter(pk=OuterRef("conversation_id")).visible_to(agent)
        if not sight.reads_whole_timelines:
            return self.filter(Exists(own))
        open_to_all = Q(conversation=None) | Q(conversation__team=None)
        return self.filter(open_to_all | Q(conversation__team__is_private=False) | Exists(own))


class Entry(models.Model):
    """One row of a customer's timeline. Only conversations.timeline makes or changes one.

    `seq`: the customer's number at birth; `touched_seq`: their number when what is shown of the
    entry last changed. `actor` says what kind of being did it, `by` which agent.
    """

    class Kind(models.TextChoices):
        MESSAGE = "message", _("Message")
        NOTE = "note", _("Note")
        STATUS = "status", _("Status")
        ASSIGNMENT = "assignment", _("Assignment")
        TOPIC = "topic", _("Topic")
        PRIORITY = "priority", _("Priority")
        TAGS = "tags", _("Tags")
        TOOK_PART = "took_part", _("Took part")
        DRAFT = "draft", _("Draft")
        IDENTITY = "identity", _("Identity")
        CONSENT = "consent", _("Consent")
        PROFILE = "profile", _("Profile")
        MERGE = "merge", _("Merge")
        FACT = "fact", _("Known thing")
        CALL = "call", _("Call")
        VISIT = "visit", _("Visit")
        ORDER = "order", _("Order")
        FORM = "form", _("Form")
        SURVEY = "survey", _("Survey")
        TASK = "task", _("Task")
        CLOCK = "clock", _("Clock")
        CUSTOM = "custom", _("Custom")

    class Actor(models.TextChoices):
        AGENT = "agent", _("Agent")
        CUSTOMER = "customer", _("Customer")
        BOT = "bot", _("Assistant")
        RULE = "rule", _("Rule")
        SYSTEM = "system", _("System")

    class Visibility(models.TextChoices):
        PUBLIC = "public", _("Public")
        INTERNAL = "internal", _("Internal")

    # Customer and conversation need no index of their own: longer ones begin with them.
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="entries", db_index=False)
    conversation = models.ForeignKey(
        "conversations.Conversation",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="entries",
        db_index=False,
    )
    seq = models.BigIntegerField()
    touched_seq = models.BigIntegerField()
    kind = models.CharField(max_length=12, choices=Kind)
    actor = models.CharField(max_length=8, choices=Actor)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="entries",
        db_index=False,
    )
    visibility = models.CharField(max_length=8, choices=Visibility, default=Visibility.INTERNAL)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField(default=clock.now)
    data = models.JSONField(default=dict, blank=True)
    client_id = models.CharField(max_length=64, null=True, blank=True)
    cause = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="effects")
    depth = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True, blank=True)
    after_attempts = models.PositiveSmallIntegerField(default=0)
    raw = models.ForeignKey(
        "channels_app.RawEvent",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="entries",
    )

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "entries"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["customer", "seq"], name="entry_seq_once"),
            models.UniqueConstraint(fields=["client_id"], name="entry_client_id_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            # The timeline page, newest first.
            models.Index(fields=["customer", "-occurred_at", "-id"], name="entry_timeline"),
            # Catch-up: what changed since a cursor.
            models.Index(fields=["customer", "touched_seq"], name="entry_touched"),
            models.Index(fields=["conversation", "id"], name="entry_of_conversation"),
            # What an agent did today; and whether they ever did anything, before they are removed.
            models.Index(fields=["by", "-occurred_at"], condition=Q(by__isnull=False), name="entry_by_agent"),
            # What a timeline is narrowed to and is rare on it: notes, calls, orders. No message pays for it.
            models.Index(
                fields=["customer", "kind", "-occurred_at", "-id"], condition=~Q(kind="message"), name="entry_of_kind"
            ),
            # The panel: what the team pinned to a customer.
            models.Index(fields=["customer"], condition=Q(kind="note", data__pinned=True), name="entry_pinned"),
            # Programs that ask what happened since. Rows come in this order, so that a few blocks answer it.
            BrinIndex(fields=["recorded_at"], autosummarize=True, name="entry_recorded"),
            # The sweeper: entries whose after-entry steps did not finish.
            models.Index(fields=["recorded_at"], condition=Q(done_at=None), name="entry_not_done"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.seq} of customer {self.customer_id}"

    @property
    def said(self) -> "Message | None":
        """The message of this entry, or None."""
        return getattr(self, "message", None)

    @property
    def is_marked(self) -> bool:
        """Whether its author could mark parts of its text (helpdesk/lib/markup)."""
        return self.data.get("marked") is True

    def read(self, text: str) -> str:
        """Return a text of this entry as it is read: without the marks of its author."""
        return markup.leaving(text, "", is_marked=self.is_marked).part(0, len(text)).text

    @property
    def is_undone(self) -> bool:
        return bool(self.data.get("undone"))
