"""Identities: the addresses of customers. Found, added and taken away; proved, unwanted, preferred by PATCH."""

from contextlib import AbstractContextManager
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from agents.models import Agent
from agents.programs.scopes import Scope
from conversations import people
from conversations.api.access import agent_of, changeable_customer, is_seen, seen_customer, seen_identity
from conversations.api.marks import as_seen
from conversations.api.nouns import Listed, Noun
from conversations.api.pages import NewestFirst
from conversations.api.problems import Conflict, refusals
from conversations.api.reading import body, query
from conversations.api.repeating import once
from conversations.forms import TYPED_KINDS
from conversations.locks import lock_customer_row
from customers.models import Customer, Identity
from customers.normalise import normalise

VALUE_MAX = 320


class IdentitySerializer(serializers.ModelSerializer[Identity]):
    """One address. value: its one spelling; display: as it was written, where that differs."""

    is_verified = serializers.BooleanField(read_only=True)
    is_opted_out = serializers.SerializerMethodField(help_text="Nothing is sent there, by any path.")
    is_preferred = serializers.SerializerMethodField(help_text="They like to be written to there.")

    class Meta:
        model = Identity
        fields = [
            "id", "customer", "kind", "realm", "value", "display", "is_verified", "verified_at", "verified_by",
            "is_opted_out", "opted_out_at", "opted_out_reason", "is_preferred", "first_seen_at", "last_seen_at",
        ]  # fmt: skip

    def get_is_opted_out(self, identity: Identity) -> bool:
        return identity.opted_out_at is not None

    def get_is_preferred(self, identity: Identity) -> bool:
        return identity.customer.preferred_identity_id == identity.pk


class AddressSerializer(serializers.Serializer[Any]):
    """An address to add: of a kind that people can write down; the others come with their channels."""

    kind = serializers.ChoiceField([(kind.value, kind.label) for kind in TYPED_KINDS])
    value = serializers.CharField(max_length=VALUE_MAX, help_text="Phone numbers with their country: +39…")

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        """Refuse what is no address of its kind."""
        try:
            spelled = normalise(said["kind"], said["value"])
        except ValueError as error:
            raise ValidationError({"value": [str(error)]}) from error
        if len(spelled) > VALUE_MAX:
            raise ValidationError({"value": [_("This does not look like an address of that kind.")]})
        return said


class StateSerializer(serializers.Serializer[Any]):
    """What can be said of an address; what is not sent stays as it is."""

    is_verified = serializers.BooleanField(required=False)
    verified_by = serializers.CharField(
        max_length=80, required=False, help_text="How it was proved, with is_verified; else the agent's name."
    )
    is_opted_out = serializers.BooleanField(required=False)
    opted_out_reason = serializers.CharField(
        max_length=people.REASON_MAX, required=False, help_text="With is_opted_out."
    )
    is_preferred = serializers.BooleanField(required=False)


class WantedIdentities(serializers.Serializer[Any]):
    """Which address."""

    address = serializers.CharField(max_length=VALUE_MAX)
    kind = serializers.ChoiceField(Identity.Kind.choices, required=False, default=Identity.Kind.EMAIL)


class IdentityList(Listed[Identity]):
    """Whose address is this? Nobody's or a hidden customer's gives no results; ids of pages one for each realm."""

    scopes = {"get": Scope.CUSTOMERS_READ}
    asked = WantedIdentities
    serializer_class = IdentitySerializer
    pagination_class = NewestFirst

    @extend_schema(parameters=[WantedIdentities], responses={200: IdentitySerializer})
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Identity]:
        wanted = query(WantedIdentities, self.request)
        try:
            value = normalise(wanted["kind"], wanted["address"])
        except ValueError as error:
            raise ValidationError({"address": [str(error)]}) from error
        seen = Customer.objects.visible_to(agent_of(self.request))
        rows = Identity.objects.filter(kind=wanted["kind"], value=value, customer__in=seen)
        return rows.select_related("customer")


