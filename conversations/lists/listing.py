"""What lists of people and of companies show of each row, read for a whole page at once.

Everything counted is what this agent sees: a private team's conversations move no number and leave no band.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Max, OuterRef, Q, Subquery, Value, When
from django.utils.translation import gettext as _

from agents.models import Agent
from conversations.models.conversation import Conversation, ConversationQuerySet
from conversations.models.thread import Thread
from customers import companies
from customers.models import Company, CompanyQuerySet, Customer, CustomerQuerySet, Identity
from helpdesk.lib import cursors

PAGE = 50
BANDS_MAX = 5
RESOLVED = Q(status=Conversation.Status.RESOLVED)
Bands = list[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Line:
    """One customer of a list. open_count: conversations that are not resolved."""

    customer: Customer
    name: str
    address: str
    patch: Bands = field(default_factory=list)
    last_at: datetime | None = None
    open_count: int = 0


@dataclass(frozen=True, slots=True)
class CompanyLine:
    """One company of a list. open_count: conversations of its people that are not resolved."""

    company: Company
    domains: list[str]
    patch: Bands = field(default_factory=list)
    people_count: int = 0
    open_count: int = 0
    last_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows and the cursor of the next ones ('' at the end)."""

    rows: list[Any]
    next: str


def customers_page(rows: CustomerQuerySet, agent: Agent, cursor: str) -> Page:
    """Return a page of customers, the newest first."""
    place = cursors.unpack(cursor)
    if place is not None:
        rows = rows.filter(pk__lt=place[1])
    found = list(rows.select_related("company").order_by("-pk")[: PAGE + 1])
    following = cursors.pack(None, found[PAGE - 1].pk) if len(found) > PAGE else ""
    return Page(lines(found[:PAGE], agent), following)


def people_page(company: Company, agent: Agent, cursor: str) -> Page:
    """Return a page of a company's people: who was in contact last comes first, who never was at the end."""
    last = _seen(agent).filter(customer=OuterRef("pk")).order_by("-last_entry_at").values("last_entry_at")[:1]
    rows = companies.people(company, agent).annotate(last_at=Subquery(last))
    place = cursors.unpack(cursor)
    if place is not None and place[0] is None:
        rows = rows.filter(last_at=None, pk__lt=place[1])
    elif place is not None:
        rows = rows.filter(Q(last_at__lt=place[0]) | Q(last_at=place[0], pk__lt=place[1]) | Q(last_at=None))
    found: list[Any] = list(rows.order_by(F("last_at").desc(nulls_last=True), "-pk")[: PAGE + 1])
    following = cursors.pack(found[PAGE - 1].last_at, found[PAGE - 1].pk) if len(found) > PAGE else ""
    return Page(lines(found[:PAGE], agent), following)


def conversations_page(company: Company, agent: Agent, cursor: str) -> Page:
    """Return a page of what the people of a company wrote about: unresolved before resolved, the newest first."""
    stage = Case(When(RESOLVED, then=Value(1)), default=Value(0), output_field=IntegerField())
    rows = _of_company(_seen(agent), company).annotate(stage=stage)
    mark, _dot, rest = cursor.partition(".")
    place = cursors.unpack(rest)
    if place is not None and place[0] is not None and mark in {"0", "1"}:
        beyond = Q(last_entry_at__lt=place[0]) | Q(last_entry_at=place[0], pk__lt=place[1])
        rows = rows.filter(Q(stage=int(mark)) & beyond | Q(stage__gt=int(mark)))
    rows = rows.select_related("customer", "assignee", "topic", "team")
    found: list[Any] = list(rows.order_by("stage", "-last_entry_at", "-pk")[: PAGE + 1])
    last = found[PAGE - 1] if len(found) > PAGE else None
    return Page(found[:PAGE], f"{last.stage}.{cursors.pack(last.last_entry_at, last.pk)}" if last else "")


