"""Customers by API: found, made, read and changed by the functions of the pages."""

import threading
from typing import Any

import pytest
from django.db import close_old_connections, connection

from agents.models import Agent
from conversations import people
from conversations.merging import merge
from conversations.models import Conversation, Entry
from customers.models import Company, Customer, CustomField, Identity
from tests.factories import make_agent, make_customer, make_identity
from tests.program import GIULIA, Program

pytestmark = pytest.mark.django_db
NEW = {"name": "Elena Pop", "language": "ro", "identities": [{"kind": "email", "value": "Elena@example.test"}]}


def ids(answer: Any) -> list[int]:
    return [row["id"] for row in answer.json()["results"]]


def test_customers_come_newest_first_in_pages_without_gap_or_double(agent: Agent) -> None:
    made = [make_customer(name=f"Person {number}").pk for number in range(51)]
    program = Program(agent)
    first = program.get("customers/")
    second = program.client.get(first.json()["next"])
    assert (len(ids(first)), ids(first) + ids(second), second.json()["next"]) == (50, made[::-1], None)


def test_a_list_asks_as_much_for_many_as_for_one(agent: Agent, django_assert_max_num_queries: Any) -> None:
    for number in range(10):
        make_customer(name=f"Person {number}")
    with django_assert_max_num_queries(6):
        assert len(ids(Program(agent).get("customers/"))) == 10


@pytest.mark.parametrize(
    "asked",
    [{"address": "GIULIA@example.test"}, {"q": "tedes"}, {"address": "+39 02 555 0100", "kind": "phone"}],
    ids=str,
)
def test_customers_are_found(conversation: Conversation, agent: Agent, asked: dict[str, str]) -> None:
    make_customer(name="Somebody Else")
    people.add_identity(conversation.customer, "phone", "+39025550100", by=agent)
    assert ids(Program(agent).get("customers/", **asked)) == [conversation.customer_id]


def test_customers_of_a_company(agent: Agent) -> None:
    company, works_there = Company.objects.create(name="Acme"), make_customer(name="Works There")
    make_customer(name="Works Elsewhere")
    people.change_profile(works_there, {"company": company}, by=agent)
    assert ids(Program(agent).get("customers/", company=company.pk)) == [works_there.pk]


def test_hidden_and_merged_customers_are_not_in_the_list(
    conversation: Conversation, agent: Agent, outsider: Agent
) -> None:
    other = make_customer(name="Twin")
    merge.merge(conversation.customer, other, by=agent)
    assert ids(Program(agent).get("customers/")) == [conversation.customer_id]
    assert Program(outsider).get("customers/", q="giulia").json() == {"results": [], "next": None}
    assert ids(Program(outsider).get("customers/", address=GIULIA)) == []


def test_a_customer_is_told_in_full(customer: Customer, agent: Agent) -> None:
    said = Program(agent).get(f"customers/{customer.pk}/").json()
    assert (said["name"], said["merged_into"], said["custom"]) == ("Giulia Tedesco", None, {})
    assert [(row["kind"], row["value"], row["is_verified"]) for row in said["identities"]] == [("email", GIULIA, False)]


def test_a_new_customer_is_told_on_their_timeline(agent: Agent) -> None:
    answer = Program(agent).post("customers/", {**NEW, "time_zone": "Europe/Bucharest"})
    made = Customer.objects.get()
    assert (answer.status_code, answer.json()["id"]) == (201, made.pk)
    assert (made.name, made.language, made.time_zone) == ("Elena Pop", "ro", "Europe/Bucharest")
    assert made.identities.get().value == "elena@example.test"
    told = [(entry.kind, entry.by) for entry in Entry.objects.order_by("seq")]
    assert told == [("identity", agent), ("profile", agent)]


