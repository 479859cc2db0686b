"""Channels as programs read them: what they are called and whether they work; never how they are let in."""

from typing import Any

from django.db.models import Q, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from agents.permissions import sight_of
from agents.programs.scopes import Scope
from channels_app.models import Channel
from conversations.api.access import agent_of
from conversations.api.nouns import Listed
from conversations.api.pages import NewestFirst


class ChannelSerializer(serializers.ModelSerializer[Channel]):
    """One mailbox, number or page. team: where new conversations go."""

    label = serializers.CharField(help_text="The word of its kind: Email, Chat, …")  # type: ignore[assignment]
    identity_kind = serializers.CharField(help_text="Which kind of address writes here.")
    team = serializers.IntegerField(source="default_team_id", allow_null=True)

    class Meta:
        model = Channel
        fields = ["id", "kind", "label", "name", "address", "identity_kind", "state", "down_since", "team", "brand"]


class ChannelList(Listed[Channel]):
    """The channels, the newest first; without those of private teams that you are not in."""

    scopes = {"get": Scope.SETTINGS_READ}
    serializer_class = ChannelSerializer
    pagination_class = NewestFirst

    @extend_schema(responses={200: ChannelSerializer})
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Channel]:
        sight = sight_of(agent_of(self.request))
        if sight.is_all:
            return Channel.objects.all()
        open_to_all = Q(default_team=None) | Q(default_team__is_private=False)
        return Channel.objects.filter(open_to_all | Q(default_team__in=sight.team_ids))
