"""Customers: find, make, read, and change what we know of them."""

from collections.abc import Iterable
from datetime import time
from typing import Any
from zoneinfo import available_timezones

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from agents.programs.scopes import Scope
from conversations import companies, people, welcoming
from conversations.api.access import agent_of, changeable_customer, require_reply, seen_customer
from conversations.api.identities import AddressSerializer, IdentitySerializer, taken
from conversations.api.marks import is_among, mark
from conversations.api.nouns import Listed, Noun
from conversations.api.pages import NewestFirst
from conversations.api.problems import Conflict, Stale, refusals
from conversations.api.reading import ClockField, Id, body, query
from conversations.api.repeating import once
from customers import custom
from customers import search as customer_search
from customers.models import Company, Customer, CustomField, Identity
from customers.normalise import normalise
from helpdesk.lib.languages import languages
from helpdesk.lib.names import clean_name

ADDRESSES_MAX = 20
ROWS = ("company", "preferred_identity")


class ProfileSerializer(serializers.Serializer[Any]):
    """What people write down about a customer."""

    name = serializers.CharField(max_length=200, allow_blank=True, required=False)
    language = serializers.CharField(max_length=8, allow_blank=True, required=False, help_text="As in `it`, `pt-br`.")
    time_zone = serializers.CharField(max_length=64, allow_blank=True, required=False, help_text="As in `Europe/Rome`.")
    company = Id(required=False, allow_null=True)
    preferred_identity = Id(required=False, allow_null=True, help_text="One of their addresses.")
    quiet_from = ClockField(required=False, allow_null=True, help_text="With quiet_until or not at all.")
    quiet_until = ClockField(required=False, allow_null=True)
    custom = serializers.DictField(
        child=serializers.JSONField(allow_null=True), required=False,
        help_text="Custom fields by slug; null or an empty text takes a value away, others stay.",
    )  # fmt: skip

    def validate_name(self, name: str) -> str:
        cleaned = clean_name(name)
        if name.strip() and not cleaned:
            raise ValidationError(_("Nothing of this name can be seen."))
        return cleaned

    def validate_language(self, code: str) -> str:
        if code and code not in dict(languages()):
            raise ValidationError(_("This language is not known."))
        return code

    def validate_time_zone(self, zone: str) -> str:
        if zone and zone not in available_timezones():
            raise ValidationError(_("This time zone is not known."))
        return zone

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        """Quiet hours have two ends or none."""
        if (said.get("quiet_from") is None) != (said.get("quiet_until") is None):
            raise ValidationError({"quiet_until": [_("Quiet hours need a beginning and an end.")]})
        if ("quiet_from" in said) != ("quiet_until" in said):
            raise ValidationError({"quiet_until": [_("Quiet hours need a beginning and an end.")]})
        return said


class KnownSerializer(ProfileSerializer):
    """What stood there when the change was decided; of any fields."""

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        return said


class ChangeSerializer(ProfileSerializer):
    """A change of what we know. known: 409 when one of these fields is something else by now."""

    known = KnownSerializer(required=False)


class NewCustomerSerializer(ProfileSerializer):
    """A customer to make."""

    preferred_identity = None  # type: ignore[assignment]
    identities = serializers.ListField(child=AddressSerializer(), allow_empty=False, max_length=ADDRESSES_MAX)


class CustomerSerializer(serializers.ModelSerializer[Customer]):
    """A person we serve. merged_into: who they are part of now; then only that one changes."""

    merged_into = serializers.SerializerMethodField(help_text="Who is left.")
    identities = serializers.SerializerMethodField()
    custom = serializers.DictField(child=serializers.JSONField(), read_only=True, help_text="Custom fields, by slug.")
    quiet_from = ClockField(read_only=True, allow_null=True)
    quiet_until = ClockField(read_only=True, allow_null=True)

    class Meta:
        model = Customer
        fields = [
            "id", "name", "language", "time_zone", "company", "preferred_identity", "quiet_from", "quiet_until",
            "custom", "is_blocked", "is_third_party", "first_seen_at", "merged_into", "identities",
        ]  # fmt: skip

    def get_merged_into(self, person: Customer) -> int | None:
        left = person
        while left.merged_into is not None:
            left = left.merged_into
        return left.pk if left.pk != person.pk else None

    @extend_schema_field(IdentitySerializer(many=True))
    def get_identities(self, person: Customer) -> list[dict[str, Any]]:
        # In one order: that of the table changes whenever any of them writes.
        rows = sorted(person.identities.all(), key=lambda row: row.pk)
        return list(IdentitySerializer(rows, many=True).data)


