"""Answers to customers."""

import uuid

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from agents.programs.scopes import Scope
from conversations import replying
from conversations.api.access import agent_of, require_reply
from conversations.api.entries import CLIENT_ID_MAX, TEXT_MAX, EntrySerializer, mail_identity
from conversations.api.nouns import Noun
from conversations.api.problems import Conflict, refusals
from conversations.api.reading import body
from conversations.api.repeating import once
from conversations.models import Conversation, Entry
from conversations.ways import ways
from helpdesk.lib.outbound import Route


class MessageSerializer(serializers.Serializer[Entry]):
    """An answer to write. client_id: made by the caller; a repeated one returns the first result."""

    address = serializers.CharField(max_length=320)
    text = serializers.CharField(max_length=TEXT_MAX)
    client_id = serializers.CharField(max_length=CLIENT_ID_MAX, required=False, default="")


class MessageCreate(Noun):
    """Answer a customer in their latest conversation, by mail."""

    scopes = {"post": Scope.MESSAGES_SEND}

    @extend_schema(request=MessageSerializer, responses={201: EntrySerializer, **refusals(403, 404, 409)})
    @once
    def post(self, request: Request) -> Response:
        require_reply(request)
        entry = _reply(request, **body(MessageSerializer, request))
        return Response(EntrySerializer(entry).data, status=status.HTTP_201_CREATED)


def _reply(request: Request, *, address: str, text: str, client_id: str) -> Entry:
    agent, identity = agent_of(request), mail_identity(request, address)
    theirs = Conversation.objects.visible_to(agent).filter(customer=identity.customer)
    conversation = theirs.order_by("-last_entry_at", "-pk").first()
    if conversation is None:
        raise Conversation.DoesNotExist
    found = [way for way in ways(identity.customer, conversation.brand) if way.identity == identity]
    if not found or not found[0].can_write:
        raise Conflict(_("There is no mailbox to write from."), "no_way")
    route = Route(channel_id=found[0].channel.pk, identity_id=identity.pk)
    # A name of its own: what the agent is writing on a page is another text, and stays a draft.
    client_id = client_id or str(uuid.uuid4())
    try:
        return conversation.reply(by=agent, text=text, to=route, client_id=client_id)
    except replying.ClientIdTaken as error:
        raise Conflict(_("This client_id belongs to something else."), "taken") from error
    except replying.NoWay as error:
        raise Conflict(_(str(error)), "no_way") from error
