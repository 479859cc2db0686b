"""Consents: what customers said yes or no to, with where they said it. Nothing of it is ever changed or deleted."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from agents.programs.scopes import Scope
from conversations import people
from conversations.api.access import agent_of, changeable_customer, seen_customer
from conversations.api.nouns import Listed
from conversations.api.pages import NewestFirst
from conversations.api.problems import Conflict, refusals
from conversations.api.reading import Id, body
from conversations.api.repeating import once
from customers.models import Consent


class ConsentSerializer(serializers.ModelSerializer[Consent]):
    """A yes or no; of each identity and purpose the newest counts."""

    class Meta:
        model = Consent
        fields = ["id", "identity", "purpose", "state", "source", "at"]
        read_only_fields = ["id", "at"]


class NewConsentSerializer(serializers.Serializer[Any]):
    """A yes or no to note. source: where they said it, in words that hold in court."""

    identity = Id(help_text="One of their addresses.")
    purpose = serializers.ChoiceField(Consent.Purpose.choices)
    state = serializers.ChoiceField(Consent.State.choices)
    source = serializers.CharField(max_length=people.REASON_MAX)  # type: ignore[assignment]


class CustomerConsents(Listed[Consent]):
    """What one customer said, on all of their addresses, the newest first."""

    scopes = {"get": Scope.CUSTOMERS_READ, "post": Scope.CUSTOMERS_WRITE}
    serializer_class = ConsentSerializer
    pagination_class = NewestFirst

    @extend_schema(responses={200: ConsentSerializer, **refusals(404)})
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        request=NewConsentSerializer,
        responses={
            200: OpenApiResponse(ConsentSerializer, "It stands already, with the source of then."),
            201: OpenApiResponse(ConsentSerializer),
            **refusals(403, 404, 409),
        },
    )
    @once
    def post(self, request: Request, customer: int) -> Response:
        """Note a yes or no."""
        person, said = changeable_customer(request, customer), body(NewConsentSerializer, request)
        row = person.identities.filter(pk=said.pop("identity")).first()
        if row is None:
            raise ValidationError({"identity": [_("This address is not one of the customer's.")]})
        try:
            made = people.note_consent(row, **said, by=agent_of(request))
        except ValueError as error:
            raise Conflict(_("Only a consent that was given can be withdrawn."), "never_given") from error
        standing = made or row.consents.filter(purpose=said["purpose"]).latest("at", "pk")
        code = status.HTTP_201_CREATED if made else status.HTTP_200_OK
        return Response(ConsentSerializer(standing).data, status=code)

    def get_queryset(self) -> QuerySet[Consent]:
        person = seen_customer(self.request, self.kwargs["customer"])
        return Consent.objects.filter(identity__customer=person)
