"""Entries of timelines: lists, one, and notes."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from agents.models import Agent
from agents.programs.scopes import Scope
from conversations import recording
from conversations.api.access import agent_of, is_seen, seen_customer
from conversations.api.marks import as_seen
from conversations.api.nouns import Listed, Noun
from conversations.api.pages import InShownOrder
from conversations.api.problems import Conflict, refusals
from conversations.api.reading import Id, body, query
from conversations.auditing import reads
from conversations.locks import lock_customer_row
from conversations.merging.strangers import strangers_in
from conversations.models import Delivery, Entry, Message
from customers.identify import find
from customers.models import Customer, Identity

RECEIVED = "received"
CLIENT_ID_MAX = 64
TEXT_MAX = 200_000
# What an entry's data tells to programs, by kind. A row's number that the reader might not see is not among it.
TOLD = {
    Entry.Kind.NOTE: ("mentions",),
    Entry.Kind.IDENTITY: ("act", "identity", "kind", "value"),
    Entry.Kind.CONSENT: ("act", "identity", "kind", "value", "purpose", "state", "reason"),
    Entry.Kind.MERGE: ("act", "record", "name", "said", "is_parted"),
    Entry.Kind.FACT: ("act", "fact", "what", "before", "after"),
    Entry.Kind.DRAFT: ("mode", "name"),
    Entry.Kind.STATUS: ("act", "before", "after", "undoes"),
    Entry.Kind.SURVEY: ("act", "score", "comment", "before"),
    Entry.Kind.TASK: ("act", "reference", "is_proved", "until"),
}
CHANGES = ("before", "after", "undoes")


class DataSerializer(serializers.Serializer[Any]):
    """What an entry tells beside its text; which of it depends on the kind, and what is not told is not there.

    status, assignment, topic, priority, tags and profile say before and after, by field.
    """

    before = serializers.DictField(child=serializers.JSONField(), required=False, help_text="By field.")
    after = serializers.DictField(child=serializers.JSONField(), required=False, help_text="By field.")
    undoes = serializers.IntegerField(required=False, help_text="The entry that this one took back.")
    act = serializers.CharField(
        required=False, help_text="What was done: of identity, consent, merge, fact; `ended`, `rated`."
    )
    identity = serializers.IntegerField(required=False)
    kind = serializers.CharField(required=False, help_text="The kind of the address.")
    value = serializers.CharField(required=False, help_text="The address as people read it.")
    purpose = serializers.CharField(required=False)
    state = serializers.CharField(required=False)
    reason = serializers.CharField(required=False, help_text="Where it was said, or why.")
    record = serializers.IntegerField(required=False, help_text="The merge, split or move; see /merges/.")
    name = serializers.CharField(required=False, help_text="Who the other was, if you may know them.")
    said = serializers.CharField(required=False, help_text="The address that was split out, or how many were moved.")
    is_parted = serializers.BooleanField(required=False, help_text="It was undone.")
    fact = serializers.IntegerField(required=False)
    what = serializers.CharField(required=False)
    mode = serializers.CharField(required=False)
    mentions = serializers.ListField(child=serializers.CharField(), required=False)
    is_pinned = serializers.BooleanField(required=False, help_text="Of notes: it stays in sight.")
    score = serializers.IntegerField(required=False, help_text="Of a rating: 1 very bad to 5 very good.")
    comment = serializers.CharField(required=False, help_text="What was said along with a rating.")
    reference = serializers.CharField(required=False, help_text="Of a wish to be deleted: what the customer was told.")
    is_proved = serializers.BooleanField(required=False, help_text="Whoever wants it has proved who they are.")
    until = serializers.DateTimeField(required=False, help_text="By when it was promised.")


class RecipientSerializer(serializers.Serializer[Any]):
    """Somebody a message is from or to."""

    role = serializers.CharField()
    address = serializers.CharField()
    name = serializers.CharField()


class FileSerializer(serializers.Serializer[Any]):
    """A file of a message."""

    id = serializers.IntegerField()
    filename = serializers.CharField()
    content_type = serializers.CharField()
    is_inline = serializers.BooleanField()
    state = serializers.CharField(help_text="here, waiting or unavailable")


class PartSerializer(serializers.Serializer[Any]):
    """What became of a message at one recipient."""

    address = serializers.CharField()
    state = serializers.CharField(help_text="As of the delivery.")
    error = serializers.CharField(help_text="Why it failed, in a sentence.")


class DeliverySerializer(serializers.Serializer[Any]):
    """One sending of a message; the newest counts."""

    id = serializers.IntegerField()
    state = serializers.ChoiceField(Delivery.State.choices, help_text="The worst of its parts.")
    attempts = serializers.IntegerField()
    made_at = serializers.DateTimeField()
    hold_until = serializers.DateTimeField(allow_null=True, help_text="Until then it can be taken back.")
    send_at = serializers.DateTimeField(allow_null=True, help_text="Not before.")
    sent_at = serializers.DateTimeField(allow_null=True)
    error_code = serializers.CharField()
    error = serializers.CharField(help_text="Why it failed, in a sentence.")
    parts = PartSerializer(many=True)


class SaidSerializer(serializers.ModelSerializer[Message]):
    """What makes an entry a message."""

    recipients = RecipientSerializer(many=True)
    files = FileSerializer(many=True, source="entry.attachments.all")
    deliveries = serializers.SerializerMethodField(help_text="Of what was said to the customer, the newest first.")

    class Meta:
        model = Message
        fields = [
            "channel", "thread", "sender", "subject", "language", "recipients", "files", "deliveries", "edited_at",
            "deleted_at",
        ]  # fmt: skip

    @extend_schema_field(DeliverySerializer(many=True))
    def get_deliveries(self, message: Message) -> Any:
        rows = sorted(message.deliveries.all(), key=lambda row: -row.pk)
        return DeliverySerializer(rows, many=True).data


class EntrySerializer(serializers.ModelSerializer[Entry]):
    """One row of a timeline. state: of the delivery; `received` for what a customer wrote."""

    conversation = serializers.SerializerMethodField(help_text="Its number.")
    text = serializers.SerializerMethodField()
    direction = serializers.SerializerMethodField()
    state = serializers.SerializerMethodField()
    is_undone = serializers.BooleanField(read_only=True, help_text="Taken back before it was sent.")
    data = serializers.SerializerMethodField()  # type: ignore[assignment]
    message = serializers.SerializerMethodField()

    class Meta:
        model = Entry
        fields = [
            "id", "customer", "conversation", "kind", "actor", "by", "visibility", "text", "direction", "state",
            "is_undone", "data", "message", "occurred_at", "recorded_at",
        ]  # fmt: skip

    def get_conversation(self, entry: Entry) -> int | None:
        return entry.conversation.number if entry.conversation else None

    def get_text(self, entry: Entry) -> str:
        if entry.is_undone:
            return ""
        return entry.said.text if entry.said else str(entry.data.get("text", ""))

    def get_direction(self, entry: Entry) -> str:
        return entry.said.direction if entry.said else ""

    def get_state(self, entry: Entry) -> str:
        if entry.said is None:
            return ""
        newest = max(entry.said.deliveries.all(), key=lambda row: row.pk, default=None)
        return newest.state if newest else RECEIVED

    @extend_schema_field(DataSerializer)
    def get_data(self, entry: Entry) -> dict[str, Any]:
        told = TOLD.get(Entry.Kind(entry.kind), CHANGES)
        said = {name: entry.data[name] for name in told if name in entry.data}
        if entry.kind == Entry.Kind.MERGE and not self._may_be_named(entry):
            said.pop("name", None)
        return {**said, "is_pinned": bool(entry.data.get("pinned"))} if entry.kind == Entry.Kind.NOTE else said

    def _may_be_named(self, entry: Entry) -> bool:
        """Whether the reader may know the other customer of a merge; who did not ask may not."""
        return "strangers" in self.context and entry.data.get("customer") not in self.context["strangers"]

    @extend_schema_field(SaidSerializer(allow_null=True))
    def get_message(self, entry: Entry) -> dict[str, Any] | None:
        return dict(SaidSerializer(entry.said).data) if entry.said and not entry.is_undone else None


class WantedEntries(serializers.Serializer[Any]):
    """Whose timeline, and which of it."""

    customer = Id(required=False, help_text="A customer; this or address.")
    address = serializers.CharField(required=False, max_length=320, help_text="An email address.")
    kind = serializers.ChoiceField(Entry.Kind.choices, required=False)
    conversation = Id(required=False, help_text="Only of the conversation with this number.")
    after = serializers.DateTimeField(required=False, help_text="Only what happened later.")
    before = serializers.DateTimeField(required=False, help_text="Only what happened earlier.")


class EntryList(Listed[Entry]):
    """The timeline of a customer, in shown order."""

    scopes = {"get": Scope.CONVERSATIONS_READ}
    asked = WantedEntries
    serializer_class = EntrySerializer
    pagination_class = InShownOrder

    @extend_schema(parameters=[WantedEntries], responses={200: EntrySerializer, **refusals(404)})
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Answer with a page; whom the reader may know is asked once for all of it."""
        entries = self.paginate_queryset(self.get_queryset()) or []
        return self.get_paginated_response(tell(entries, agent_of(request)))

    def get_queryset(self) -> QuerySet[Entry]:
        wanted = query(WantedEntries, self.request)
        rows = Entry.objects.visible_to(agent_of(self.request)).filter(customer=_whose(self.request, wanted))
        fields = {"kind": "kind", "conversation": "conversation__number", "after": "occurred_at__gt",
                  "before": "occurred_at__lt"}  # fmt: skip
        narrowed = rows.filter(**{field: wanted[name] for name, field in fields.items() if name in wanted})
        return with_all(narrowed)


