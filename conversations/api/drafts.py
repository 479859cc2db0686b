"""Drafts: one's own unsent texts."""

import uuid
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from agents.programs.scopes import Scope
from conversations import drafts
from conversations.api.access import agent_of, seen_conversation
from conversations.api.entries import TEXT_MAX
from conversations.api.marks import as_seen
from conversations.api.nouns import Listed, Noun
from conversations.api.pages import NewestFirst
from conversations.api.problems import refusals
from conversations.api.reading import Id, body
from conversations.models import Conversation
from conversations.models.draft import Draft

COPIES_MAX = 50
MODE = OpenApiParameter("mode", str, OpenApiParameter.PATH, enum=Draft.Mode.values)


class DraftSerializer(serializers.ModelSerializer[Draft]):
    """A text that was not sent yet, and where it goes as far as that is said."""

    conversation = serializers.IntegerField(source="conversation.number", help_text="Its number.")
    channel = serializers.SerializerMethodField()
    identity = serializers.SerializerMethodField()
    subject = serializers.SerializerMethodField()
    cc = serializers.SerializerMethodField()
    bcc = serializers.SerializerMethodField()

    class Meta:
        model = Draft
        fields = ["conversation", "mode", "text", "channel", "identity", "subject", "cc", "bcc", "saved_at"]

    def get_channel(self, draft: Draft) -> int | None:
        return draft.route.get("channel_id")

    def get_identity(self, draft: Draft) -> int | None:
        return draft.route.get("identity_id")

    def get_subject(self, draft: Draft) -> str:
        return str(draft.route.get("subject") or "")

    def get_cc(self, draft: Draft) -> list[str]:
        return list(draft.route.get("cc") or ())

    def get_bcc(self, draft: Draft) -> list[str]:
        return list(draft.route.get("bcc") or ())


class WordsSerializer(serializers.Serializer[Any]):
    """The whole draft; what is not sent is empty."""

    text = serializers.CharField(max_length=TEXT_MAX, trim_whitespace=False)
    channel = Id(required=False, help_text="With identity or not at all; of a reply.")
    identity = Id(required=False)
    subject = serializers.CharField(max_length=998, allow_blank=True, default="")
    cc = serializers.ListField(child=serializers.CharField(max_length=320), max_length=COPIES_MAX, default=list)
    bcc = serializers.ListField(child=serializers.CharField(max_length=320), max_length=COPIES_MAX, default=list)

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        """A way has both ends or none."""
        if ("channel" in said) != ("identity" in said):
            raise ValidationError({"identity": [_("Say both of channel and identity, or none.")]})
        if not said["text"].strip():
            raise ValidationError({"text": [_("Write something, or delete the draft.")]})
        return said


class DraftList(Listed[Draft]):
    """Your drafts in the conversations you see, the newest first."""

    scopes = {"get": Scope.CONVERSATIONS_READ}
    serializer_class = DraftSerializer
    pagination_class = NewestFirst

    @extend_schema(responses={200: DraftSerializer})
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Draft]:
        me = agent_of(self.request)
        seen = Conversation.objects.visible_to(me)
        return _written().filter(agent=me, conversation__in=seen)


@extend_schema(parameters=[MODE])
class DraftDetail(Noun):
    """Your draft of an answer (`reply`) or of a note (`note`) in one conversation."""

    scopes = {
        "get": Scope.CONVERSATIONS_READ, "put": Scope.CONVERSATIONS_WRITE, "delete": Scope.CONVERSATIONS_WRITE,
    }  # fmt: skip
    is_one = True

    @extend_schema(responses={200: DraftSerializer, **refusals(404)})
    def get(self, request: Request, number: int, mode: str) -> Response:
        row = seen_conversation(request, number)
        return Response(_told(request, row, mode))

    @extend_schema(request=WordsSerializer, responses={200: DraftSerializer, **refusals(404)})
    def put(self, request: Request, number: int, mode: str) -> Response:
        """Write the whole draft."""
        row, said = seen_conversation(request, number), body(WordsSerializer, request)
        # A name of its own: an older save from a page that is still open does not take its place.
        words = drafts.Words(said["text"], _route(said) if mode == Draft.Mode.REPLY else {}, str(uuid.uuid4()))
        with as_seen(request, lambda: _lock(request, row, mode), lambda: _told(request, row, mode)):
            drafts.save(row, mode, words, by=agent_of(request))
        return Response(_told(request, row, mode))

    @extend_schema(responses={204: None, **refusals(404)})
    def delete(self, request: Request, number: int, mode: str) -> Response:
        """Throw the draft away."""
        row = seen_conversation(request, number)
        _told(request, row, mode)
        with as_seen(request, lambda: _lock(request, row, mode), lambda: _told(request, row, mode)):
            drafts.save(row, mode, drafts.Words(""), by=agent_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


def _written() -> QuerySet[Draft]:
    return Draft.objects.exclude(text="").select_related("conversation")


def _told(request: Request, row: Conversation, mode: str) -> dict[str, Any]:
    """Return what is told of one's draft. Raises Draft.DoesNotExist."""
    return dict(DraftSerializer(_written().get(agent=agent_of(request), conversation=row, mode=mode)).data)


def _lock(request: Request, row: Conversation, mode: str) -> Draft | None:
    mine = Draft.objects.filter(agent=agent_of(request), conversation=row, mode=mode)
    return mine.select_for_update(no_key=True).first()


def _route(said: dict[str, Any]) -> dict[str, Any]:
    way = {"channel_id": said["channel"], "identity_id": said["identity"]} if "channel" in said else {}
    return {**way, "subject": said["subject"], "cc": said["cc"], "bcc": said["bcc"]}