def companies_page(rows: CompanyQuerySet, agent: Agent, cursor: str) -> Page:
    """Return a page of companies by name."""
    place = cursors.unpack(cursor)
    begin = Company.objects.filter(pk=place[1]).values_list("folded", flat=True).first() if place else None
    if begin is not None:
        rows = rows.filter(folded__gt=begin)
    found = list(rows.prefetch_related("domains").order_by("folded")[: PAGE + 1])
    following = cursors.pack(None, found[PAGE - 1].pk) if len(found) > PAGE else ""
    return Page(company_lines(found[:PAGE], agent), following)


def lines(customers: list[Customer], agent: Agent) -> list[Line]:
    """Read what the rows of these customers show: four statements, however many they are."""
    pks = [one.pk for one in customers]
    known = addresses(customers)
    patches = _patches("identity__customer", pks, agent)
    work = _work(_seen(agent).filter(customer__in=pks), "customer")
    found = []
    for one in customers:
        last_at, open_count = work.get(one.pk, (None, 0))
        address = known.get(one.pk, "")
        name = one.name or address or str(_("Unnamed customer"))
        shown = address if one.name else ""
        found.append(Line(one, name, shown, patches.get(one.pk, []), last_at, open_count))
    return found


def company_lines(rows: list[Company], agent: Agent) -> list[CompanyLine]:
    """Read what the rows of these companies show: four statements, however many they are."""
    pks = [one.pk for one in rows]
    people = Customer.objects.visible_to(agent).present().filter(company__in=pks)
    counted = dict(people.order_by().values_list("company").annotate(n=Count("pk")))
    patches = _patches("identity__customer__company", pks, agent)
    seen = _seen(agent).filter(customer__company__in=pks, customer__merged_into=None)
    work = _work(seen, "customer__company")
    found = []
    for one in rows:
        last_at, open_count = work.get(one.pk, (None, 0))
        domains = [row.domain for row in one.domains.all()]
        found.append(CompanyLine(one, domains, patches.get(one.pk, []), counted.get(one.pk, 0), open_count, last_at))
    return found


def conversations_count(company: Company, agent: Agent) -> int:
    """Count what the people of a company wrote about, resolved or not."""
    return _of_company(_seen(agent), company).count()


def _seen(agent: Agent) -> ConversationQuerySet:
    return Conversation.objects.visible_to(agent).genuine()


def _of_company(rows: ConversationQuerySet, company: Company) -> ConversationQuerySet:
    return rows.filter(customer__company=company, customer__merged_into=None)


def _work(rows: ConversationQuerySet, key: str) -> dict[int, tuple[datetime | None, int]]:
    """When each was last in contact, and how much is not resolved."""
    grouped = rows.order_by().values_list(key).annotate(last=Max("last_entry_at"), n=Count("pk", filter=~RESOLVED))
    return {pk: (last, n) for pk, last, n in grouped}


def _patches(key: str, pks: list[int], agent: Agent) -> dict[int, Bands]:
    """Weave the channels that each uses, by their threads: (glyph, height 1–4)."""
    channel: Any = Thread._meta.get_field("channel").related_model
    icons = {row.pk: row.icon for row in channel.objects.all()}
    threads = Thread.objects.filter(**{f"{key}__in": pks}, conversation__in=_seen(agent))
    counted: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for pk, of, n in threads.order_by().values_list(key, "channel").annotate(n=Count("pk")):
        counted[pk][icons[of]] += n
    return {pk: bands(sorted(found.items(), key=lambda one: -one[1])) for pk, found in counted.items()}


def bands(counts: Iterable[tuple[str, int]]) -> Bands:
    """Weave a patch: (glyph, height 1–4) of each channel in proportion to its share."""
    found = list(counts)[:BANDS_MAX]
    total = sum(count for _icon, count in found) or 1
    return [(icon, max(1, min(4, round(4 * count / total)))) for icon, count in found]


def addresses(customers: list[Customer]) -> dict[int, str]:
    """The address by which each is known best: the preferred one, else the first."""
    preferred = {one.preferred_identity_id for one in customers}
    found: dict[int, str] = {}
    for row in Identity.objects.filter(customer__in=customers).order_by("customer", "pk"):
        if row.customer_id not in found or row.pk in preferred:
            found[row.customer_id] = row.label
    return found