def test_an_address_that_is_somebodys_makes_nobody(conversation: Conversation, agent: Agent, outsider: Agent) -> None:
    taken = {**NEW, "identities": [*NEW["identities"], {"kind": "email", "value": GIULIA}]}  # type: ignore[misc]
    said = [Program(who).post("customers/", taken) for who in (agent, outsider)]
    assert [(one.status_code, one.json()["code"], one.json().get("customer")) for one in said] == [
        (409, "taken", conversation.customer_id),
        (409, "taken", None),
    ]
    assert (Customer.objects.count(), Identity.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"identities": []},
        {"identities": [{"kind": "phone", "value": "soon"}]},
        {"identities": [{"kind": "visitor", "value": "x"}]},
        {"identities": [{"kind": "other", "value": "\U0001d160" * 320}]},
        {"language": "klingon"},
        {"time_zone": "Mars/Base"},
        {"company": 7},
        {"quiet_from": "22:00"},
        {"name": "x\0y"},
        {"name": "x" * 201},
    ],
    ids=lambda wrong: str(wrong)[:60],
)
def test_a_customer_who_cannot_be_is_not_made(agent: Agent, wrong: dict[str, Any]) -> None:
    answer = Program(agent).post("customers/", {**NEW, **wrong})
    assert (answer.status_code, list(answer.json()["errors"])) in [(400, list(wrong)), (400, ["quiet_until"])]
    assert Customer.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_two_programs_at_once_make_one_customer(agent: Agent) -> None:
    codes: list[int] = []
    start = threading.Barrier(2)

    def make(program: Program) -> None:
        start.wait(10)
        codes.append(program.post("customers/", NEW).status_code)
        close_old_connections()
        connection.close()

    threads = [threading.Thread(target=make, args=(Program(agent),)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (sorted(codes), Customer.objects.count()) == ([201, 409], 1)


def test_a_change_is_told_and_answers_with_another_mark(customer: Customer, agent: Agent) -> None:
    program, path = Program(agent), f"customers/{customer.pk}/"
    first = program.get(path).headers["ETag"]
    answer = program.patch(path, {"name": "Giulia T.", "quiet_from": "22:00", "quiet_until": "07:00"})
    assert (answer.status_code, answer.json()["name"], answer.json()["quiet_from"]) == (200, "Giulia T.", "22:00:00")
    assert answer.headers["ETag"] == program.get(path).headers["ETag"] != first
    entry = Entry.objects.get(kind="profile")
    assert (entry.by, entry.data["after"]["name"]) == (agent, "Giulia T.")


def test_a_change_of_what_one_has_not_seen_is_refused(customer: Customer, agent: Agent, colleague: Agent) -> None:
    program, path = Program(agent), f"customers/{customer.pk}/"
    seen = program.get(path).headers["ETag"]
    people.change_profile(customer, {"name": "Julia"}, by=colleague)
    late = program.patch(path, {"name": "Giulia T."}, **{"If-Match": seen})
    known = program.patch(path, {"name": "Giulia T.", "known": {"name": "Giulia Tedesco"}})
    assert (late.status_code, known.status_code, known.json()["now"]) == (412, 409, {"name": "Julia"})
    customer.refresh_from_db()
    assert customer.name == "Julia"


def test_a_change_of_what_one_has_seen_goes_through(customer: Customer, agent: Agent) -> None:
    program, path = Program(agent), f"customers/{customer.pk}/"
    seen = program.get(path).headers["ETag"]
    assert program.patch(path, {"name": "Julia"}, **{"If-Match": f'"other", {seen}'}).status_code == 200
    assert program.patch(path, {"name": "Giulia", "known": {"name": "Julia", "company": None}}).status_code == 200
    assert program.patch(path, {"name": "G."}, **{"If-Match": "*"}).status_code == 200


def test_a_company_that_was_known_and_is_gone_is_a_conflict(customer: Customer, agent: Agent) -> None:
    company = Company.objects.create(name="Acme")
    answer = Program(agent).patch(f"customers/{customer.pk}/", {"company": company.pk, "known": {"company": 999}})
    assert (answer.status_code, Customer.objects.get().company) == (409, None)


def test_a_preferred_address_is_one_of_theirs(customer: Customer, agent: Agent) -> None:
    program, path = Program(agent), f"customers/{customer.pk}/"
    own, foreign = make_identity(address="g@example.test", customer=customer), make_customer().identities.get()
    assert program.patch(path, {"preferred_identity": foreign.pk}).status_code == 400
    assert program.patch(path, {"preferred_identity": own.pk}).json()["preferred_identity"] == own.pk
    assert [row["is_preferred"] for row in program.get(path).json()["identities"]] == [False, True]


def test_what_the_desk_notes_itself_is_not_written(customer: Customer, agent: Agent) -> None:
    sent = {"is_blocked": True, "merged_into": 1, "first_seen_at": None}
    assert Program(agent).patch(f"customers/{customer.pk}/", sent).status_code == 200
    customer.refresh_from_db()
    assert (customer.is_blocked, customer.merged_into, Entry.objects.count()) == (False, None, 0)


def test_a_merged_customer_leads_to_who_is_left(conversation: Conversation, agent: Agent, outsider: Agent) -> None:
    other, last = make_customer(name="Twin"), conversation.customer
    merge.merge(last, other, by=agent)
    path = f"customers/{other.pk}/"
    assert Program(agent).get(path).json()["merged_into"] == last.pk
    refused = Program(agent).patch(path, {"name": "X"})
    assert (refused.status_code, refused.json()["code"], refused.json()["merged_into"]) == (409, "merged", last.pk)
    assert Program(outsider).get(path).status_code == 404


def test_a_role_that_does_not_write_reads_only(customer: Customer, team: Any) -> None:
    reader = Program(make_agent(name="Lia Verdi", role="light", teams=(team,)))
    path = f"customers/{customer.pk}/"
    assert reader.get(path).status_code == 200
    assert (reader.patch(path, {"name": "X"}).status_code, reader.post("customers/", NEW).status_code) == (403, 403)
    assert (Customer.objects.get().name, Entry.objects.count()) == ("Giulia Tedesco", 0)


@pytest.fixture
def size() -> CustomField:
    return CustomField.objects.create(slug="size", name="Shoe size", kind="number")


def test_a_custom_field_is_written_told_and_taken_away(customer: Customer, agent: Agent, size: CustomField) -> None:
    program, path = Program(agent), f"customers/{customer.pk}/"
    assert program.patch(path, {"custom": {size.slug: "39.50"}}).json()["custom"] == {"size": "39.5"}
    assert program.get(path).json()["custom"] == {"size": "39.5"}
    assert program.patch(path, {"custom": {size.slug: None}}).json()["custom"] == {}
    told = Entry.objects.filter(kind="profile").order_by("pk").values_list("data__after__custom-size", flat=True)
    assert list(told) == ["39.5", None]


@pytest.mark.parametrize(
    ("custom", "field"), [({"size": "large"}, "size"), ({"hat": "7"}, "hat"), ({"size": {"a": 1}}, "size")]
)
def test_a_custom_field_that_cannot_be_is_said_by_name(
    customer: Customer, agent: Agent, size: CustomField, custom: dict[str, Any], field: str
) -> None:
    answer = Program(agent).patch(f"customers/{customer.pk}/", {"name": "New", "custom": custom})
    assert (answer.status_code, list(answer.json()["errors"]["custom"])) == (400, [field])
    customer.refresh_from_db()
    assert (customer.name, customer.custom) == ("Giulia Tedesco", {})


def test_a_custom_field_that_somebody_changed_is_a_conflict(
    customer: Customer, agent: Agent, colleague: Agent, size: CustomField
) -> None:
    program, path = Program(agent), f"customers/{customer.pk}/"
    seen = program.get(path).headers["ETag"]
    people.change_profile(customer, {"custom-size": "40"}, by=colleague)
    known = program.patch(path, {"custom": {"size": "41"}, "known": {"custom": {"size": "39"}}})
    assert (known.status_code, known.json()["now"]) == (409, {"custom": {"size": "40"}})
    assert program.patch(path, {"custom": {"size": "41"}}, **{"If-Match": seen}).status_code == 412
    assert program.patch(path, {"custom": {"size": "41"}, "known": {"custom": {"size": "40"}}}).status_code == 200


def test_a_new_customer_has_custom_fields(agent: Agent, size: CustomField) -> None:
    made = Program(agent).post("customers/", {**NEW, "custom": {"size": 38}})
    assert (made.status_code, made.json()["custom"]) == (201, {"size": "38"})


@pytest.mark.parametrize("slug", ["\0", "a\0b"])
def test_a_field_whose_name_cannot_be_is_refused(conversation: Conversation, agent: Agent, slug: str) -> None:
    answer = Program(agent).patch(f"customers/{conversation.customer_id}/", {"custom": {slug: "x"}})
    assert (answer.status_code, "There is no such field." in str(answer.json())) == (400, True)
