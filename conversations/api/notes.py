"""Notes: what only the team reads, in a conversation or about a customer."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from agents.programs.scopes import Scope
from conversations import recording, replying
from conversations.api.access import agent_of, seen_conversation, seen_customer
from conversations.api.entries import CLIENT_ID_MAX, TEXT_MAX, EntrySerializer
from conversations.api.nouns import Noun
from conversations.api.problems import Conflict, refusals
from conversations.api.reading import body
from conversations.api.repeating import once


class NoteSerializer(serializers.Serializer[Any]):
    """A note to a conversation. client_id: made by the caller; a repeated one returns the first result."""

    text = serializers.CharField(max_length=TEXT_MAX)
    client_id = serializers.CharField(max_length=CLIENT_ID_MAX, required=False, default="")


class NoteCreate(Noun):
    """Write what only the team sees into a conversation."""

    scopes = {"post": Scope.CONVERSATIONS_WRITE}

    @extend_schema(request=NoteSerializer, responses={201: EntrySerializer, **refusals(404, 409)})
    @once
    def post(self, request: Request, number: int) -> Response:
        conversation, said = seen_conversation(request, number), body(NoteSerializer, request)
        try:
            entry = conversation.note(by=agent_of(request), **said)
        except replying.ClientIdTaken as error:
            raise Conflict(_("This client_id belongs to something else."), "taken") from error
        except replying.NoWay as error:
            raise ValidationError({"text": [_(str(error))]}) from error
        return Response(EntrySerializer(entry).data, status=status.HTTP_201_CREATED)


class PinnedNoteSerializer(serializers.Serializer[Any]):
    """A note about a customer that stays in sight."""

    text = serializers.CharField(max_length=recording.NOTE_MAX)


class PinnedNoteCreate(Noun):
    """Write a note about a customer that stays in sight."""

    scopes = {"post": Scope.CUSTOMERS_WRITE}

    @extend_schema(request=PinnedNoteSerializer, responses={201: EntrySerializer, **refusals(404)})
    @once
    def post(self, request: Request, customer: int) -> Response:
        person, said = seen_customer(request, customer), body(PinnedNoteSerializer, request)
        entry = recording.pin_note(person, said["text"], by=agent_of(request))
        return Response(EntrySerializer(entry).data, status=status.HTTP_201_CREATED)
