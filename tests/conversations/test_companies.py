"""What becomes of companies and of the people in them: made, changed, joined, deleted."""

import pytest

from agents.models import Agent, AuditRow
from conversations import companies, people
from conversations.companies import About
from conversations.merging import merge
from conversations.models import Entry
from customers.models import Company, CompanyDomain, Customer
from tests import factories
from tests.waiting import together

pytestmark = pytest.mark.django_db


def make(agent: Agent, name: str = "Acme", *domains: str) -> Company:
    return companies.make(About(name, domains), by=agent)


def somebody(company: Company | None, name: str = "Nina") -> Customer:
    person = factories.make_customer(name=name)
    Customer.objects.filter(pk=person.pk).update(company=company)
    return Customer.objects.get(pk=person.pk)


def profiles(customer: Customer) -> list[tuple[str | None, str | None]]:
    rows = Entry.objects.filter(customer=customer, kind="profile").order_by("seq")
    return [(row.data["before"].get("company"), row.data["after"].get("company")) for row in rows]


def test_a_company_is_made_and_written_down(agent: Agent) -> None:
    acme = make(agent, "Acme", "acme.example.test")
    assert About.of(acme) == About("Acme", ("acme.example.test",))
    row = AuditRow.objects.get()
    assert (row.by, row.thing, row.after["domains"]) == (agent, f"company {acme.pk}", ["acme.example.test"])


def test_a_change_says_what_was_and_what_is(agent: Agent) -> None:
    acme = make(agent, "Acme", "acme.example.test")
    known = About.of(acme)
    wanted = About("Acme srl", ("acme.example.test", "acme2.example.test"), allows_parallel_conversations=True)
    assert companies.change(acme, wanted, by=agent, known=known)
    assert About.of(Company.objects.get()) == wanted
    row = AuditRow.objects.latest("pk")
    assert (row.before["name"], row.after["name"]) == ("Acme", "Acme srl")


def test_nothing_changed_is_not_written_down(agent: Agent) -> None:
    acme = make(agent)
    assert not companies.change(acme, About.of(acme), by=agent, known=About.of(acme))
    assert AuditRow.objects.count() == 1


def test_two_who_change_different_things_both_have_their_way(agent: Agent, colleague: Agent) -> None:
    acme = make(agent)
    known = About.of(acme)
    companies.change(acme, About("Acme srl"), by=agent, known=known)
    companies.change(acme, About("Acme", ("acme.example.test",)), by=colleague, known=known)
    assert About.of(Company.objects.get()) == About("Acme srl", ("acme.example.test",))


def test_two_who_change_the_same_find_out(agent: Agent, colleague: Agent) -> None:
    acme = make(agent)
    known = About.of(acme)
    companies.change(acme, About("Acme srl"), by=agent, known=known)
    with pytest.raises(companies.ChangedMeanwhile):
        companies.change(acme, About("Acme spa"), by=colleague, known=known)
    assert Company.objects.get().name == "Acme srl"


def test_a_name_and_a_domain_belong_to_one_company(agent: Agent) -> None:
    make(agent, "Acme", "acme.example.test")
    other = make(agent, "Other")
    known = About.of(other)
    with pytest.raises(companies.NameTaken):
        companies.change(other, About("ACME"), by=agent, known=known)
    with pytest.raises(companies.DomainTaken, match=r"acme\.example\.test"):
        companies.change(other, About("Other B", ("acme.example.test",)), by=agent, known=known)
    assert About.of(Company.objects.get(pk=other.pk)) == known


@pytest.mark.django_db(transaction=True)
def test_one_domain_given_to_two_companies_at_once_goes_to_one(agent: Agent) -> None:
    both = [make(agent, name) for name in ("Acme", "Other")]

    def give(company: Company) -> bool:
        wanted = About(company.name, ("acme.example.test",))
        return companies.change(company, wanted, by=agent, known=About(company.name))

    results = together(*(lambda company=company: give(company) for company in both))  # type: ignore[misc]
    assert sorted(type(one).__name__ for one in results) == ["DomainTaken", "bool"]
    assert CompanyDomain.objects.get().company == both[results.index(True)]


def test_joined_companies_share_people_and_domains_and_each_person_is_told_of(agent: Agent) -> None:
    gone, kept = make(agent, "Acme srl", "acme.example.test"), make(agent, "Acme", "acme2.example.test")
    nina, otto = somebody(gone), somebody(kept, "Otto")
    assert companies.join(gone, kept, by=agent) == 1
    assert Company.objects.get() == kept
    assert About.of(kept).domains == ("acme.example.test", "acme2.example.test")
    assert set(kept.customers.all()) == {nina, otto}
    assert (profiles(nina), profiles(otto)) == ([("Acme srl", "Acme")], [])
    assert AuditRow.objects.latest("pk").before["joined"]["name"] == "Acme srl"