class WantedCustomers(serializers.Serializer[Any]):
    """Which customers."""

    address = serializers.CharField(required=False, max_length=320, help_text="Who has exactly this address.")
    kind = serializers.ChoiceField(
        Identity.Kind.choices, required=False, default=Identity.Kind.EMAIL, help_text="The kind of the address."
    )
    q = serializers.CharField(
        required=False,
        max_length=100,
        help_text="Beginnings of words of a name, company or address; or the end of a number.",
    )
    company = Id(required=False)


class CustomerList(Listed[Customer]):
    """The customers you see, the newest first; without those who were merged into another."""

    scopes = {"get": Scope.CUSTOMERS_READ, "post": Scope.CUSTOMERS_WRITE}
    asked = WantedCustomers
    serializer_class = CustomerSerializer
    pagination_class = NewestFirst

    @extend_schema(parameters=[WantedCustomers], responses={200: CustomerSerializer})
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        request=NewCustomerSerializer,
        responses={201: OpenApiResponse(CustomerSerializer), **refusals(403, 409)},
    )
    @once
    def post(self, request: Request) -> Response:
        """Make a customer with their addresses."""
        require_reply(request)
        said = body(NewCustomerSerializer, request)
        addresses = [(address["kind"], address["value"]) for address in said.pop("identities")]
        try:
            person = welcoming.welcome(addresses, _rows(request, said), by=agent_of(request))
        except people.TakenBy as error:
            raise taken(request, error.identity) from error
        except companies.Gone as error:
            raise Conflict(_("This company was joined or deleted in the meantime.")) from error
        except custom.Wrong as error:
            raise ValidationError({"custom": [str(error)]}) from error
        return _tell(person, status.HTTP_201_CREATED)

    def get_queryset(self) -> QuerySet[Customer]:
        wanted = query(WantedCustomers, self.request)
        rows = Customer.objects.visible_to(agent_of(self.request)).present().prefetch_related("identities")
        if "q" in wanted:
            rows = customer_search.matching(rows, wanted["q"])
        if "company" in wanted:
            rows = rows.filter(company=wanted["company"])
        if "address" in wanted:
            theirs = Identity.objects.filter(kind=wanted["kind"], value=_spelled(wanted["kind"], wanted["address"]))
            rows = rows.filter(pk__in=theirs.values("customer"))
        return rows


class CustomerDetail(Noun):
    """One customer."""

    scopes = {"get": Scope.CUSTOMERS_READ, "patch": Scope.CUSTOMERS_WRITE}
    is_one = True

    @extend_schema(responses={200: CustomerSerializer, **refusals(404)})
    def get(self, request: Request, customer: int) -> Response:
        return _tell(seen_customer(request, customer))

    @extend_schema(
        request=ChangeSerializer,
        responses={200: CustomerSerializer, **refusals(403, 404, 409)},
    )
    def patch(self, request: Request, customer: int) -> Response:
        """Change what we know of a customer; what is not sent stays."""
        person, said = changeable_customer(request, customer), body(ChangeSerializer, request, partial=True)
        known = _known(said.pop("known", {}))
        changes = _rows(request, said)
        wanted = request.headers.get("If-Match")
        if wanted is not None and wanted.strip() != "*":
            known |= _as_seen(person, wanted, changes)
        try:
            people.change_profile(person, changes, by=agent_of(request), known=known)
        except people.ChangedMeanwhile as error:
            raise (Conflict if wanted is None else Stale)(code="stale", now=_now(error.fields)) from error
        except companies.Gone as error:
            raise Conflict(_("This company was joined or deleted in the meantime.")) from error
        except custom.Wrong as error:
            raise ValidationError({"custom": [str(error)]}) from error
        except ValueError as error:
            raise ValidationError({"preferred_identity": [_("This address is not one of the customer's.")]}) from error
        return _tell(Customer.objects.get(pk=person.pk))


