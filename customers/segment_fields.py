"""What a segment can ask of customers by their own rows: what we know of them, addresses, consents, custom fields."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import available_timezones

from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agents.models import Agent
from customers.custom_questions import custom_field
from customers.models import Company, Consent, CustomField, Identity
from customers.segments import Asked, Choices, Field, Op
from helpdesk.lib import clock
from helpdesk.lib.languages import languages

IS, IS_NOT = Op(_("is"), "choice"), Op(_("is not"), "choice")
YES, NO = Op(_("yes")), Op(_("no"))
KNOWN, UNKNOWN = Op(_("is known")), Op(_("is not known"))
WITHIN = Op(_("in the last days"), "days")
COMPANIES_MAX = 500


def own_fields() -> dict[str, Field]:
    """Return the fields over customers' own rows, in the order in which they are offered."""
    return {
        "name": Field(_("Name"), {"contains": Op(_("contains"), "text"), "known": KNOWN, "unknown": UNKNOWN}, _name),
        "language": _of_column(_("Language"), "language", lambda agent: languages()),
        "time_zone": _of_column(_("Time zone"), "time_zone", lambda agent: [(one, one) for one in _zones()]),
        "company": Field(
            _("Company"),
            {"is": IS, "is_not": IS_NOT, "any": Op(_("is any")), "none": Op(_("is none"))},
            _company, _companies, _has_company,
        ),
        "identity": Field(
            _("Address"),
            {"has": Op(_("there is one of kind"), "choice"), "has_not": Op(_("there is none of kind"), "choice")},
            lambda asked: _theirs(asked, kind=asked.value), lambda agent: list(Identity.Kind.choices),
        ),
        "verified": Field(
            _("Verified address"), {"yes": YES, "no": NO}, lambda asked: _theirs(asked, verified_at__isnull=False)
        ),
        "opted_out": Field(
            _("Opted out"), {"yes": YES, "no": NO}, lambda asked: _theirs(asked, opted_out_at__isnull=False)
        ),
        "consent": Field(_("Consent"), _CONSENT_OPS, _consent, lambda agent: list(Consent.Purpose.choices)),
        "first_seen": Field(
            _("First seen"),
            {"within": WITHIN, "before": Op(_("before"), "date"), "after": Op(_("after"), "date")}, _first_seen,
        ),
        **{f"custom:{row.slug}": custom_field(row) for row in CustomField.objects.order_by("position", "pk")},
    }  # fmt: skip


def midnight(day: str, *, after: int = 0) -> datetime:
    """Return when a day begins by the reader's clock; after: so many days later."""
    begins = datetime.combine(datetime.fromisoformat(day).date(), time.min) + timedelta(days=after)
    return timezone.make_aware(begins)


def _of_column(name: Any, column: str, choices: Callable[[Agent], Choices]) -> Field:
    """A field over a column of text, which is empty where we do not know."""

    def question(asked: Asked) -> Q:
        here = {
            "is": Q(**{column: asked.value}),
            "is_not": ~Q(**{column: asked.value}),
            "known": ~Q(**{column: ""}),
            "unknown": Q(**{column: ""}),
        }
        return here[asked.op]

    return Field(name, {"is": IS, "is_not": IS_NOT, "known": KNOWN, "unknown": UNKNOWN}, question, choices)


def _zones() -> list[str]:
    return sorted(zone for zone in available_timezones() if "/" in zone or zone == "UTC")


def _name(asked: Asked) -> Q:
    if asked.op == "contains":
        return Q(name__icontains=asked.value)
    return Q(name="") if asked.op == "unknown" else ~Q(name="")


def _company(asked: Asked) -> Q:
    if asked.op in {"any", "none"}:
        return Q(company__isnull=asked.op == "none")
    here = Q(company=int(asked.value))
    return here if asked.op == "is" else ~here | Q(company=None)


def _companies(agent: Agent) -> Choices:
    rows = Company.objects.visible_to(agent).order_by("folded").values_list("pk", "name")
    return [(str(pk), name) for pk, name in rows[:COMPANIES_MAX]]


def _has_company(value: str, agent: Agent) -> bool:
    is_key = value.isascii() and value.isdecimal() and len(value) < 19
    return is_key and Company.objects.visible_to(agent).filter(pk=int(value)).exists()


def _theirs(asked: Asked, **wanted: Any) -> Q:
    """Whether one of the customer's addresses is so."""
    found = Exists(Identity.objects.filter(customer=OuterRef("pk"), **wanted))
    return Q(found) if asked.op in {"yes", "has"} else Q(~found)


_CONSENT_OPS = {
    "given": Op(pgettext_lazy("consent", "given to"), "choice"),
    "refused": Op(pgettext_lazy("consent", "refused to"), "choice"),
    "withdrawn": Op(pgettext_lazy("consent", "withdrawn from"), "choice"),
    "unasked": Op(pgettext_lazy("consent", "nothing said to"), "choice"),
}


def _consent(asked: Asked) -> Q:
    """The newest row of an address and purpose counts, as everywhere."""
    said = Consent.objects.filter(identity__customer=OuterRef("pk"), purpose=asked.value)
    if asked.op == "unasked":
        return Q(~Exists(said))
    newest = Consent.objects.filter(identity=OuterRef("identity"), purpose=asked.value).order_by("-at", "-pk")
    return Q(Exists(said.filter(pk=Subquery(newest.values("pk")[:1]), state=asked.op)))


def _first_seen(asked: Asked) -> Q:
    if asked.op == "within":
        return Q(first_seen_at__gte=clock.now() - timedelta(days=asked.value))
    if asked.op == "before":
        return Q(first_seen_at__lt=midnight(asked.value))
    return Q(first_seen_at__gte=midnight(asked.value, after=1))
