"""Companies: the organisations that customers belong to."""

from contextlib import AbstractContextManager
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from agents.programs.scopes import Scope
from conversations import companies
from conversations.api.access import agent_of, require_reply
from conversations.api.marks import as_seen
from conversations.api.nouns import Listed, Noun
from conversations.api.pages import NewestFirst
from conversations.api.problems import Conflict, refusals
from conversations.api.reading import body, query
from conversations.api.repeating import once
from conversations.companies import About
from customers import domains
from customers.companies import having
from customers.folding import fold, tidy
from customers.models import Company

DOMAINS_MAX = 50


class CompanySerializer(serializers.ModelSerializer[Company]):
    """An organisation. domains: those that only its people write from, in order."""

    domains: serializers.SlugRelatedField[Any] = serializers.SlugRelatedField(
        slug_field="domain", many=True, read_only=True
    )
    allows_parallel_conversations = serializers.BooleanField(help_text="A new mail opens a conversation of its own.")

    class Meta:
        model = Company
        fields = ["id", "name", "domains", "allows_parallel_conversations"]


class AboutSerializer(serializers.Serializer[Any]):
    """What can be said of a company. A mail provider's domain is taken as it is: whoever writes programs means it."""

    name = serializers.CharField(max_length=Company.NAME_MAX)
    domains = serializers.ListField(
        child=serializers.CharField(max_length=domains.DOMAIN_MAX), max_length=DOMAINS_MAX, required=False
    )
    allows_parallel_conversations = serializers.BooleanField(required=False)

    def validate_name(self, name: str) -> str:
        """A name that somebody can see."""
        if not fold(name):
            raise ValidationError(_("Write a name."))
        return tidy(name)

    def validate_domains(self, written: list[str]) -> tuple[str, ...]:
        """Bring them into their one spelling, in order."""
        try:
            return tuple(sorted({domains.normalise(domain) for domain in written}))
        except ValueError as error:
            raise ValidationError(_("This is not a domain.")) from error


class WantedCompanies(serializers.Serializer[Any]):
    """Which companies."""

    q = serializers.CharField(required=False, max_length=100, help_text="Part of the name or of a domain.")


class CompanyList(Listed[Company]):
    """The companies with somebody you see, or with nobody at all; the newest first."""

    scopes = {"get": Scope.CUSTOMERS_READ, "post": Scope.CUSTOMERS_WRITE}
    asked = WantedCompanies
    serializer_class = CompanySerializer
    pagination_class = NewestFirst

    @extend_schema(parameters=[WantedCompanies], responses={200: CompanySerializer})
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(request=AboutSerializer, responses={201: OpenApiResponse(CompanySerializer), **refusals(403, 409)})
    @once
    def post(self, request: Request) -> Response:
        """Make a company."""
        require_reply(request)
        about = About(**{"name": "", **body(AboutSerializer, request)})
        try:
            company = companies.make(about, by=agent_of(request))
        except (companies.NameTaken, companies.DomainTaken) as error:
            raise _taken(error) from error
        return Response(CompanySerializer(company).data, status=status.HTTP_201_CREATED)

    def get_queryset(self) -> QuerySet[Company]:
        wanted = query(WantedCompanies, self.request).get("q", "")
        return having(wanted).visible_to(agent_of(self.request)).prefetch_related("domains")


class CompanyDetail(Noun):
    """One company."""

    scopes = {"get": Scope.CUSTOMERS_READ, "patch": Scope.CUSTOMERS_WRITE, "delete": Scope.CUSTOMERS_WRITE}
    is_one = True

    @extend_schema(responses={200: CompanySerializer, **refusals(404)})
    def get(self, request: Request, pk: int) -> Response:
        return Response(CompanySerializer(_seen(request, pk)).data)

    @extend_schema(request=AboutSerializer, responses={200: CompanySerializer, **refusals(403, 404, 409)})
    def patch(self, request: Request, pk: int) -> Response:
        """Change a company; what is not sent stays."""
        company = _seen(request, pk)
        require_reply(request)
        now = About.of(company)
        wanted = About(**{**now.plain(), "domains": now.domains, **body(AboutSerializer, request, partial=True)})
        try:
            with _as_seen(request, company):
                companies.change(company, wanted, by=agent_of(request), known=now)
        except (companies.NameTaken, companies.DomainTaken) as error:
            raise _taken(error) from error
        except companies.ChangedMeanwhile as error:
            raise Conflict(code="stale", now=error.now.plain()) from error
        except companies.Gone as error:
            raise Company.DoesNotExist from error
        return Response(CompanySerializer(_seen(request, pk)).data)

    @extend_schema(responses={204: None, **refusals(403, 404, 409)})
    def delete(self, request: Request, pk: int) -> Response:
        """Delete a company that nobody belongs to."""
        company = _seen(request, pk)
        require_reply(request)
        try:
            with _as_seen(request, company):
                companies.delete(company, by=agent_of(request))
        except companies.InUse as error:
            raise Conflict(_("Somebody belongs to this company, so it stays."), "in_use") from error
        except companies.Gone as error:
            raise Company.DoesNotExist from error
        return Response(status=status.HTTP_204_NO_CONTENT)


def _seen(request: Request, pk: int) -> Company:
    return Company.objects.visible_to(agent_of(request)).get(pk=pk)


def _as_seen(request: Request, company: Company) -> AbstractContextManager[None]:
    return as_seen(
        request, lambda: companies.hold(company.pk), lambda: CompanySerializer(_seen(request, company.pk)).data
    )  # fmt: skip


def _taken(error: Exception) -> Conflict:
    """Say what another company has; which one, nobody is told who may not know it."""
    if isinstance(error, companies.NameTaken):
        return Conflict(_("Another company has this name."), "taken")
    return Conflict(_("%(domain)s belongs to another company.") % {"domain": str(error)}, "taken")