class PinSerializer(serializers.Serializer[Any]):
    """What can be changed of an entry."""

    is_pinned = serializers.BooleanField(required=False, help_text="Of notes: it stays in sight.")


class EntryDetail(Noun):
    """One entry."""

    scopes = {"get": Scope.CONVERSATIONS_READ, "patch": Scope.CONVERSATIONS_WRITE}
    is_one = True

    @extend_schema(responses={200: EntrySerializer, **refusals(404)})
    def get(self, request: Request, pk: int) -> Response:
        entry = with_all(Entry.objects.visible_to(agent_of(request))).get(pk=pk)
        reads.note(entry.customer_id, agent_of(request))
        return Response(tell([entry], agent_of(request))[0])

    @extend_schema(request=PinSerializer, responses={200: EntrySerializer, **refusals(404, 409)})
    def patch(self, request: Request, pk: int) -> Response:
        """Pin a note, or take it off."""
        entry = Entry.objects.visible_to(agent_of(request)).get(pk=pk)
        said = body(PinSerializer, request, partial=True)
        if entry.kind != Entry.Kind.NOTE:
            raise Conflict(_("Only notes are pinned."), "no_note")
        with as_seen(request, lambda: lock_customer_row(entry.customer_id), lambda: self.get(request, pk).data):
            if "is_pinned" in said:
                recording.pin(entry, by=agent_of(request), is_on=said["is_pinned"])
        return self.get(request, pk)


