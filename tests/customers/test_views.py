"""The settings of customers' own fields. Who may see them: tests/test_access.py."""

import pytest
from django.test import Client

from agents.models import Agent, AuditRow
from customers.models import Customer, CustomField
from tests.factories import make_agent

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client: Client) -> Agent:
    agent = make_agent(name="Ada Bianchi", role="admin")
    client.force_login(agent)
    return agent


def test_fields_are_added_listed_and_changed(client: Client, admin: Agent) -> None:
    page = client.post(
        "/settings/fields/new/", {"name": "Dog", "kind": "choice", "choices": "Argo\nBella"}, follow=True
    )
    assert "Added." in page.content.decode() and "Argo, Bella" in page.content.decode()
    row = CustomField.objects.get()
    shown = client.get(f"/settings/fields/{row.pk}/").content.decode()
    assert "Argo\nBella" in shown and "No customer has a value" in shown
    client.post(f"/settings/fields/{row.pk}/", {"name": "Pet", "kind": "text"})
    row.refresh_from_db()
    assert (row.name, row.kind, row.slug) == ("Pet", "text", "dog")
    assert "Last changed by Ada Bianchi" in client.get("/settings/fields/").content.decode()


def test_what_is_refused_comes_back_with_what_was_typed(client: Client, admin: Agent, customer: Customer) -> None:
    row = CustomField.objects.create(slug="dog", name="Dog")
    Customer.objects.filter(pk=customer.pk).update(custom={"dog": "Argo"})
    answer = client.post(f"/settings/fields/{row.pk}/", {"name": "Pet", "kind": "date"})
    page = answer.content.decode()
    assert answer.status_code == 422 and "so the kind stays" in page and 'value="Pet"' in page
    assert client.post("/settings/fields/new/", {"name": "", "kind": "text"}).status_code == 422
    assert client.post("/settings/fields/new/", {"name": "A", "kind": "poem"}).status_code == 422
    assert not AuditRow.objects.exists()


def test_a_field_moves_by_its_buttons(client: Client, admin: Agent) -> None:
    CustomField.objects.create(slug="dog", name="Dog", position=0)
    row = CustomField.objects.create(slug="cat", name="Cat", position=1)
    page = client.post(f"/settings/fields/{row.pk}/place/", {"to": "up"}, follow=True).content.decode()
    assert page.index(">Cat<") < page.index(">Dog<")
    assert "Move Dog up" in page and "Move Cat up" not in page


def test_a_field_is_taken_away_when_the_number_still_is_right(client: Client, admin: Agent, customer: Customer) -> None:
    row = CustomField.objects.create(slug="dog", name="Dog")
    Customer.objects.filter(pk=customer.pk).update(custom={"dog": "Argo"})
    answer = client.post(f"/settings/fields/{row.pk}/removal/", {"known": "0"})
    assert answer.status_code == 409 and "Remove the field and 1 value" in answer.content.decode()
    assert client.post(f"/settings/fields/{row.pk}/removal/", {"known": "1"}).status_code == 302
    customer.refresh_from_db()
    assert (customer.custom, CustomField.objects.count()) == ({}, 0)


def test_the_index_names_every_page_and_its_last_change(client: Client, admin: Agent) -> None:
    client.post("/settings/fields/new/", {"name": "Dog", "kind": "text"})
    page = client.get("/settings/").content.decode()
    assert 'href="/settings/fields/"' in page and 'href="/settings/orders/"' in page
    assert page.count("Last changed by Ada Bianchi") == 1


def test_settings_are_offered_to_administrators_only(client: Client, admin: Agent, supervisor: Agent) -> None:
    assert 'href="/settings/"' in client.get("/customers/").content.decode()
    client.force_login(supervisor)
    assert 'href="/settings/"' not in client.get("/customers/").content.decode()
