"""The panel's acts: addresses and profile, for those who may, and what the page says when it does not work."""

from datetime import time

import pytest
from django.test import Client

from agents.models import Agent, Team
from conversations import people
from conversations.models import Conversation, Entry
from customers.models import Company, Customer
from tests import factories
from tests.waiting import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("conversation")]
SCRIPT = {"HX-Request": "true"}


def add(client: Client, customer: Customer, kind: str, value: str) -> tuple[int, str]:
    url = f"/customers/{customer.pk}/identities/"
    response = client.post(url, {"kind": kind, "value": value}, headers=SCRIPT)
    return response.status_code, response.content.decode()


@pytest.fixture
def signed_in(client: Client, agent: Agent) -> Client:
    client.force_login(agent)
    return client


def test_an_added_address_stands_on_the_panel(signed_in: Client, customer: Customer) -> None:
    status, page = add(signed_in, customer, "phone", "+39 055 555 0101")
    assert status == 200
    assert "+39 055 555 0101" in page and 'id="panel"' in page and "Added." in page


@pytest.mark.parametrize(("kind", "value"), [("phone", "call me"), ("email", "x"), ("poem", "x"), ("email", "")])
def test_what_is_no_address_is_said(signed_in: Client, customer: Customer, kind: str, value: str) -> None:
    status, page = add(signed_in, customer, kind, value)
    assert (status, "toast bad" in page, customer.identities.count()) == (422, True, 1)


def test_the_owner_of_an_address_is_named_to_who_may_know(signed_in: Client, customer: Customer) -> None:
    factories.make_customer(name="Mihai Paun", address="mihai@example.test")
    assert "belongs to Mihai Paun" in add(signed_in, customer, "email", "mihai@example.test")[1]


def test_the_owner_of_an_address_is_not_named_to_others(signed_in: Client, customer: Customer) -> None:
    channel = factories.make_channel(team=factories.make_team(is_private=True))
    factories.receive(channel=channel, inbound=factories.make_inbound(address="mihai@example.test", name="Mihai Paun"))
    status, page = add(signed_in, customer, "email", "mihai@example.test")
    assert (status, "another customer" in page, "Mihai" in page) == (422, True, False)


def test_an_address_is_preferred_verified_and_opted_out(signed_in: Client, customer: Customer) -> None:
    identity = customer.identities.get()
    for act in ("prefer", "verify", "opt_out"):
        sent = {"act": act, "reason": " Asked by phone "}
        answer = signed_in.post(f"/customers/{customer.pk}/identities/{identity.pk}/", sent, headers=SCRIPT)
    customer.refresh_from_db()
    identity.refresh_from_db()
    assert (customer.preferred_identity, identity.is_verified) == (identity, True)
    assert identity.opted_out_at is not None
    page = answer.content.decode()
    assert identity.verified_by and f"Verified by {identity.verified_by}" in page
    assert (identity.opted_out_reason, "Asked by phone</span>" in page) == ("Asked by phone", True)


def test_an_unknown_act_is_422(signed_in: Client, customer: Customer) -> None:
    url = f"/customers/{customer.pk}/identities/{customer.identities.get().pk}/"
    assert signed_in.post(url, {"act": "burn"}, headers=SCRIPT).status_code == 422


def test_an_address_that_was_written_from_is_not_removed(signed_in: Client, customer: Customer) -> None:
    url = f"/customers/{customer.pk}/identities/{customer.identities.get().pk}/removal/"
    response = signed_in.post(url, headers=SCRIPT)
    assert (response.status_code, customer.identities.count()) == (409, 1)


def test_another_customers_address_is_absent(signed_in: Client, customer: Customer) -> None:
    other = factories.make_customer(name="Mihai").identities.get()
    url = f"/customers/{customer.pk}/identities/{other.pk}/"
    assert signed_in.post(url, {"act": "verify"}).status_code == 404
    assert signed_in.post(f"{url}removal/").status_code == 404


