"""What lists show of people and companies: for a page at once, and only what the reader may know of."""

from collections.abc import Callable
from typing import Any

import pytest

from agents.models import Agent, Team
from agents.permissions import keep_sight
from conversations.lists import listing
from conversations.models import Conversation
from customers.models import Company, Customer
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme(conversation: Conversation) -> Company:
    company = Company.objects.create(name="Acme")
    Customer.objects.filter(pk=conversation.customer_id).update(company=company)
    return company


def in_secret(customer: Customer) -> Conversation:
    """Let the customer write to a private team, on a channel of its own."""
    channel = factories.make_channel(team=factories.make_team(is_private=True), config={"looks_like": "sms"})
    return factories.make_conversation(customer=customer, channel=channel)


def test_a_row_counts_and_weaves_what_its_reader_sees(
    conversation: Conversation, agent: Agent, supervisor: Agent
) -> None:
    secret = in_secret(conversation.customer)
    (ours,) = listing.lines([conversation.customer], agent)
    (all_of_it,) = listing.lines([conversation.customer], supervisor)
    assert (ours.open_count, all_of_it.open_count) == (1, 2)
    assert ours.last_at == conversation.last_entry_at and all_of_it.last_at == secret.last_entry_at
    assert sum(size for _icon, size in ours.patch) == 4


def test_a_nameless_person_is_called_by_the_preferred_address(agent: Agent, customer: Customer) -> None:
    other = factories.make_identity(customer=customer, address="other@example.test")
    Customer.objects.filter(pk=customer.pk).update(name="", preferred_identity=other)
    (line,) = listing.lines([Customer.objects.get(pk=customer.pk)], agent)
    assert (line.name, line.address) == ("other@example.test", "")


def test_pages_of_customers_follow_each_other(
    agent: Agent, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Callable[[int], Any]
) -> None:
    monkeypatch.setattr(listing, "PAGE", 2)
    made = [factories.make_customer().pk for _number in range(5)]
    keep_sight(agent)
    seen, cursor = [], ""
    while True:
        with django_assert_num_queries(5):
            page = listing.customers_page(Customer.objects.visible_to(agent), agent, cursor)
        seen += [line.customer.pk for line in page.rows]
        cursor = page.next
        if not cursor:
            break
    assert seen == made[::-1]


def test_people_of_a_company_come_by_last_contact_and_page_by_page(
    acme: Company, agent: Agent, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "PAGE", 2)
    first = acme.customers.get()
    later = factories.make_conversation(team=team).customer
    never = [factories.make_customer(name=name) for name in ("A", "B")]
    Customer.objects.filter(pk__in=[later.pk, *(one.pk for one in never)]).update(company=acme)
    seen, cursor = [], ""
    while not seen or cursor:
        page = listing.people_page(acme, agent, cursor)
        seen += [line.customer for line in page.rows]
        cursor = page.next
    assert seen == [later, first, never[1], never[0]]


def test_conversations_of_a_company_come_unresolved_first_and_page_by_page(
    acme: Company, conversation: Conversation, agent: Agent, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "PAGE", 1)
    done, done_later = (factories.make_conversation(team=team) for _number in range(2))
    Customer.objects.filter(pk__in=[done.customer_id, done_later.customer_id]).update(company=acme)
    for one in (done, done_later):
        one.resolve(by=agent)
    in_secret(conversation.customer)
    seen, cursor = [], ""
    while not seen or cursor:
        page = listing.conversations_page(acme, agent, cursor)
        seen += [row.pk for row in page.rows]
        cursor = page.next
    assert seen == [conversation.pk, done_later.pk, done.pk]


def test_a_companys_row_counts_what_its_reader_sees(
    acme: Company, conversation: Conversation, agent: Agent, supervisor: Agent
) -> None:
    hidden = factories.make_customer(name="Hidden")
    in_secret(hidden)
    in_secret(conversation.customer)
    Customer.objects.filter(pk=hidden.pk).update(company=acme)
    ours, everything = (listing.company_lines([acme], who)[0] for who in (agent, supervisor))
    assert (ours.people_count, ours.open_count) == (1, 1)
    assert (everything.people_count, everything.open_count) == (2, 3)


def test_companies_come_by_name_and_page_by_page(agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "PAGE", 1)
    for name in ("beta", "Alpha", "Gamma"):
        Company.objects.create(name=name)
    seen, cursor = [], ""
    while not seen or cursor:
        page = listing.companies_page(Company.objects.visible_to(agent), agent, cursor)
        seen += [line.company.name for line in page.rows]
        cursor = page.next
    assert seen == ["Alpha", "beta", "Gamma"]


@pytest.mark.parametrize("cursor", ["x", "0.x", "2.MjAyNg", "%%", "1."])
def test_a_cursor_that_is_none_begins_at_the_beginning(acme: Company, agent: Agent, cursor: str) -> None:
    assert len(listing.conversations_page(acme, agent, cursor).rows) == 1
    assert len(listing.people_page(acme, agent, cursor).rows) == 1
