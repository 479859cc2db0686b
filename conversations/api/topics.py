"""Topics: what conversations are about, as a tree."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from agents.programs.scopes import Scope
from conversations.api.nouns import Listed
from conversations.api.pages import NewestFirst
from conversations.models import Topic


class TopicSerializer(serializers.ModelSerializer[Topic]):
    """One subject; parent: the wider one it is part of."""

    class Meta:
        model = Topic
        fields = ["id", "name", "parent"]


class TopicList(Listed[Topic]):
    """All topics, the newest first."""

    scopes = {"get": Scope.SETTINGS_READ}
    queryset = Topic.objects.all()
    serializer_class = TopicSerializer
    pagination_class = NewestFirst

    @extend_schema(responses={200: TopicSerializer})
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)
