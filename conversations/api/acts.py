"""What is done with a conversation: each a POST to a noun, answered by the conversation as it is then."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from agents.models import Agent, Team
from agents.programs.scopes import Scope
from conversations import recording
from conversations.api.access import agent_of, seen_conversation
from conversations.api.conversations import TAG_MAX, ConversationSerializer, told_of, with_all
from conversations.api.marks import as_seen
from conversations.api.nouns import Noun
from conversations.api.problems import Conflict, refusals
from conversations.api.reading import Id, body
from conversations.api.repeating import once
from conversations.changes import Taken
from conversations.locks import lock_customer_row
from conversations.models import Conversation

REFUSED = refusals(403, 404, 409)


class Act(Noun):
    """Something done with a conversation."""

    scopes = {"post": Scope.CONVERSATIONS_WRITE}
    acts_on = "the conversation"

    def do(self, request: Request, number: int, act: Callable[[Conversation], Any]) -> Response:
        """Do it, with If-Match only to the conversation as it was seen, and tell what it is then. 404, 403, 412."""
        row = seen_conversation(request, number, verb="reply")
        with as_seen(request, lambda: lock_customer_row(row.customer_id), lambda: told_of(request, number)):
            act(row)
        # Whoever hands it to others may see it no more: that is told as they gave it away.
        return Response(ConversationSerializer(_fresh(row)).data)


class AssignmentSerializer(serializers.Serializer[Any]):
    """To whom it goes: a colleague or nobody (null), and to which team; or `take`, if nobody has it yet."""

    take = serializers.BooleanField(required=False, help_text="Make it yours; 409 when a colleague was faster.")
    assignee = Id(required=False, allow_null=True, help_text="Not sent: as `null`, nobody.")
    team = Id(required=False, help_text="Not sent: the team stays.")

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        """Ask for something to do."""
        if not said.get("take") and "assignee" not in said and "team" not in said:
            raise ValidationError({"assignee": [_("Say one of take, assignee and team.")]})
        return said


class Assignment(Act):
    """Take it, or give it to a colleague, a team or nobody."""

    @extend_schema(request=AssignmentSerializer, responses={200: ConversationSerializer, **REFUSED})
    @once
    def post(self, request: Request, number: int) -> Response:
        said, by = body(AssignmentSerializer, request), agent_of(request)
        if not said.get("take"):
            to, team = _colleague(said.get("assignee")), _team(said.get("team"))
            return self.do(request, number, lambda row: row.assign(by=by, agent=to, team=team))
        if by.is_service:
            raise Conflict(_("A service is given no work."), "service")
        try:
            return self.do(request, number, lambda row: row.take(by=by))
        except Taken as taken:
            raise Conflict(_("%(agent)s took it first.") % {"agent": taken.owner}, "taken") from taken


class SnoozeSerializer(serializers.Serializer[Any]):
    """Until when."""

    until = serializers.DateTimeField()


class Snooze(Act):
    """Put it away until a time."""

    @extend_schema(request=SnoozeSerializer, responses={200: ConversationSerializer, **REFUSED})
    @once
    def post(self, request: Request, number: int) -> Response:
        until = body(SnoozeSerializer, request)["until"]
        try:
            return self.do(request, number, lambda row: row.snooze(by=agent_of(request), until=until))
        except ValueError as error:
            raise ValidationError({"until": [_("That time has passed.")]}) from error


class Resolution(Act):
    """Say that the work is done."""

    @extend_schema(request=None, responses={200: ConversationSerializer, **REFUSED})
    @once
    def post(self, request: Request, number: int) -> Response:
        return self.do(request, number, lambda row: row.resolve(by=agent_of(request)))


class Reopening(Act):
    """Take the work up again."""

    @extend_schema(request=None, responses={200: ConversationSerializer, **REFUSED})
    @once
    def post(self, request: Request, number: int) -> Response:
        return self.do(request, number, lambda row: row.reopen(by=agent_of(request)))


class Waiting(Act):
    """Say that it is the customer's turn."""

    @extend_schema(request=None, responses={200: ConversationSerializer, **REFUSED})
    @once
    def post(self, request: Request, number: int) -> Response:
        return self.do(request, number, lambda row: row.wait(by=agent_of(request)))


class WordSerializer(serializers.Serializer[Any]):
    """A tag, made on first use; kept in small letters."""

    name = serializers.CharField(max_length=TAG_MAX)


class ConversationTags(Act):
    """Put a tag on a conversation."""

    @extend_schema(request=WordSerializer, responses={200: ConversationSerializer, **REFUSED})
    @once
    def post(self, request: Request, number: int) -> Response:
        name = body(WordSerializer, request)["name"]
        try:
            return self.do(request, number, lambda row: recording.tag(row, name, by=agent_of(request)))
        except recording.Refused as error:
            raise ValidationError({"name": [_("A tag is a word or a few; at most twenty of them.")]}) from error


class ConversationTag(Noun):
    """One tag of a conversation."""

    scopes = {"delete": Scope.CONVERSATIONS_WRITE}

    @extend_schema(responses={204: None, **refusals(403, 404)})
    def delete(self, request: Request, number: int, name: str) -> Response:
        """Take a tag off a conversation."""
        row = seen_conversation(request, number, verb="reply")
        if recording.untag(row, name, by=agent_of(request)) is None:
            raise Conversation.DoesNotExist
        return Response(status=204)


def _fresh(row: Conversation) -> Conversation:
    return with_all(Conversation.objects.all()).get(pk=row.pk)


def _colleague(pk: int | None) -> Agent | None:
    """Return somebody who can be given work. Raises ValidationError."""
    found = Agent.objects.people().filter(pk=pk).first() if pk else None
    if pk and found is None:
        raise ValidationError({"assignee": [_("This colleague or team cannot be chosen.")]})
    return found


def _team(pk: int | None) -> Team | None:
    found = Team.objects.filter(pk=pk).first() if pk else None
    if pk and found is None:
        raise ValidationError({"team": [_("This colleague or team cannot be chosen.")]})
    return found
