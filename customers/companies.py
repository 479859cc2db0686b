"""Finding companies by name or mail domain, making one on first use, and who belongs to them or writes from there."""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q

from agents.models import Agent
from customers import domains
from customers.folding import fold, tidy
from customers.models import (
    Company,
    CompanyDomain,
    CompanyQuerySet,
    Customer,
    CustomerQuerySet,
    DomainOf,
    Identity,
)


def find(name: str) -> Company | None:
    """Return the company of this name, whatever its case and spaces."""
    return Company.objects.filter(folded=fold(name)).first()


def find_or_make(name: str) -> Company:
    """Return the company of this name, made when there is none; two at once make one. Raises ValueError for no name."""
    if not fold(name):
        raise ValueError("A company needs a name.")
    found = find(name)
    while found is None:
        Company.objects.bulk_create([Company(name=tidy(name)[: Company.NAME_MAX])], ignore_conflicts=True)
        found = find(tidy(name)[: Company.NAME_MAX])
    return found


def of_writer(customer: Customer, identities: Iterable[Identity], agent: Agent) -> Company | None:
    """Return the company from whose domain somebody without one writes, if this agent may know of it.

    A domain of a public mail provider tells nothing, whoever wrote it down.
    """
    if customer.company_id is not None:
        return None
    written = (row.value.rpartition("@")[2] for row in identities if row.kind == Identity.Kind.EMAIL)
    theirs = [domain for domain in written if not domains.is_public(domain)]
    if not theirs:
        return None
    rows = CompanyDomain.objects.filter(domain__in=theirs, company__in=Company.objects.visible_to(agent))
    found = sorted(rows.select_related("company"), key=lambda row: theirs.index(row.domain))
    return found[0].company if found else None


def writers(company: Company, agent: Agent) -> CustomerQuerySet:
    """Return who writes from the company's domains, belongs to no company, and may be known to this agent."""
    telling = [row.domain for row in company.domains.all() if not domains.is_public(row.domain)]
    if not telling:
        return Customer.objects.none()
    # The addresses first, by their index: they are few among many customers.
    writing = Identity.objects.filter(kind=Identity.Kind.EMAIL).alias(of=DomainOf("value"))
    pks = writing.filter(of__in=telling).values("customer")
    return Customer.objects.visible_to(agent).present().filter(company=None, pk__in=pks)


def people(company: Company, agent: Agent) -> CustomerQuerySet:
    """Return the people of a company that this agent may know of."""
    return Customer.objects.visible_to(agent).present().filter(company=company)


def having(words: str) -> CompanyQuerySet:
    """Return the companies whose name or domain has these words; all for none."""
    domain = CompanyDomain.objects.filter(company=OuterRef("pk"), domain__icontains=words)
    return Company.objects.filter(Q(folded__contains=fold(words)) | Exists(domain)) if words else Company.objects.all()
