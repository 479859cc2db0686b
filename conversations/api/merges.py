"""Merges, splits and moves: joining customers, taking an address out, moving messages; each can be undone."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from agents.programs.scopes import Scope
from conversations.api.access import (
    agent_of,
    changeable_customer,
    merged,
    require_reply,
    seen_conversation,
    seen_customer,
    seen_identity,
)
from conversations.api.nouns import Listed, Noun
from conversations.api.pages import NewestFirst
from conversations.api.problems import Conflict, refusals
from conversations.api.reading import Id, body, query
from conversations.api.repeating import once
from conversations.merging import choosing, merge, parting, rejoining, seeing, strangers, suggesting
from conversations.models import Conversation, Entry, MergeRecord
from customers import custom
from customers.models import Customer

REASONS_MAX, ENTRIES_MAX = 20, 500
# The fields that can be taken from the other customer, as the API calls them.
TAKEN = {name.removesuffix("_id"): name for name in choosing.CHOSEN}
FIELD = rf"^(?:{'|'.join(sorted(TAKEN))}|{custom.PREFIX}[A-Za-z0-9_-]+)$"
FIELD_MAX, TAKEN_MAX = 60, len(TAKEN) + custom.FIELDS_MAX


class MergeSerializer(serializers.ModelSerializer[MergeRecord]):
    """What was joined, split or moved. Of a split or a move, kept is where it came from and other where it went."""

    kept = serializers.SerializerMethodField(help_text="null when you do not see them.")
    other = serializers.SerializerMethodField(help_text="null when you do not see them.")
    reasons = serializers.SerializerMethodField(help_text="What spoke for it.")
    can_undo = serializers.SerializerMethodField(help_text="There is still time.")

    class Meta:
        model = MergeRecord
        fields = ["id", "kind", "kept", "other", "by", "at", "reasons", "can_undo", "undone_at", "undone_by"]

    def get_kept(self, record: MergeRecord) -> int | None:
        return record.kept_id if record.kept_id in self.context["seen"] else None

    def get_other(self, record: MergeRecord) -> int | None:
        return record.other_id if record.other_id in self.context["seen"] else None

    def get_reasons(self, record: MergeRecord) -> list[str]:
        return [str(reason) for reason in record.evidence.get("reasons", [])]

    def get_can_undo(self, record: MergeRecord) -> bool:
        return merge.can_undo(record)


class WantedMerges(serializers.Serializer[Any]):
    """Whose."""

    customer = Id()


class NewMergeSerializer(serializers.Serializer[Any]):
    """Two customers to make one of. Without reasons, what the desk knows of itself speaks for it."""

    kept = Id(help_text="Who is left.")
    other = Id(help_text="Who becomes part of them.")
    take = serializers.ListField(
        child=serializers.RegexField(FIELD, max_length=FIELD_MAX), required=False, default=list, max_length=TAKEN_MAX,
        help_text="Fields that come from the other, custom ones as `custom-<slug>`; gaps are filled without asking.",
    )  # fmt: skip
    reasons = serializers.ListField(
        child=serializers.CharField(max_length=200), required=False, default=list, max_length=REASONS_MAX
    )


class MergeList(Listed[MergeRecord]):
    """The merges, splits and moves of one customer, the newest first."""

    scopes = {"get": Scope.CUSTOMERS_READ, "post": Scope.CUSTOMERS_WRITE}
    asked = WantedMerges
    serializer_class = MergeSerializer
    pagination_class = NewestFirst

    @extend_schema(parameters=[WantedMerges], responses={200: MergeSerializer, **refusals(404)})
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        request=NewMergeSerializer,
        responses={
            200: OpenApiResponse(MergeSerializer, "They are one already, by this merge."),
            201: OpenApiResponse(MergeSerializer),
            **refusals(403, 404, 409),
        },
    )
    @once
    def post(self, request: Request) -> Response:
        """Make one customer of two."""
        said = body(NewMergeSerializer, request)
        kept, other = changeable_customer(request, said["kept"]), seen_customer(request, said["other"])
        known = suggesting.reasons_for(kept, other)
        reasons = tuple(said["reasons"]) or tuple(reason.words for reason in known if reason.weight != "against")
        plan = merge.Plan(take=frozenset(TAKEN.get(name, name) for name in said["take"]), reasons=reasons)
        try:
            record = merge.merge(kept, other, by=agent_of(request), plan=plan)
        except merge.SamePerson as error:
            raise Conflict(_("This is the same customer."), "same") from error
        except merge.Gone as error:
            return _tell(request, _earlier(request, kept, error.into, other))
        return _tell(request, record, status.HTTP_201_CREATED)

    def get_queryset(self) -> QuerySet[MergeRecord]:
        person = seen_customer(self.request, query(WantedMerges, self.request)["customer"])
        return MergeRecord.objects.filter(Q(kept=person) | Q(other=person))

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Answer with a page; whom the reader sees is asked once for all of it."""
        records = self.paginate_queryset(self.get_queryset()) or []
        seen = {"seen": _seen(request, records)}
        return self.get_paginated_response(MergeSerializer(records, many=True, context=seen).data)


class MergeDetail(Noun):
    """One merge, split or move."""

    scopes = {"get": Scope.CUSTOMERS_READ}
    is_one = True

    @extend_schema(responses={200: MergeSerializer, **refusals(404)})
    def get(self, request: Request, pk: int) -> Response:
        record = MergeRecord.objects.get(pk=pk)
        try:
            seen_customer(request, record.kept_id)
        except Http404:
            seen_customer(request, record.other_id)
        return _tell(request, record)


