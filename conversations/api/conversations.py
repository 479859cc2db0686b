"""Conversations: lists and one. Their state is changed by nouns of its own (acts)."""

from typing import Any

from django.db.models import Max, OuterRef, Q, QuerySet, Subquery
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from agents.programs.scopes import Scope
from conversations.api.access import agent_of
from conversations.api.nouns import Listed, Noun
from conversations.api.pages import LatestFirst
from conversations.api.problems import refusals
from conversations.api.reading import Id, query
from conversations.auditing import reads
from conversations.models import Conversation, Entry

TAG_MAX = 60


class ConversationSerializer(serializers.ModelSerializer[Conversation]):
    """A span of work on a customer's timeline. Times without a value are null."""

    tags = serializers.SerializerMethodField(help_text="In the order of the alphabet.")
    channel_kind = serializers.CharField(source="last_channel_kind", help_text="Of the newest message.")
    last_seq = serializers.SerializerMethodField(
        help_text="Up to where it is read by whoever has this; for `seen_seq` of an answer."
    )

    class Meta:
        model = Conversation
        fields = [
            "number", "customer", "brand", "subject", "topic", "status", "priority", "team", "assignee", "tags",
            "is_spam", "channel_kind", "opened_at", "snoozed_until", "waiting_since", "first_reply_at", "resolved_at",
            "reopened_count", "unanswered_count", "last_entry_at", "last_preview", "last_seq", "version",
        ]  # fmt: skip

    def get_tags(self, row: Conversation) -> list[str]:
        return sorted(one.tag.name for one in row.conversation_tags.all())

    def get_last_seq(self, row: Conversation) -> int:
        return int(getattr(row, "public_seq", None) or 0)


class WantedConversations(serializers.Serializer[Any]):
    """Which conversations; all that is said must be so."""

    status = serializers.ChoiceField(Conversation.Status.choices, required=False)
    team = Id(required=False)
    assignee = Id(required=False)
    is_assigned = serializers.BooleanField(required=False, allow_null=True, default=None)
    customer = Id(required=False)
    topic = Id(required=False)
    tag = serializers.CharField(required=False, max_length=TAG_MAX)
    is_spam = serializers.BooleanField(required=False, allow_null=True, default=None)
    updated_after = serializers.DateTimeField(required=False, help_text="Something happened in it later.")


class ConversationList(Listed[Conversation]):
    """The conversations you see, the one with the newest message first."""

    scopes = {"get": Scope.CONVERSATIONS_READ}
    asked = WantedConversations
    serializer_class = ConversationSerializer
    pagination_class = LatestFirst

    @extend_schema(parameters=[WantedConversations], responses={200: ConversationSerializer})
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Conversation]:
        wanted = query(WantedConversations, self.request)
        return with_all(Conversation.objects.visible_to(agent_of(self.request)).filter(_condition(wanted)))


class ConversationDetail(Noun):
    """One conversation, by its number."""

    scopes = {"get": Scope.CONVERSATIONS_READ}
    is_one = True

    @extend_schema(responses={200: ConversationSerializer, **refusals(404)})
    def get(self, request: Request, number: int) -> Response:
        told = told_of(request, number)
        reads.note(told["customer"], agent_of(request))
        return Response(told)


def told_of(request: Request, number: int) -> dict[str, Any]:
    """Return what is told of a conversation. Raises Conversation.DoesNotExist."""
    rows = with_all(Conversation.objects.visible_to(agent_of(request)))
    return dict(ConversationSerializer(rows.get(number=number)).data)


def with_all(rows: QuerySet[Conversation]) -> QuerySet[Conversation]:
    """Fetch what is told of conversations in a fixed number of queries."""
    public = Entry.objects.filter(conversation=OuterRef("pk"), visibility=Entry.Visibility.PUBLIC)
    newest = public.order_by().values("conversation").annotate(newest=Max("seq")).values("newest")
    return rows.annotate(public_seq=Subquery(newest)).prefetch_related("conversation_tags__tag")


def _condition(said: dict[str, Any]) -> Q:
    """Return what was checked as a question; each name stands for one fixed field."""
    found = Q(**{name: said[name] for name in ("status", "team", "assignee", "customer", "topic") if name in said})
    if said["is_assigned"] is not None:
        found &= Q(assignee__isnull=not said["is_assigned"])
    if said["is_spam"] is not None:
        found &= Q(is_spam=said["is_spam"])
    if "updated_after" in said:
        since = Entry.objects.filter(recorded_at__gt=said["updated_after"]).exclude(conversation=None)
        found &= Q(pk__in=since.values("conversation"))
    if "tag" in said:
        found &= Q(conversation_tags__tag__name=said["tag"].strip().lower())
    return found
