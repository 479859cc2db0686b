"""Teams: who shares a queue."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from agents.models import Team
from agents.programs.scopes import Scope
from conversations.api.nouns import Listed
from conversations.api.pages import NewestFirst


class TeamSerializer(serializers.ModelSerializer[Team]):
    """A team. is_private: its conversations do not exist for others; they can still be handed to it."""

    class Meta:
        model = Team
        fields = ["id", "slug", "name", "is_private"]


class TeamList(Listed[Team]):
    """All teams that work can be handed to, the newest first."""

    scopes = {"get": Scope.SETTINGS_READ}
    queryset = Team.objects.all()
    serializer_class = TeamSerializer
    pagination_class = NewestFirst

    @extend_schema(responses={200: TeamSerializer})
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)