def test_a_profile_is_saved_and_told(signed_in: Client, customer: Customer) -> None:
    body = {"name": "Giulia T.", "company": "Passolungo", "language": "it", "time_zone": "Europe/Rome",
            "quiet_from": "21:00", "quiet_until": "09:00"}  # fmt: skip
    page = signed_in.post(f"/customers/{customer.pk}/profile/", body, headers=SCRIPT).content.decode()
    customer.refresh_from_db()
    assert customer.company == Company.objects.get(name="Passolungo")
    assert "Italian" in page and "21:00–09:00" in page and "there" in page
    assert Entry.objects.filter(kind="profile", customer=customer).count() == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [("language", "xx-klingon"), ("time_zone", "Mars/Base"), ("quiet_from", "25:00"), ("quiet_from", "21:00")],
)
def test_a_profile_that_cannot_be_comes_back(signed_in: Client, customer: Customer, name: str, value: str) -> None:
    response = signed_in.post(f"/customers/{customer.pk}/profile/", {name: value}, headers=SCRIPT)
    assert response.status_code == 422
    assert not Entry.objects.filter(kind="profile").exists()


OLD = {"initial-name": "Giulia Tedesco", "initial-language": "", "language": ""}


def test_an_old_page_changes_only_what_was_changed_on_it(
    signed_in: Client, customer: Customer, colleague: Agent
) -> None:
    people.change_profile(customer, {"language": "it"}, by=colleague)
    signed_in.post(f"/customers/{customer.pk}/profile/", {**OLD, "name": "Giulia T."}, headers=SCRIPT)
    customer.refresh_from_db()
    assert (customer.name, customer.language) == ("Giulia T.", "it")


def test_a_field_that_a_colleague_changed_meanwhile_is_asked_about(
    signed_in: Client, customer: Customer, colleague: Agent
) -> None:
    people.change_profile(
        customer, {"name": "Giulia Tassinari", "quiet_from": time(21), "quiet_until": time(9)}, by=colleague
    )
    url = f"/customers/{customer.pk}/profile/"
    mine = {**OLD, "name": "Giulia T.", "language": "it"}
    response = signed_in.post(url, mine, headers=SCRIPT)
    page = response.content.decode()
    customer.refresh_from_db()
    assert response.status_code == 409
    assert "Bruno Rossi changed Name to Giulia Tassinari." in page and 'value="Giulia T."' in page
    assert (customer.name, customer.language) == ("Giulia Tassinari", "")
    signed_in.post(url, {**mine, "keep": "name"}, headers=SCRIPT)
    customer.refresh_from_db()
    assert (customer.name, customer.language) == ("Giulia Tassinari", "it")
    signed_in.post(url, {**mine, "initial-name": "Giulia Tassinari"}, headers=SCRIPT)
    customer.refresh_from_db()
    assert customer.name == "Giulia T."


@pytest.mark.django_db(transaction=True)
def test_of_two_who_change_one_field_at_once_one_is_asked(customer: Customer, agent: Agent, colleague: Agent) -> None:
    def change(by: Agent, name: str) -> object:
        return people.change_profile(customer, {"name": name}, by=by, known={"name": "Giulia Tedesco"})

    results = together(lambda: change(agent, "Ana's"), lambda: change(colleague, "Bruno's"))
    assert sorted(type(one).__name__ for one in results) == ["ChangedMeanwhile", "Entry"]


def test_a_profile_can_be_edited_on_a_page_of_its_own(signed_in: Client, customer: Customer) -> None:
    page = signed_in.get(f"/customers/{customer.pk}/profile/").content.decode()
    assert "<h1" in page and 'name="quiet_from"' in page
    answer = signed_in.post(f"/customers/{customer.pk}/profile/", {"name": "G."})
    assert answer.headers["Location"] == f"/customers/{customer.pk}/"


def test_who_writes_notes_only_changes_nobody(client: Client, team: Team, customer: Customer) -> None:
    client.force_login(factories.make_agent(role="light", teams=(team,)))
    assert add(client, customer, "email", "new@example.test")[0] == 403
    assert "add-identity" not in client.get(f"/customers/{customer.pk}/panel/").content.decode()


def test_the_panel_is_drawn_alone(signed_in: Client, conversation: Conversation) -> None:
    url = f"/customers/{conversation.customer_id}/panel/?c={conversation.number}"
    page = signed_in.get(url, headers=SCRIPT).content.decode()
    assert page.lstrip().startswith("<aside") and 'aria-current="true"' in page
