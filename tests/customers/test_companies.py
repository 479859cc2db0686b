"""Companies by name and by mail domain; who may know of them."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from agents.models import Agent
from customers import companies
from customers.models import Company, CompanyDomain, Customer, Segment
from tests import factories
from tests.waiting import together

pytestmark = pytest.mark.django_db


def company(name: str = "Acme", *domains: str) -> Company:
    made = Company.objects.create(name=name)
    for domain in domains:
        CompanyDomain.objects.create(company=made, domain=domain)
    return made


def hidden(name: str = "Secret Sam", address: str = "sam@acme.example.test") -> Customer:
    """Somebody whose only conversation is of a private team."""
    channel = factories.make_channel(team=factories.make_team(is_private=True))
    said = factories.receive(channel=channel, inbound=factories.make_inbound(address=address, name=name))
    return said.customer


def test_a_name_finds_its_company_in_any_case_and_spacing() -> None:
    acme = companies.find_or_make("Acme srl")
    assert companies.find_or_make("  ACME   Srl") == acme
    assert (acme.name, Company.objects.count()) == ("Acme srl", 1)


def test_a_look_alike_name_is_another_company() -> None:
    assert companies.find_or_make("Acme") != companies.find_or_make("\u0410cme")


def test_no_name_makes_no_company() -> None:
    with pytest.raises(ValueError, match="name"):
        companies.find_or_make("\u200b ")
    assert not Company.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_same_name_typed_twice_at_once_makes_one_company() -> None:
    made = together(lambda: companies.find_or_make("Acme"), lambda: companies.find_or_make("ACME"))
    assert made[0] == made[1] == Company.objects.get()


def test_the_database_refuses_a_second_company_of_one_name_and_a_domain_of_two() -> None:
    company("Acme", "acme.example.test")
    with pytest.raises(IntegrityError), transaction.atomic():
        company("aCME ")
    with pytest.raises(IntegrityError), transaction.atomic():
        company("Other", "acme.example.test")


def test_a_company_of_people_one_does_not_see_is_absent(agent: Agent, supervisor: Agent) -> None:
    acme, empty = company(), company("Empty")
    Customer.objects.filter(pk=hidden().pk).update(company=acme)
    assert list(Company.objects.visible_to(agent)) == [empty]
    assert set(Company.objects.visible_to(supervisor)) == {acme, empty}


def test_somebody_merged_into_another_makes_no_company_seen(agent: Agent, customer: Customer) -> None:
    acme = company()
    Customer.objects.filter(pk=hidden().pk).update(company=acme)
    gone = factories.make_customer(name="Gone")
    Customer.objects.filter(pk=gone.pk).update(company=acme, merged_into=customer)
    assert not Company.objects.visible_to(agent).exists()


def test_who_writes_from_a_companys_domain_is_found(agent: Agent) -> None:
    acme = company("Acme", "acme.example.test")
    writer = factories.make_customer(address="nina@acme.example.test")
    factories.make_customer(address="x@other.example.test")
    factories.make_customer(address="y@sub.acme.example.test")
    hidden()
    assert list(companies.writers(acme, agent)) == [writer]
    assert companies.of_writer(writer, writer.identities.all(), agent) == acme


def test_who_has_a_company_is_not_asked_about_another(agent: Agent) -> None:
    acme = company("Acme", "acme.example.test")
    writer = factories.make_customer(address="nina@acme.example.test")
    writer.company = company("Other")
    writer.save()
    assert list(companies.writers(acme, agent)) == []
    assert companies.of_writer(writer, writer.identities.all(), agent) is None


def test_a_mail_providers_domain_says_nothing(agent: Agent) -> None:
    acme = company("Acme", "gmail.com")
    writer = factories.make_customer(address="nina@gmail.com")
    assert list(companies.writers(acme, agent)) == []
    assert companies.of_writer(writer, writer.identities.all(), agent) is None


def test_a_company_one_may_not_know_of_is_not_offered(agent: Agent) -> None:
    acme = company("Acme", "acme.example.test")
    Customer.objects.filter(pk=hidden().pk).update(company=acme)
    writer = factories.make_customer(address="nina@acme.example.test")
    assert companies.of_writer(writer, writer.identities.all(), agent) is None


def test_companies_are_found_by_name_and_domain() -> None:
    acme, other = company("Acme Srl", "acme.example.test"), company("Other")
    assert list(companies.having("CME s")) == [acme]
    assert list(companies.having("acme.exa")) == [acme]
    assert set(companies.having("")) == {acme, other}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_names_that_are_one_become_one_company_when_an_old_desk_is_brought_up_to_date() -> None:
    executor = MigrationExecutor(connection)
    # Those of other rooms that lean on them go back, too.
    newest = executor.loader.graph.leaf_nodes()
    try:
        old = executor.migrate([("customers", "0005_company_domains_and_folded_names")]).apps
        model, person = old.get_model("customers", "Company"), old.get_model("customers", "Customer")
        first, second = (model.objects.create(name=name) for name in ("Acme", "ACME "))
        kept = person.objects.create(name="Nina", company=second)
        old.get_model("customers", "Segment").objects.bulk_create(
            old.get_model("customers", "Segment")(name=name) for name in ("Loud", "loud")
        )
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(newest)
    assert list(Company.objects.values_list("pk", "folded")) == [(first.pk, "acme")]
    assert Customer.objects.get(pk=kept.pk).company_id == first.pk
    assert Segment.objects.count() == 2 and "loud" in Segment.objects.values_list("folded", flat=True)