def test_a_company_is_not_joined_with_itself(agent: Agent) -> None:
    acme = make(agent)
    with pytest.raises(ValueError, match="itself"):
        companies.join(acme, acme, by=agent)


def test_more_people_than_one_act_may_move_stay(agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(companies, "JOIN_MAX", 1)
    gone, kept = make(agent, "Acme srl"), make(agent, "Acme")
    nina, otto = somebody(gone), somebody(gone, "Otto")
    with pytest.raises(companies.TooMany):
        companies.join(gone, kept, by=agent)
    assert set(gone.customers.all()) == {nina, otto}


@pytest.mark.django_db(transaction=True)
def test_who_begins_at_a_company_that_is_being_joined_is_not_lost(agent: Agent) -> None:
    gone, kept = make(agent, "Acme srl"), make(agent, "Acme")
    somebody(gone)
    late = somebody(None, "Late")
    results = together(
        lambda: companies.join(gone, kept, by=agent),
        lambda: people.change_profile(late, {"company": gone}, by=agent),
    )
    late.refresh_from_db()
    was_too_late = isinstance(results[1], companies.Gone)
    assert results[0] in {1, 2}
    assert (late.company, Company.objects.get()) == (None if was_too_late else kept, kept)


@pytest.mark.django_db(transaction=True)
def test_two_companies_joined_both_ways_at_once_become_one(agent: Agent) -> None:
    one, two = make(agent, "Acme srl"), make(agent, "Acme")
    nina, otto = somebody(one), somebody(two, "Otto")
    results = together(lambda: companies.join(one, two, by=agent), lambda: companies.join(two, one, by=agent))
    assert sorted(type(result).__name__ for result in results) == ["Gone", "int"]
    assert set(Company.objects.get().customers.all()) == {nina, otto}


def test_an_empty_company_is_deleted_and_written_down(agent: Agent) -> None:
    acme = make(agent, "Acme", "acme.example.test")
    companies.delete(acme, by=agent)
    assert not Company.objects.exists() and not CompanyDomain.objects.exists()
    assert AuditRow.objects.latest("pk").before["name"] == "Acme"


def test_a_company_with_people_stays_also_with_those_who_were_merged_away(agent: Agent, customer: Customer) -> None:
    acme = make(agent)
    nina = somebody(acme)
    with pytest.raises(companies.InUse):
        companies.delete(acme, by=agent)
    Customer.objects.filter(pk=nina.pk).update(merged_into=customer)
    with pytest.raises(companies.InUse):
        companies.delete(acme, by=agent)
    assert Company.objects.get() == acme


@pytest.mark.django_db(transaction=True)
def test_nobody_begins_at_a_company_that_is_being_deleted(agent: Agent) -> None:
    acme, nina = make(agent), somebody(None)
    results = together(
        lambda: companies.delete(acme, by=agent), lambda: people.change_profile(nina, {"company": acme}, by=agent)
    )
    nina.refresh_from_db()
    if isinstance(results[0], companies.InUse):
        assert nina.company == acme
    else:
        assert isinstance(results[1], companies.Gone) and nina.company is None


def test_people_without_a_company_are_employed_and_others_keep_theirs(agent: Agent) -> None:
    acme, other = make(agent), make(agent, "Other")
    nina, otto = somebody(None), somebody(other, "Otto")
    assert people.employ(acme, [nina, otto], by=agent) == 1
    assert (list(acme.customers.all()), list(other.customers.all())) == ([nina], [otto])
    assert (profiles(nina), profiles(otto)) == ([(None, "Acme")], [])


def test_a_merge_that_is_undone_after_its_company_was_joined_leaves_the_company_as_it_is(agent: Agent) -> None:
    old, new = make(agent, "Old"), make(agent, "New")
    nina, otto = somebody(old), somebody(new, "Otto")
    record = merge.merge(nina, otto, by=agent, plan=merge.Plan(take=frozenset({"company_id"})))
    assert Customer.objects.get(pk=nina.pk).company == new
    companies.join(old, new, by=agent)
    merge.undo(record, by=agent)
    assert set(Customer.objects.filter(pk__in=[nina.pk, otto.pk]).values_list("company", flat=True)) == {new.pk}


def test_a_merge_is_undone_with_the_companies_of_both(agent: Agent) -> None:
    old, new = make(agent, "Old"), make(agent, "New")
    nina, otto = somebody(old), somebody(new, "Otto")
    record = merge.merge(nina, otto, by=agent, plan=merge.Plan(take=frozenset({"company_id"})))
    merge.undo(record, by=agent)
    assert Customer.objects.get(pk=nina.pk).company == old and Customer.objects.get(pk=otto.pk).company == new
