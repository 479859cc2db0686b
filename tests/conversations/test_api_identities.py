"""Addresses, consents and companies by API."""

from typing import Any

import pytest

from agents.models import Agent, AuditRow
from conversations import people
from conversations.models import Conversation, Entry
from customers.models import Company, Consent, Customer, Identity
from tests.factories import make_customer, make_identity
from tests.program import GIULIA, Program

pytestmark = pytest.mark.django_db


@pytest.fixture
def address(customer: Customer) -> Identity:
    return customer.identities.get()


def acts() -> list[str]:
    return [entry.data["act"] for entry in Entry.objects.order_by("pk") if "act" in entry.data]


def test_whose_address_it_is(conversation: Conversation, agent: Agent, outsider: Agent) -> None:
    found = Program(agent).get("identities/", address=" Giulia@Example.test").json()["results"]
    assert [(row["customer"], row["value"]) for row in found] == [(conversation.customer_id, GIULIA)]
    assert Program(agent).get("identities/", address=GIULIA, kind="other").json()["results"] == []
    assert Program(outsider).get("identities/", address=GIULIA).json() == {"results": [], "next": None}


def test_an_address_is_added_once(customer: Customer, agent: Agent) -> None:
    path, said = f"customers/{customer.pk}/identities/", {"kind": "phone", "value": "+39 02 555 0100"}
    first, second = Program(agent).post(path, said), Program(agent).post(path, said)
    assert (first.status_code, second.status_code, first.json()) == (201, 200, second.json())
    assert (first.json()["value"], first.json()["display"], acts()) == ("+39025550100", "+39 02 555 0100", ["added"])
    assert len(Program(agent).get(path).json()["results"]) == 2


def test_somebody_elses_address_is_named_to_whoever_may_know(
    conversation: Conversation, agent: Agent, outsider: Agent
) -> None:
    path = f"customers/{make_customer(name='Nadia').pk}/identities/"
    said = {"kind": "email", "value": GIULIA}
    answers = [Program(who).post(path, said) for who in (agent, outsider)]
    assert [answer.status_code for answer in answers] == [409, 409]
    assert [answer.json().get("customer") for answer in answers] == [conversation.customer_id, None]
    assert Entry.objects.filter(kind="identity").count() == 0


def test_an_address_is_proved_unwanted_and_preferred(address: Identity, agent: Agent) -> None:
    program, path = Program(agent), f"identities/{address.pk}/"
    said = {"is_verified": True, "verified_by": "code by mail", "is_opted_out": True, "opted_out_reason": "asked us"}
    row = program.patch(path, {**said, "is_preferred": True}).json()
    assert (row["is_verified"], row["verified_by"], row["is_opted_out"], row["is_preferred"]) == (
        True, "code by mail", True, True
    )  # fmt: skip
    row = program.patch(path, {"is_verified": False, "is_opted_out": False, "is_preferred": False}).json()
    assert (row["verified_at"], row["opted_out_at"], row["opted_out_reason"], row["is_preferred"]) == (
        None, None, "", False
    )  # fmt: skip
    assert acts() == ["verified", "opted_out", "doubted", "opted_in"]
    assert Entry.objects.filter(kind="profile").count() == 2


def test_no_longer_preferred_leaves_what_is_preferred_instead(address: Identity, agent: Agent) -> None:
    other = make_identity(address="g@example.test", customer=address.customer)
    people.change_profile(address.customer, {"preferred_identity": other}, by=agent)
    assert Program(agent).patch(f"identities/{address.pk}/", {"is_preferred": False}).status_code == 200
    assert Customer.objects.get().preferred_identity == other


def test_an_unused_address_goes_and_a_used_one_stays(conversation: Conversation, agent: Agent) -> None:
    used = conversation.customer.identities.get()
    unused = make_identity(address="g@example.test", customer=conversation.customer)
    answers = [Program(agent).delete(f"identities/{row.pk}/") for row in (unused, used)]
    assert [answer.status_code for answer in answers] == [204, 409]
    assert (answers[1].json()["code"], Identity.objects.get()) == ("in_use", used)


