"""Who may be the same person as a customer, and saying that somebody is not."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from agents.programs.scopes import Scope
from conversations.api.access import agent_of, changeable_customer, merged, seen_customer
from conversations.api.nouns import Noun
from conversations.api.problems import Conflict, refusals
from conversations.api.reading import Id, body
from conversations.api.repeating import once
from conversations.merging import suggesting
from conversations.merging.merge import Gone, SamePerson
from conversations.merging.suggesting import Offer


class ReasonSerializer(serializers.Serializer[Any]):
    """What speaks for one person behind both, or against it."""

    kind = serializers.CharField(help_text="number, address, order, name, company, other_name or other_letters.")
    detail = serializers.CharField()
    is_proved = serializers.BooleanField()
    points = serializers.IntegerField(help_text="Below zero: speaks against it.")


class SuggestionSerializer(serializers.Serializer[Offer]):
    """Somebody who may be the same person. score: of 100."""

    other = serializers.IntegerField(source="other.pk")
    name = serializers.CharField(source="other.best_name")
    score = serializers.IntegerField()
    reasons = ReasonSerializer(many=True)


class FoundSerializer(serializers.Serializer[Any]):
    """The best suggestions, three at most."""

    results = SuggestionSerializer(many=True)


class CustomerSuggestions(Noun):
    """Who may be the same person as this customer, best first. To accept one, POST to /merges/."""

    scopes = {"get": Scope.CUSTOMERS_READ}

    @extend_schema(responses={200: FoundSerializer, **refusals(404)})
    def get(self, request: Request, customer: int) -> Response:
        person = seen_customer(request, customer)
        return Response(FoundSerializer({"results": suggesting.open_for(person, agent_of(request))}).data)


class NewRejectionSerializer(serializers.Serializer[Any]):
    """Somebody who is not this customer."""

    other = Id()


class RejectionCreate(Noun):
    """Say for good that somebody is not this customer: they are neither suggested nor joined by themselves."""

    scopes = {"post": Scope.CUSTOMERS_WRITE}

    @extend_schema(request=NewRejectionSerializer, responses={204: None, **refusals(403, 404, 409)})
    @once
    def post(self, request: Request, customer: int) -> Response:
        person, said = changeable_customer(request, customer), body(NewRejectionSerializer, request)
        other = seen_customer(request, said["other"])
        try:
            suggesting.reject(person, other, by=agent_of(request))
        except SamePerson as error:
            raise Conflict(_("This is the same customer."), "same") from error
        except Gone as error:
            raise merged(request, error.into) from error
        return Response(status=status.HTTP_204_NO_CONTENT)