class CustomerIdentities(Listed[Identity]):
    """The addresses of one customer, the newest first."""

    scopes = {"get": Scope.CUSTOMERS_READ, "post": Scope.CUSTOMERS_WRITE}
    serializer_class = IdentitySerializer
    pagination_class = NewestFirst

    @extend_schema(responses={200: IdentitySerializer, **refusals(404)})
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        request=AddressSerializer,
        responses={
            200: OpenApiResponse(IdentitySerializer, "It was theirs already."),
            201: OpenApiResponse(IdentitySerializer),
            **refusals(403, 404, 409),
        },
    )
    @once
    def post(self, request: Request, customer: int) -> Response:
        """Add an address to a customer."""
        person, said = changeable_customer(request, customer), body(AddressSerializer, request)
        had = set(person.identities.values_list("pk", flat=True))
        try:
            row = people.add_identity(person, said["kind"], said["value"], by=agent_of(request))
        except people.TakenBy as error:
            raise taken(request, error.identity) from error
        return _tell(row, status.HTTP_200_OK if row.pk in had else status.HTTP_201_CREATED)

    def get_queryset(self) -> QuerySet[Identity]:
        person = seen_customer(self.request, self.kwargs["customer"])
        return Identity.objects.filter(customer=person).select_related("customer")


class IdentityDetail(Noun):
    """One address."""

    scopes = {"get": Scope.CUSTOMERS_READ, "patch": Scope.CUSTOMERS_WRITE, "delete": Scope.CUSTOMERS_WRITE}
    is_one = True

    @extend_schema(responses={200: IdentitySerializer, **refusals(404)})
    def get(self, request: Request, pk: int) -> Response:
        return _tell(seen_identity(request, pk))

    @extend_schema(request=StateSerializer, responses={200: IdentitySerializer, **refusals(403, 404, 409)})
    def patch(self, request: Request, pk: int) -> Response:
        """Say that an address is proved, unwanted or preferred."""
        row, said = seen_identity(request, pk, write=True), body(StateSerializer, request, partial=True)
        try:
            with _as_seen(request, row), transaction.atomic():
                _say(row, said, by=agent_of(request))
        except ValueError as error:
            # It became somebody else's between the question and the answer.
            raise Conflict from error
        return _tell(Identity.objects.select_related("customer").get(pk=pk))

    @extend_schema(responses={204: None, **refusals(403, 404, 409)})
    def delete(self, request: Request, pk: int) -> Response:
        """Take away an address that was never used."""
        row = seen_identity(request, pk, write=True)
        try:
            with _as_seen(request, row):
                people.remove_identity(row, by=agent_of(request))
        except people.InUse as error:
            said = _("Messages went through this address, so it stays. You can mark it as not wanted.")
            raise Conflict(said, "in_use") from error
        return Response(status=status.HTTP_204_NO_CONTENT)


def _as_seen(request: Request, row: Identity) -> AbstractContextManager[None]:
    fresh = Identity.objects.select_related("customer")
    return as_seen(
        request, lambda: lock_customer_row(row.customer_id), lambda: _tell(fresh.get(pk=row.pk)).data
    )  # fmt: skip


def taken(request: Request, identity: Identity) -> Conflict:
    """Return the refusal of an address that is somebody's; it names them to whoever may know of them."""
    said = _("This address belongs to another customer.")
    seen = {"customer": identity.customer_id} if is_seen(request, identity.customer_id) else {}
    return Conflict(said, "taken", **seen)


def _say(row: Identity, said: dict[str, Any], *, by: Agent) -> None:
    if "is_verified" in said:
        if said["is_verified"]:
            people.verify(row, by=by, how=said.get("verified_by", ""))
        else:
            people.doubt(row, by=by)
    if "is_opted_out" in said:
        if said["is_opted_out"]:
            people.opt_out(row, by=by, reason=said.get("opted_out_reason", ""))
        else:
            people.opt_in(row, by=by)
    if "is_preferred" in said:
        _prefer(row, said["is_preferred"], by=by)


def _prefer(row: Identity, is_on: bool, *, by: Agent) -> None:
    """Prefer an address, or no longer: what was preferred instead stays."""
    with_it = {"preferred_identity": row}
    if is_on:
        people.change_profile(row.customer, with_it, by=by)
    elif Customer.objects.filter(pk=row.customer_id, preferred_identity=row).exists():
        try:
            people.change_profile(row.customer, {"preferred_identity": None}, by=by, known=with_it)
        except people.ChangedMeanwhile:
            # Another is preferred since: this one is not.
            return


def _tell(row: Identity, code: int = status.HTTP_200_OK) -> Response:
    return Response(IdentitySerializer(row).data, status=code)