def test_consents_are_noted_with_their_source(address: Identity, agent: Agent) -> None:
    program, path = Program(agent), f"customers/{address.customer_id}/consents/"
    said = {"identity": address.pk, "purpose": "marketing", "state": "given", "source": "Form of 3 May"}
    answers = [program.post(path, said), program.post(path, {**said, "source": "Again"})]
    assert [answer.status_code for answer in answers] == [201, 200]
    assert answers[0].json() == answers[1].json()
    program.post(path, {**said, "state": "withdrawn", "source": "By phone"})
    rows = program.get(path).json()["results"]
    assert [(row["state"], row["source"]) for row in rows] == [("withdrawn", "By phone"), ("given", "Form of 3 May")]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"source": " "}, 400),
        ({"purpose": "everything"}, 400),
        ({"identity": 999}, 400),
        ({"identity": [1]}, 400),
        ({"state": "withdrawn"}, 409),
    ],
    ids=str,
)
def test_a_consent_without_ground_is_refused(
    address: Identity, agent: Agent, change: dict[str, Any], code: int
) -> None:
    said = {"identity": address.pk, "purpose": "marketing", "state": "given", "source": "Form", **change}
    answer = Program(agent).post(f"customers/{address.customer_id}/consents/", said)
    assert (answer.status_code, Consent.objects.count(), Entry.objects.count()) == (code, 0, 0)


def test_a_company_is_made_changed_and_deleted(agent: Agent) -> None:
    program = Program(agent)
    made = program.post("companies/", {"name": "Acme", "domains": ["Acme.example.test"]})
    path = f"companies/{made.json()['id']}/"
    assert (made.status_code, made.json()["domains"]) == (201, ["acme.example.test"])
    changed = program.patch(path, {"allows_parallel_conversations": True})
    assert (changed.json()["name"], changed.json()["allows_parallel_conversations"]) == ("Acme", True)
    assert program.get("companies/", q="acm").json()["results"] == [program.get(path).json()]
    assert (program.delete(path).status_code, program.get(path).status_code) == (204, 404)
    assert AuditRow.objects.filter(by=agent, thing__startswith="company").count() == 3


def test_a_name_is_one_companys(agent: Agent) -> None:
    program = Program(agent)
    program.post("companies/", {"name": "Acme"})
    other = program.post("companies/", {"name": "Bolt"}).json()["id"]
    assert program.post("companies/", {"name": "ACME"}).status_code == 409
    assert program.patch(f"companies/{other}/", {"name": "acme"}).status_code == 409
    assert list(Company.objects.order_by("pk").values_list("name", flat=True)) == ["Acme", "Bolt"]


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"name": ""},
        {"name": "A", "domains": ["acme"]},
        {"name": "A", "domains": ["[192.0.2.1]"]},
        {"name": "A", "domains": "x"},
    ],
)
def test_a_company_that_cannot_be_is_not_made(agent: Agent, wrong: dict[str, Any]) -> None:
    assert (Program(agent).post("companies/", wrong).status_code, Company.objects.count()) == (400, 0)


def test_a_company_with_people_stays_and_is_theirs_to_see(
    conversation: Conversation, agent: Agent, outsider: Agent
) -> None:
    company = Company.objects.create(name="Acme")
    people.change_profile(conversation.customer, {"company": company}, by=agent)
    path = f"companies/{company.pk}/"
    assert Program(agent).delete(path).status_code == 409
    hidden = Program(outsider)
    assert (hidden.get(path).status_code, hidden.delete(path).status_code) == (404, 404)
    assert hidden.get("companies/").json()["results"] == []
    assert hidden.patch(f"customers/{make_customer().pk}/", {"company": company.pk}).status_code == 400
    assert Company.objects.count() == 1