def _tell(person: Customer, code: int = status.HTTP_200_OK) -> Response:
    told = CustomerSerializer(person).data
    return Response(told, status=code, headers={"ETag": mark(told)})


def _rows(request: Request, said: dict[str, Any]) -> dict[str, Any]:
    """Return what was said with companies and addresses as rows. Raises ValidationError for one that is not there."""
    found = {**said, **_own(dict(_custom(said)))}
    found.pop("custom", None)
    if found.get("company") is not None:
        found["company"] = Company.objects.visible_to(agent_of(request)).filter(pk=found["company"]).first()
        if found["company"] is None:
            raise ValidationError({"company": [_("There is no such company.")]})
    if found.get("preferred_identity") is not None:
        found["preferred_identity"] = Identity.objects.filter(pk=found["preferred_identity"]).first()
        if found["preferred_identity"] is None:
            raise ValidationError({"preferred_identity": [_("This address is not one of the customer's.")]})
    return found


def _custom(said: dict[str, Any]) -> Iterable[tuple[str, Any]]:
    return said.get("custom", {}).items()


def _own(values: dict[str, Any]) -> dict[str, Any]:
    """Return custom fields as a profile names them. Raises ValidationError with a sentence for each that is wrong."""
    # What PostgreSQL cannot even be asked for is the name of no field.
    asked = [slug for slug in values if "\0" not in slug]
    rows = {row.slug: row for row in CustomField.objects.filter(slug__in=asked)} if asked else {}
    found, wrong = {}, {}
    for slug, value in values.items():
        try:
            if slug not in rows:
                raise custom.Wrong(_("There is no such field."))
            found[custom.PREFIX + slug] = custom.clean(rows[slug], value)
        except custom.Wrong as error:
            wrong[slug] = [str(error)]
    if wrong:
        raise ValidationError({"custom": wrong})
    return found


def _now(fields: dict[str, Any]) -> dict[str, Any]:
    """Say what stands in fields of a profile as the API names them."""
    own = {name.removeprefix(custom.PREFIX): value for name, value in fields.items() if name.startswith(custom.PREFIX)}
    plain = {name: _plain(value) for name, value in fields.items() if not name.startswith(custom.PREFIX)}
    return {**plain, "custom": own} if own else plain


def _known(said: dict[str, Any]) -> dict[str, Any]:
    """Return what the caller knew with rows in place of their numbers, whether those are there still or not."""
    models = {"company": Company, "preferred_identity": Identity}
    own = {slug: list(map(str, value)) if isinstance(value, list) else value for slug, value in _custom(said)}
    found = {**said, **{custom.PREFIX + slug: value for slug, value in own.items()}}
    found.pop("custom", None)
    for name in ROWS:
        if found.get(name) is not None:
            # A row that is gone is nobody's value: the text of its number differs from every name.
            found[name] = models[name]._default_manager.filter(pk=found[name]).first() or f"#{found[name]}"
    return found


def _as_seen(person: Customer, wanted: str, changes: dict[str, Any]) -> dict[str, Any]:
    """Return what the caller has seen in the fields they change. Raises Stale."""
    if not is_among(mark(CustomerSerializer(person).data), wanted):
        raise Stale
    return {name: people.value_of(person, name) for name in changes}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, time) else getattr(value, "pk", value)


def _spelled(kind: str, address: str) -> str:
    try:
        return normalise(kind, address)
    except ValueError as error:
        raise ValidationError({"address": [str(error)]}) from error
