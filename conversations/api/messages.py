"""The public API of the heart: thin views that call the same methods as the pages."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers, status
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from agents.models import Agent
from agents.permissions import can
from conversations import replying
from conversations.models import Conversation, Entry
from conversations.ways import ways
from customers.identify import find
from customers.models import Customer, Identity
from helpdesk.lib.inbound import Route

RECEIVED = "received"
CLIENT_ID_MAX = 64
TEXT_MAX = 200_000


class Conflict(APIException):
    """The request does not fit what is there."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"


class MayReply(BasePermission):
    """Agents whose role writes to customers."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return can(_agent(request), "reply")


class EntrySerializer(serializers.ModelSerializer[Entry]):
    """One row of a timeline. state: of the delivery; `received` for what a customer wrote."""

    text = serializers.SerializerMethodField()
    direction = serializers.SerializerMethodField()
    state = serializers.SerializerMethodField()

    class Meta:
        model = Entry
        fields = ["id", "kind", "text", "direction", "state", "occurred_at"]

    def get_text(self, entry: Entry) -> str:
        return entry.said.text if entry.said else str(entry.data.get("text", ""))

    def get_direction(self, entry: Entry) -> str:
        return entry.said.direction if entry.said else ""

    def get_state(self, entry: Entry) -> str:
        if entry.said is None:
            return ""
        newest = max(entry.said.deliveries.all(), key=lambda row: row.pk, default=None)
        return newest.state if newest else RECEIVED


class InShownOrder(CursorPagination):
    """Pages of 100 by (occurred_at, id); the cursor is opaque."""

    page_size = 100
    ordering = ("occurred_at", "id")

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"results": data, "next": self.get_next_link()})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        following = {"type": "string", "format": "uri", "nullable": True}
        return {
            "type": "object",
            "required": ["results", "next"],
            "properties": {"results": schema, "next": following},
        }


@extend_schema(
    parameters=[
        OpenApiParameter("address", str, required=True, description="An email address."),
        OpenApiParameter("cursor", str, description="Where the page begins; comes in `next`."),
    ]
)
class EntryList(generics.ListAPIView[Entry]):
    """The timeline of the customer with an address, in shown order."""

    serializer_class = EntrySerializer
    pagination_class = InShownOrder

    def get_queryset(self) -> QuerySet[Entry]:
        identity = _identity(self.request, self.request.query_params.get("address", ""))
        rows = Entry.objects.visible_to(_agent(self.request)).filter(customer=identity.customer)
        return rows.select_related("message").prefetch_related("message__deliveries")


class MessageSerializer(serializers.Serializer[Entry]):
    """An answer to write. client_id: made by the caller; a repeated one returns the first result."""

    address = serializers.CharField(max_length=320)
    text = serializers.CharField(max_length=TEXT_MAX)
    client_id = serializers.CharField(max_length=CLIENT_ID_MAX, required=False, default="")


class MessageCreate(APIView):
    """Answer a customer in their latest conversation, by mail."""

    permission_classes = [IsAuthenticated, MayReply]

    @extend_schema(request=MessageSerializer, responses={201: EntrySerializer})
    def post(self, request: Request) -> Response:
        form = MessageSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        entry = _reply(request, **form.validated_data)
        return Response(EntrySerializer(entry).data, status=status.HTTP_201_CREATED)


def _reply(request: Request, *, address: str, text: str, client_id: str) -> Entry:
    agent, identity = _agent(request), _identity(request, address)
    theirs = Conversation.objects.visible_to(agent).filter(customer=identity.customer)
    conversation = theirs.order_by("-last_entry_at", "-pk").first()
    if conversation is None:
        raise Http404
    found = [way for way in ways(identity.customer, conversation.brand) if way.identity == identity]
    if not found or not found[0].can_write:
        raise Conflict("There is no mailbox to write from.")
    route = Route(channel_id=found[0].channel.pk, identity_id=identity.pk)
    try:
        return conversation.reply(by=agent, text=text, to=route, client_id=client_id)
    except replying.ClientIdTaken as error:
        raise Conflict("This client_id belongs to something else.") from error
    except replying.NoWay as error:
        raise Conflict(str(error)) from error


def _identity(request: Request, address: str) -> Identity:
    """Return the visible customer's mail address; 404 like an absent one for what may not be seen."""
    try:
        identity = find(Identity.Kind.EMAIL, address)
    except ValueError as error:
        raise ValidationError({"address": [str(error)]}) from error
    visible = Customer.objects.visible_to(_agent(request))
    if identity is None or not visible.filter(pk=identity.customer_id).exists():
        raise Http404
    return identity


def _agent(request: Request) -> Agent:
    assert isinstance(request.user, Agent)
    return request.user
