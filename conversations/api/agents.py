"""Agents: who works here, people and services; and who the token acts for."""

from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from agents.models import Agent, ApiToken, Membership
from agents.permissions import sight_of
from agents.programs.scopes import Scope
from conversations.api.access import agent_of
from conversations.api.nouns import Listed, Noun
from conversations.api.pages import NewestFirst


class AgentSerializer(serializers.ModelSerializer[Agent]):
    """Somebody who works here. is_service: a program; no work is given to it."""

    role = serializers.CharField(source="role.slug")
    teams = serializers.SerializerMethodField(help_text="Without private teams that you are not in.")

    class Meta:
        model = Agent
        fields = ["id", "name", "role", "teams", "is_active", "is_service"]

    def get_teams(self, agent: Agent) -> list[int]:
        return sorted(row.team_id for row in agent.memberships.all())


class AgentList(Listed[Agent]):
    """Everybody who works or worked here, the newest first."""

    scopes = {"get": Scope.SETTINGS_READ}
    serializer_class = AgentSerializer
    pagination_class = NewestFirst

    @extend_schema(responses={200: AgentSerializer})
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Agent]:
        return _known_to(agent_of(self.request))


class TokenSerializer(serializers.ModelSerializer[ApiToken]):
    """The token that asks."""

    scopes = serializers.ListField(child=serializers.ChoiceField(Scope.choices))

    class Meta:
        model = ApiToken
        fields = ["name", "scopes", "made_at", "expires_at"]


class MeSerializer(AgentSerializer):
    """Whom the token acts for."""

    token = serializers.SerializerMethodField()

    class Meta(AgentSerializer.Meta):
        fields = [*AgentSerializer.Meta.fields, "language", "time_zone", "token"]

    @extend_schema_field(TokenSerializer)
    def get_token(self, agent: Agent) -> dict[str, Any]:
        return dict(TokenSerializer(self.context["token"]).data)


class Me(Noun):
    """Whom this token acts for, and what it may do."""

    scopes = {"get": Scope.SETTINGS_READ}
    is_one = True

    @extend_schema(responses={200: MeSerializer})
    def get(self, request: Request) -> Response:
        me = agent_of(request)
        return Response(MeSerializer(_known_to(me).get(pk=me.pk), context={"token": request.auth}).data)


def _known_to(reader: Agent) -> QuerySet[Agent]:
    """Who works here; of private teams, only whoever is in them knows who else is."""
    sight, rows = sight_of(reader), Membership.objects.all()
    if not sight.is_all:
        rows = rows.filter(Q(team__is_private=False) | Q(team__in=sight.team_ids))
    return Agent.objects.prefetch_related(Prefetch("memberships", rows))