class MergeUndoing(Noun):
    """Take a merge, split or move back; whoever does it must see both customers again."""

    scopes = {"post": Scope.CUSTOMERS_WRITE}

    @extend_schema(request=None, responses={200: MergeSerializer, **refusals(403, 404, 409)})
    @once
    def post(self, request: Request, pk: int) -> Response:
        record, agent = MergeRecord.objects.get(pk=pk), agent_of(request)
        seen_customer(request, record.kept_id)
        require_reply(request)
        if not strangers.sees_both(agent, record):
            raise NotFound
        try:
            (merge if record.kind == MergeRecord.Kind.MERGE else rejoining).undo(record, by=agent)
        except merge.CannotUndo as error:
            raise Conflict(_(str(error)), "cannot_undo") from error
        return _tell(request, MergeRecord.objects.get(pk=pk))


class NewSplitSerializer(serializers.Serializer[Any]):
    """An address to take out of its customer, with what was said through it."""

    identity = Id()
    to = Id(required=False, allow_null=True, default=None, help_text="Whom it belongs to; a new customer without.")


class SplitCreate(Noun):
    """Take an address out of a customer; 403 when part of what was said through it is not yours to move."""

    scopes = {"post": Scope.CUSTOMERS_WRITE}

    @extend_schema(request=NewSplitSerializer, responses={201: MergeSerializer, **refusals(403, 404, 409)})
    @once
    def post(self, request: Request) -> Response:
        said = body(NewSplitSerializer, request)
        row = seen_identity(request, said["identity"], write=True)
        target = seen_customer(request, said["to"]) if said["to"] else None
        whole, parted = parting.share_of(row, row.customer)
        if not seeing.sees_all(agent_of(request), {*whole, *(entry.conversation_id or 0 for entry in parted)}):
            raise PermissionDenied
        try:
            record = parting.split(row.customer, row, by=agent_of(request), to=target)
        except merge.SamePerson as error:
            raise Conflict(_("The address is theirs already."), "same") from error
        except parting.OnlyAddress as error:
            said_so = _("This is the customer's only address. Merge the two customers instead.")
            raise Conflict(said_so, "only_address") from error
        except merge.Gone as error:
            raise merged(request, error.into) from error
        return _tell(request, record, status.HTTP_201_CREATED)


class NewMoveSerializer(serializers.Serializer[Any]):
    """Messages and notes of one customer, and where they go: a conversation, or a new one of a customer."""

    entries = serializers.ListField(child=Id(), allow_empty=False, max_length=ENTRIES_MAX)
    conversation = Id(required=False, help_text="Its number; this or customer.")
    customer = Id(required=False)

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        """Ask for exactly one place."""
        if ("conversation" in said) == ("customer" in said):
            raise ValidationError({"conversation": [_("Say one of conversation and customer.")]})
        return said


class MoveCreate(Noun):
    """Move messages and notes; 403 when one is in a conversation that is not yours to write in."""

    scopes = {"post": Scope.CUSTOMERS_WRITE}

    @extend_schema(request=NewMoveSerializer, responses={201: MergeSerializer, **refusals(403, 404, 409)})
    @once
    def post(self, request: Request) -> Response:
        said = body(NewMoveSerializer, request)
        chosen = _chosen(request, set(said["entries"]))
        to: Conversation | Customer
        if "customer" in said:
            to = changeable_customer(request, said["customer"])
        else:
            to = seen_conversation(request, said["conversation"], verb="reply")
        try:
            record = parting.move(chosen, to=to, by=agent_of(request))
        except parting.NothingToMove as error:
            raise Conflict(_("Choose messages that are not there already."), "nothing_to_move") from error
        except parting.WentOn as error:
            raise Conflict(_("These messages are elsewhere by now."), "elsewhere") from error
        except merge.Gone as error:
            raise merged(request, error.into) from error
        return _tell(request, record, status.HTTP_201_CREATED)


def _chosen(request: Request, pks: set[int]) -> list[Entry]:
    """Return the entries to move, of one customer. 404, 403, 409: all of them or none."""
    agent = agent_of(request)
    seen = list(Entry.objects.visible_to(agent).filter(pk__in=pks))
    if len(seen) != len(pks):
        raise NotFound
    if len({entry.customer_id for entry in seen}) > 1 or any(entry.kind not in parting.MOVABLE for entry in seen):
        raise Conflict(_("Choose messages and notes of one customer."), "nothing_to_move")
    person = changeable_customer(request, seen[0].customer_id)
    chosen = list(seeing.movable(agent, person).filter(pk__in=pks))
    if len(chosen) != len(pks):
        raise PermissionDenied
    return chosen


def _earlier(request: Request, kept: Customer, into: Customer, other: Customer) -> MergeRecord:
    """Return the merge that made one of these two before (asked twice). Raises Conflict when it was another one."""
    records = MergeRecord.objects.filter(kind=MergeRecord.Kind.MERGE, kept=kept, other=other, undone_at=None)
    found = records.order_by("-pk").first()
    if found is None or into.pk != kept.pk:
        raise merged(request, into)
    return found


def _seen(request: Request, records: Sequence[MergeRecord]) -> set[int]:
    """Return which customers of these records this agent sees."""
    both = {pk for record in records for pk in (record.kept_id, record.other_id)}
    rows = Customer.objects.visible_to(agent_of(request)).filter(pk__in=both)
    return set(rows.values_list("pk", flat=True))


def _tell(request: Request, record: MergeRecord, code: int = status.HTTP_200_OK) -> Response:
    seen = {"seen": _seen(request, [record])}
    return Response(MergeSerializer(record, context=seen).data, status=code)
