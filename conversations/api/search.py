"""The search over everything, as the page `/search/` asks it."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from agents.models import ApiToken
from agents.programs.scopes import Scope
from conversations.api.access import agent_of
from conversations.api.nouns import Noun
from conversations.api.problems import refusals
from conversations.api.reading import query
from conversations.searching.answer import Group, Hit, Mark
from conversations.searching.groups import TITLES
from conversations.searching.search import search

WORDS_MAX, HITS_MAX = 1_000, 50
PEOPLE = "customers"


class Wanted(serializers.Serializer[Any]):
    """What is looked for."""

    q = serializers.CharField(max_length=WORDS_MAX, help_text="Words and operators, as on the page of the search.")
    group = serializers.ChoiceField([*TITLES], required=False, help_text="Only hits of this kind.")
    limit = serializers.IntegerField(min_value=1, max_value=HITS_MAX, required=False, help_text="Hits of each group.")
    cursor = serializers.CharField(max_length=20, required=False, help_text="Where the group begins; comes in `next`.")


class PieceSerializer(serializers.Serializer[Mark]):
    """A piece of a text."""

    text = serializers.CharField()
    is_hit = serializers.BooleanField(help_text="It is what was looked for.")


class HitSerializer(serializers.Serializer[Hit]):
    """What was found. id: of the customer, the conversation, the fact or the entry, as its group says."""

    id = serializers.IntegerField(source="pk")
    customer = serializers.IntegerField(source="customer_id")
    conversation = serializers.IntegerField(source="number", allow_null=True, help_text="Its number.")
    name = PieceSerializer(many=True, help_text="What the customer is called.")
    line = PieceSerializer(many=True, help_text="What was found, around the words.")
    by = serializers.CharField(source="who", help_text="Which colleague said it, if one did.")
    occurred_at = serializers.DateTimeField(source="at", allow_null=True)
    url = serializers.SerializerMethodField(help_text="Where people read it.")

    def get_url(self, hit: Hit) -> str:
        asked: Request = self.context["request"]
        return asked.build_absolute_uri(hit.url)


class GroupSerializer(serializers.Serializer[Group]):
    """Hits of one kind, the newest first."""

    group = serializers.ChoiceField([*TITLES], source="slug")
    hits = HitSerializer(many=True)
    is_too_broad = serializers.BooleanField(help_text="It would have taken too long: say more.")
    next = serializers.SerializerMethodField(help_text="The address of the hits after these.")

    def get_next(self, group: Group) -> str | None:
        if not group.next:
            return None
        here = replace_query_param(self.context["request"].build_absolute_uri(), "group", group.slug)
        return replace_query_param(here, "cursor", group.next)


class SearchAnswerSerializer(serializers.Serializer[Any]):
    """Everything that was found."""

    groups = GroupSerializer(many=True)
    problems = serializers.ListField(child=serializers.CharField(), help_text="What was not understood.")
    is_complete = serializers.BooleanField(help_text="All old messages have been looked through, too.")


class Search(Noun):
    """Customers, conversations, orders and messages by words. Customers: to tokens that read customers."""

    scopes = {"get": Scope.CONVERSATIONS_READ}
    asked = Wanted

    @extend_schema(parameters=[Wanted], responses={200: SearchAnswerSerializer, **refusals(400)})
    def get(self, request: Request) -> Response:
        wanted = query(Wanted, request)
        answer = search(
            agent_of(request), wanted["q"], group=wanted.get("group", ""), cursor=wanted.get("cursor", ""),
            limit=wanted.get("limit", 0),
        )  # fmt: skip
        may_know = isinstance(request.auth, ApiToken) and Scope.CUSTOMERS_READ in request.auth.scopes
        groups = [group for group in answer.groups if may_know or group.slug != PEOPLE]
        found = {"groups": groups, "problems": map(str, answer.problems), "is_complete": answer.is_complete}
        return Response(SearchAnswerSerializer(found, context={"request": request}).data)
