"""A span of work on a customer's timeline, and what people do with it."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Unpack

from django.conf import settings
from django.db import models
from django.db.models import Exists, Func, OuterRef, Q, Value
from django.utils.translation import gettext_lazy as _

from agents.models import Agent, Brand, Team
from agents.permissions import sight_of
from conversations import changes, replying
from customers.models import Customer, Identity
from helpdesk.lib import clock
from helpdesk.lib.outbound import OutboundFile, OutboundTemplate, Route

if TYPE_CHECKING:
    from conversations.models.entry import Entry


class Topic(models.Model):
    """The one subject of a conversation, from a tree."""

    name = models.CharField(max_length=80)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["parent", "name"], nulls_distinct=False, name="topic_once"),
        ]

    def __str__(self) -> str:
        return self.name


class ConversationQuerySet(models.QuerySet["Conversation"]):
    """Questions over many conversations."""

    def visible_to(self, agent: Agent) -> "ConversationQuerySet":
        """Those this agent may know of (docs/architecture.md, Sight)."""
        sight = sight_of(agent)
        if sight.is_all:
            return self
        followed = Follower.objects.filter(conversation=OuterRef("pk"), agent=agent)
        entry: Any = self.model._meta.get_field("entries").related_model
        mentioned = entry.objects.filter(conversation=OuterRef("pk"), mentions__agent=agent)
        mine = Q(assignee=agent) | Exists(followed) | Exists(mentioned)
        if sight.is_teams:
            mine |= Q(team=None) | Q(team__in=sight.team_ids)
        return self.filter(mine)

    def unresolved(self) -> "ConversationQuerySet":
        return self.exclude(status=Conversation.Status.RESOLVED)

    def open(self) -> "ConversationQuerySet":
        return self.filter(status=Conversation.Status.OPEN)

    def unassigned(self) -> "ConversationQuerySet":
        return self.filter(assignee=None)

    def genuine(self) -> "ConversationQuerySet":
        """Leave out spam."""
        return self.filter(is_spam=False)


class Conversation(models.Model):
    """A span of work. Has no channel: a channel is only how one message travelled."""

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        WAITING = "waiting", _("Waiting")
        SNOOZED = "snoozed", _("Snoozed")
        RESOLVED = "resolved", _("Resolved")

    class Priority(models.IntegerChoices):
        LOW = 1, _("Low")
        NORMAL = 2, _("Normal")
        HIGH = 3, _("High")
        URGENT = 4, _("Urgent")

    class HeldBy(models.TextChoices):
        PEOPLE = "people", _("People")
        BOT = "bot", _("Assistant")

    # The sequence is made by the first migration; numbers are never used twice.
    number = models.BigIntegerField(unique=True, db_default=Func(Value("conversation_number"), function="nextval"))
    # Customer, team and assignee need no index of their own: those of the lists begin with them.
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="conversations", db_index=False)
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="conversations")
    topic = models.ForeignKey(Topic, null=True, blank=True, on_delete=models.PROTECT, related_name="conversations")
    subject = models.CharField(max_length=998, blank=True)
    status = models.CharField(max_length=8, choices=Status, default=Status.OPEN)
    priority = models.PositiveSmallIntegerField(choices=Priority, default=Priority.NORMAL)
    team = models.ForeignKey(
        Team, null=True, blank=True, on_delete=models.PROTECT, related_name="conversations", db_index=False
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="conversations",
        db_index=False,
    )
    held_by = models.CharField(max_length=6, choices=HeldBy, default=HeldBy.PEOPLE)
    is_spam = models.BooleanField(default=False)
    is_quiet = models.BooleanField(default=False)
    warning = models.CharField(max_length=200, blank=True)
    opened_at = models.DateTimeField(default=clock.now)
    snoozed_until = models.DateTimeField(null=True, blank=True)
    waiting_since = models.DateTimeField(null=True, blank=True)
    next_due_at = models.DateTimeField(null=True, blank=True)
    next_due_kind = models.CharField(max_length=20, blank=True)
    first_reply_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    reopened_count = models.PositiveIntegerField(default=0)
    unanswered_count = models.PositiveIntegerField(default=0)
    last_inbound_seq = models.BigIntegerField(default=0)
    last_entry_at = models.DateTimeField(default=clock.now)
    last_preview = models.CharField(max_length=200, blank=True)
    last_channel_kind = models.CharField(max_length=20, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = ConversationQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(status="snoozed", snoozed_until__isnull=False)
                | (~Q(status="snoozed") & Q(snoozed_until=None)),
                name="conversation_snoozed_until",
            ),
            models.CheckConstraint(
                condition=Q(status="resolved", resolved_at__isnull=False)
                | (~Q(status="resolved") & Q(resolved_at=None)),
                name="conversation_resolved_at",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            # Inbox views: active rows of one owner or one team, due first. Counts need nothing else of a row.
            models.Index(
                fields=["assignee", "next_due_at", "id"],
                include=["last_inbound_seq"],
                condition=Q(is_spam=False, status__in=["open", "waiting"]),
                name="conversation_owner_due",
            ),
            models.Index(
                fields=["team", "next_due_at", "id"],
                condition=Q(is_spam=False, status__in=["open", "waiting"]),
                name="conversation_team_due",
            ),
            # What nobody has taken, by team, due first.
            models.Index(
                fields=["team", "next_due_at", "id"],
                condition=Q(assignee=None, is_spam=False, status__in=["open", "waiting"]),
                name="conversation_unassigned",
            ),
            # Everything, newest first: of all, of one team, of one owner.
            models.Index(fields=["-last_entry_at", "-id"], name="conversation_newest"),
            models.Index(
                fields=["team", "-last_entry_at", "-id"], condition=Q(is_spam=False), name="conversation_team_newest"
            ),
            models.Index(
                fields=["assignee", "-last_entry_at", "-id"],
                condition=Q(is_spam=False),
                name="conversation_owner_newest",
            ),
            models.Index(fields=["customer", "-last_entry_at"], name="conversation_of_customer"),
            # How long the last ones waited for their first answer (waiting.usual_wait_of).
            models.Index(
                fields=["team", "last_channel_kind", "-first_reply_at"],
                condition=Q(is_spam=False, first_reply_at__isnull=False),
                name="conversation_first_replies",
            ),
            # The sweeper: who wakes when.
            models.Index(
                fields=["snoozed_until"],
                condition=Q(status="snoozed"),
                name="conversation_to_wake",
            ),
            # What was put away, by team and by owner, first back first.
            models.Index(
                fields=["team", "snoozed_until", "id"], condition=Q(status="snoozed"), name="conversation_team_snoozed"
            ),
            models.Index(
                fields=["assignee", "snoozed_until", "id"],
                condition=Q(status="snoozed"),
                name="conversation_owner_snoozed",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.number}"

    @property
    def is_resolved(self) -> bool:
        return self.status == self.Status.RESOLVED

    def take(self, *, by: Agent) -> "Entry | None":
        """Become the owner, if nobody is. Raises changes.Taken when a colleague was faster."""
        return changes.take(self, by=by)

    def assign(self, *, by: Agent | None, agent: Agent | None = None, team: Team | None = None) -> "Entry | None":
        """Make an agent (or nobody) the owner; with a team, hand it to that team's queue too."""
        after: dict[str, Any] = {"assignee": agent} if team is None else {
            "assignee": agent, "team": team,
        }  # fmt: skip
        return changes.change(self, "assignment", after, by=by)

    def assign_from(self, owner: Agent, *, by: Agent, team: Team) -> "Entry | None":
        """Give it to a team's queue if it still is its owner's; None when somebody else took it meanwhile."""
        return changes.give(self, owner, team, by=by)

    def snooze(self, *, by: Agent | None, until: datetime, cause: "Entry | None" = None) -> "Entry | None":
        """Put it away until a time. Raises ValueError when that has passed."""
        if until <= clock.now():
            raise ValueError("That time has passed.")
        return changes.set_status(self, self.Status.SNOOZED, by=by, until=until, cause=cause)

    def wait(self, *, by: Agent | None, cause: "Entry | None" = None) -> "Entry | None":
        """Say that it is the customer's turn."""
        return changes.set_status(self, self.Status.WAITING, by=by, cause=cause)

    def resolve(self, *, by: Agent | None, cause: "Entry | None" = None) -> "Entry | None":
        """Say that the work is done."""
        return changes.set_status(self, self.Status.RESOLVED, by=by, cause=cause)

    def reopen(self, *, by: Agent | None, cause: "Entry | None" = None) -> "Entry | None":
        """Take the work up again."""
        return changes.set_status(self, self.Status.OPEN, by=by, cause=cause)

    def prioritise(self, *, by: Agent | None, priority: int) -> "Entry | None":
        """Set how urgent it is."""
        return changes.change(self, "priority", {"priority": priority}, by=by)

    def note(self, *, by: Agent, text: str, client_id: str = "", is_marked: bool = False) -> "Entry":
        """Write something that only the team sees. Safe to call twice with one client_id."""
        return replying.note(self, by=by, text=text, client_id=client_id, is_marked=is_marked)

    def reply(
        self,
        *,
        by: Agent | None,
        text: str,
        to: Route,
        html: str = "",
        attachments: tuple[OutboundFile, ...] = (),
        template: OutboundTemplate | None = None,
        client_id: str = "",
        seen_seq: int | None = None,
        hold_seconds: int = 0,
        send_at: datetime | None = None,
        despite_quiet: bool = False,
        **more: Unpack[replying.More],
    ) -> "Entry":
        """Answer the customer; the delivery is queued in the same transaction.

        hold_seconds: undo is possible that long. In the customer's quiet hours it waits until they end,
        unless despite_quiet. more: see replying.Reply. Raises replying.StaleSend when somebody else
        wrote after seen_seq, replying.ClientIdTaken, replying.NoWay.
        """
        reply = replying.Reply(
            text=text, html=html, to=to, files=attachments, template=template,
            client_id=client_id, seen_seq=seen_seq, hold_seconds=hold_seconds, send_at=send_at,
            despite_quiet=despite_quiet, **more,
        )  # fmt: skip
        return replying.reply(self, reply, by=by)


class Participant(models.Model):
    """Somebody besides the customer who takes part in a conversation."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="participants")
    identity = models.ForeignKey(Identity, on_delete=models.PROTECT, related_name="takes_part")
    since = models.DateTimeField(default=clock.now)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    objects: ClassVar[models.Manager["Participant"]] = models.Manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["conversation", "identity"], name="participant_once"),
        ]


class Follower(models.Model):
    """An agent who wants to know what happens in a conversation."""

    agent = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="follows")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="followers")

    objects: ClassVar[models.Manager["Follower"]] = models.Manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["agent", "conversation"], name="follower_once"),
        ]
