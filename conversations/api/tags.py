"""Tags: the words that conversations and customers have."""

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from agents.permissions import sight_of
from agents.programs.scopes import Scope
from conversations.api.access import agent_of
from conversations.api.nouns import Listed
from conversations.api.pages import NewestFirst
from conversations.models import Conversation
from conversations.models.tag import ConversationTag, CustomerTag, Tag
from customers.models import Customer


class TagSerializer(serializers.ModelSerializer[Tag]):
    """A word."""

    class Meta:
        model = Tag
        fields = ["id", "name"]


class TagList(Listed[Tag]):
    """The tags of what you see, the newest first."""

    scopes = {"get": Scope.SETTINGS_READ}
    serializer_class = TagSerializer
    pagination_class = NewestFirst

    @extend_schema(responses={200: TagSerializer})
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Tag]:
        """A word that only hidden things have would tell of them."""
        me = agent_of(self.request)
        if sight_of(me).is_all:
            return Tag.objects.all()
        work = ConversationTag.objects.filter(tag=OuterRef("pk"), conversation__in=Conversation.objects.visible_to(me))
        people = CustomerTag.objects.filter(tag=OuterRef("pk"), customer__in=Customer.objects.visible_to(me))
        return Tag.objects.filter(Exists(work) | Exists(people))
