"""Companies: the organisations that customers belong to."""

from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import generics, serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from agents import audit
from agents.models import Agent
from agents.permissions import sight_of
from conversations.api.access import agent_of, require_reply
from conversations.api.pages import NewestFirst
from conversations.api.problems import Conflict, refusals
from conversations.api.reading import body, query
from customers.models import Company, Customer
from helpdesk.lib.emails import normalise_domain

DOMAIN_MAX, DOMAINS_MAX = 253, 50
# Names of companies are decided one after the other; the number means this and nothing else.
DECIDE = "SELECT pg_advisory_xact_lock(7460001)"


class CompanySerializer(serializers.ModelSerializer[Company]):
    """An organisation. domains: those that only its people write from."""

    name = serializers.CharField(max_length=200)
    domains = serializers.ListField(
        child=serializers.CharField(max_length=DOMAIN_MAX), max_length=DOMAINS_MAX, required=False
    )
    allows_parallel_conversations = serializers.BooleanField(
        required=False, help_text="Mails on another subject begin another conversation."
    )

    class Meta:
        model = Company
        fields = ["id", "name", "domains", "allows_parallel_conversations"]

    def validate_domains(self, domains: list[str]) -> list[str]:
        """Bring them into their one spelling, in order."""
        spelled = {normalise_domain(domain.lower()) for domain in domains}
        if any("." not in domain or domain.startswith("[") for domain in spelled):
            raise ValidationError(_("This is not a domain."))
        return sorted(spelled)


class WantedCompanies(serializers.Serializer[Any]):
    """Which companies."""

    q = serializers.CharField(required=False, max_length=100, help_text="Part of the name.")


class CompanyList(generics.ListAPIView[Company]):
    """The companies with somebody you see, or with nobody at all; the newest first."""

    serializer_class = CompanySerializer
    pagination_class = NewestFirst

    @extend_schema(parameters=[WantedCompanies], responses={200: CompanySerializer})
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(request=CompanySerializer, responses={201: OpenApiResponse(CompanySerializer), **refusals(403, 409)})
    def post(self, request: Request) -> Response:
        require_reply(request)
        company = _keep(Company(), body(CompanySerializer, request), by=agent_of(request))
        return Response(CompanySerializer(company).data, status=status.HTTP_201_CREATED)

    def get_queryset(self) -> QuerySet[Company]:
        wanted, rows = query(WantedCompanies, self.request), seen_companies(agent_of(self.request))
        return rows.filter(name__icontains=wanted["q"]) if "q" in wanted else rows


class CompanyDetail(APIView):
    """One company."""

    @extend_schema(responses={200: CompanySerializer, **refusals(404)})
    def get(self, request: Request, pk: int) -> Response:
        return Response(CompanySerializer(seen_companies(agent_of(request)).get(pk=pk)).data)

    @extend_schema(request=CompanySerializer, responses={200: CompanySerializer, **refusals(403, 404, 409)})
    def patch(self, request: Request, pk: int) -> Response:
        company = seen_companies(agent_of(request)).get(pk=pk)
        require_reply(request)
        changed = _keep(company, body(CompanySerializer, request, partial=True), by=agent_of(request))
        return Response(CompanySerializer(changed).data)

    @extend_schema(responses={204: None, **refusals(403, 404, 409)})
    def delete(self, request: Request, pk: int) -> Response:
        company = seen_companies(agent_of(request)).get(pk=pk)
        require_reply(request)
        _delete(company, by=agent_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


def seen_companies(agent: Agent) -> QuerySet[Company]:
    """Return the companies with somebody this agent sees, or with nobody at all."""
    if sight_of(agent).is_all:
        return Company.objects.all()
    theirs = Customer.objects.present().filter(company=OuterRef("pk"))
    return Company.objects.filter(Exists(theirs.visible_to(agent)) | ~Exists(theirs))


def _keep(company: Company, said: dict[str, Any], *, by: Agent) -> Company:
    """Write a company down as a setting is. Raises Conflict for another's name; DoesNotExist when it went away."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(DECIDE)
        if company.pk is not None:
            company = Company.objects.select_for_update(no_key=True).get(pk=company.pk)
        before = _plain(company) if company.pk else {}
        for name, value in said.items():
            setattr(company, name, value)
        if Company.objects.filter(name__iexact=company.name).exclude(pk=company.pk).exists():
            raise Conflict(_("Another company has this name."), "taken")
        company.save()
        audit.changed(by, f"company {company.pk}", before, _plain(company))
        return company


def _delete(company: Company, *, by: Agent) -> None:
    """Delete a company that nobody belongs to, merged customers included. Raises Conflict, DoesNotExist."""
    try:
        with transaction.atomic():
            row = Company.objects.select_for_update(no_key=True).get(pk=company.pk)
            if row.customers.exists():
                raise IntegrityError
            audit.changed(by, f"company {row.pk}", _plain(row), {})
            row.delete()
    except IntegrityError as error:
        # Or somebody came to belong to it at this very moment: the database says so at the end.
        raise Conflict(_("Somebody belongs to this company, so it stays."), "in_use") from error


def _plain(company: Company) -> dict[str, Any]:
    return {name: getattr(company, name) for name in ("name", "domains", "allows_parallel_conversations")}