def tell(entries: Sequence[Entry], agent: Agent) -> list[dict[str, Any]]:
    """Return entries as this agent may read them."""
    context = {"strangers": strangers_in(entries, agent)}
    told: Any = EntrySerializer(entries, many=True, context=context).data
    return list(told)


def with_all(entries: QuerySet[Entry]) -> QuerySet[Entry]:
    """Fetch what is told of entries in a fixed number of queries."""
    parts = ("attachments", "message__deliveries__parts", "message__recipients")
    return entries.select_related("conversation", "message").prefetch_related(*parts)


def mail_identity(request: Request, address: str) -> Identity:
    """Return the visible customer's mail address; 404 like an absent one for what may not be seen."""
    try:
        identity = find(Identity.Kind.EMAIL, address)
    except ValueError as error:
        raise ValidationError({"address": [str(error)]}) from error
    if identity is None or not is_seen(request, identity.customer_id):
        raise Identity.DoesNotExist
    return identity


def _whose(request: Request, wanted: dict[str, Any]) -> Customer:
    if ("customer" in wanted) == ("address" in wanted):
        raise ValidationError({"customer": [_("Say one of customer and address.")]})
    if "customer" in wanted:
        return seen_customer(request, wanted["customer"])
    customer = mail_identity(request, wanted["address"]).customer
    reads.note(customer.pk, agent_of(request))
    return customer
