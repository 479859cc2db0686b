"""What people do with companies: make, change, join and delete them.

A change of a company itself is written down as the change of a setting is; a person whose company changes is told of
on their timeline. Locks: customers by pk, then companies by pk; whoever gives a person a company holds that company.
"""

from dataclasses import dataclass, fields
from typing import Any

from django.db import IntegrityError, transaction

from agents import audit
from agents.models import Agent
from conversations import timeline
from conversations.models.entry import Entry
from customers.models import Company, CompanyDomain, Customer

JOIN_MAX = 1_000
ROUNDS = 5


class NameTaken(Exception):
    """Another company has this name."""


class DomainTaken(Exception):
    """Another company has this domain, which is the text of this."""


class ChangedMeanwhile(Exception):
    """A colleague changed the same of the company since the page was drawn; `now` is how it stands."""

    def __init__(self, now: "About") -> None:
        super().__init__(now.name)
        self.now = now


class Gone(Exception):
    """The company was deleted or joined with another meanwhile."""


class InUse(Exception):
    """Somebody still belongs to the company, perhaps somebody who was merged into another."""


class TooMany(Exception):
    """More people than one act may move."""


@dataclass(frozen=True, slots=True)
class About:
    """What can be changed of a company. domains: spelled by customers.domains, in order."""

    name: str
    domains: tuple[str, ...] = ()
    allows_parallel_conversations: bool = False

    @staticmethod
    def of(company: Company) -> "About":
        """Read it as it is now."""
        names = sorted(company.domains.values_list("domain", flat=True))
        return About(company.name, tuple(names), company.allows_parallel_conversations)

    def plain(self) -> dict[str, Any]:
        """Say it in JSON."""
        parallel = self.allows_parallel_conversations
        return {"name": self.name, "domains": list(self.domains), "allows_parallel_conversations": parallel}


def hold(pk: int | None) -> Company | None:
    """Lock a company so that nobody joins or deletes it before this transaction ends; None when it is not there.

    After the customer's lock, never before it.
    """
    return Company.objects.select_for_update(no_key=True).filter(pk=pk).first() if pk else None


def make(about: About, *, by: Agent | None) -> Company:
    """Make a company. Raises NameTaken, DomainTaken."""
    with transaction.atomic():
        company = Company()
        _write(company, About(""), about)
        audit.changed(by, _thing(company), {}, about.plain())
        return company


def change(company: Company, wanted: About, *, by: Agent, known: About) -> bool:
    """Change what was changed since it was `known`; return whether anything is other now.

    Raises NameTaken, DomainTaken, ChangedMeanwhile, Gone; nothing is changed then. Takes the company's row lock.
    """
    with transaction.atomic():
        row = hold(company.pk)
        if row is None:
            raise Gone(company.name)
        now = About.of(row)
        new = _merged(known, now, wanted)
        if new == now:
            return False
        _write(row, now, new)
        audit.changed(by, _thing(row), now.plain(), new.plain())
        return True


def join(gone: Company, kept: Company, *, by: Agent) -> int:
    """Make one company of two: people and domains of `gone` become those of `kept`; return how many people moved.

    Each of them is told of on their timeline. Takes the row locks of all people of `gone`, then of both companies.
    Raises Gone, TooMany, and ValueError for one company with itself.
    """
    if gone.pk == kept.pk:
        raise ValueError("A company cannot be joined with itself.")
    with transaction.atomic():
        for _round in range(ROUNDS):
            savepoint = transaction.savepoint()
            moving = _lock_people(gone)
            rows = {pk: hold(pk) for pk in sorted((gone.pk, kept.pk))}
            if not Customer.objects.filter(company=gone.pk).exclude(pk__in=[one.pk for one in moving]).exists():
                return _join(rows[gone.pk], rows[kept.pk], moving, by=by)
            # Somebody began to work there between the two locks.
            transaction.savepoint_rollback(savepoint)
        raise Gone(gone.name)


def delete(company: Company, *, by: Agent) -> None:
    """Delete a company that nobody belongs to. Raises InUse, Gone. Takes the company's row lock."""
    with transaction.atomic():
        row = hold(company.pk)
        if row is None:
            raise Gone(company.name)
        if row.customers.exists():
            raise InUse(row.name)
        audit.changed(by, _thing(row), About.of(row).plain(), {})
        row.delete()


def _lock_people(company: Company) -> list[Customer]:
    rows = Customer.objects.select_for_update(no_key=True).filter(company=company.pk).order_by("pk")
    found = list(rows[: JOIN_MAX + 1])
    if len(found) > JOIN_MAX:
        raise TooMany(company.name)
    return found


def _join(gone: Company | None, kept: Company | None, moving: list[Customer], *, by: Agent) -> int:
    if gone is None or kept is None:
        raise Gone
    before, told = {"joined": About.of(gone).plain(), **About.of(kept).plain()}, 0
    Customer.objects.filter(pk__in=[person.pk for person in moving]).update(company=kept)
    for person in moving:
        # Who was merged into another has no timeline of their own; they take the company along when that is undone.
        if person.merged_into_id is None:
            data = {"before": {"company": gone.name}, "after": {"company": kept.name}}
            timeline.record(timeline.New(kind=Entry.Kind.PROFILE, customer=person, by=by, data=data))
            told += 1
    gone.domains.update(company=kept)
    gone.delete()
    audit.changed(by, _thing(kept), before, About.of(kept).plain())
    return told


def _merged(known: About, now: About, wanted: About) -> About:
    """What was changed on the page goes over what stands; what both changed to something else is a conflict."""
    new: dict[str, Any] = {}
    for name in (one.name for one in fields(About)):
        old, here, mine = (getattr(one, name) for one in (known, now, wanted))
        if mine not in (old, here) and here != old:
            raise ChangedMeanwhile(now)
        new[name] = here if mine == old else mine
    return About(**new)


def _write(company: Company, now: About, new: About) -> None:
    company.name, company.allows_parallel_conversations = new.name, new.allows_parallel_conversations
    try:
        with transaction.atomic():
            company.save()
    except IntegrityError as error:
        raise NameTaken(new.name) from error
    company.domains.filter(domain__in=set(now.domains) - set(new.domains)).delete()
    # In one order everywhere, so that two who give each other's domains away do not wait for one another.
    for domain in sorted(set(new.domains) - set(now.domains)):
        row = CompanyDomain(company=company, domain=domain)
        CompanyDomain.objects.bulk_create([row], ignore_conflicts=True)
        if not CompanyDomain.objects.filter(company=company, domain=domain).exists():
            raise DomainTaken(domain)


def _thing(company: Company) -> str:
    return f"company {company.pk}"
