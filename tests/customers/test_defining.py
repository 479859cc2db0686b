"""Which custom fields there are: what can be changed of them, and what their values forbid."""

import pytest
from django.db import connection

from agents.models import Agent, AuditRow
from customers import custom, defining
from customers.models import Customer, CustomField
from tests.factories import make_agent, make_customer
from tests.waiting import together

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(db: None) -> Agent:
    return make_agent(name="Ada", role="admin")


def fill(customer: Customer, **values: object) -> None:
    Customer.objects.filter(pk=customer.pk).update(custom=values)


def audits() -> list[tuple[dict[str, object], dict[str, object]]]:
    return list(AuditRow.objects.filter(thing="custom_fields").order_by("pk").values_list("before", "after"))


def test_a_field_is_added_at_the_end_and_told(admin: Agent) -> None:
    first = defining.add("  Shoe   size ", "number", by=admin)
    second = defining.add("Più taglie?", "choices", "S\n\n M \nS\r\nL", by=admin)
    assert (first.slug, first.name, second.slug, second.choices) == (
        "shoe-size", "Shoe size", "piu-taglie", ["S", "M", "L"],
    )  # fmt: skip
    assert custom.fields() == [first, second]
    assert audits()[0] == ({}, {"field": "shoe-size", "name": "Shoe size", "kind": "number", "choices": []})


def test_slugs_are_never_shared(admin: Agent) -> None:
    slugs = [defining.add(name, "text", by=admin).slug for name in ("Size!", "Size?", "尺寸", "大小", "x" * 80)]
    assert slugs == ["size", "size-2", "field", "field-2", "x" * 44]


@pytest.mark.parametrize(
    ("name", "kind", "choices", "wrong"),
    [
        ("", "text", "", "name"), ("x" * 81, "text", "", "name"), ("a\u202eb", "text", "", "name"),
        ("size", "text", "", "name"), ("Plan", "choice", " \n ", "choices"), ("Plan", "choice", "x" * 81, "choices"),
        ("Plan", "choices", "\n".join(map(str, range(51))), "choices"), ("Plan", "choice", "x" * 10**7, "choices"),
    ],
)  # fmt: skip
def test_a_field_that_cannot_be_is_refused(admin: Agent, name: str, kind: str, choices: str, wrong: str) -> None:
    defining.add("Size", "text", by=admin)
    with pytest.raises(defining.Refused) as refused:
        defining.add(name, kind, choices, by=admin)
    assert (refused.value.field, CustomField.objects.count(), len(audits())) == (wrong, 1, 1)


def test_there_are_only_so_many(admin: Agent) -> None:
    CustomField.objects.bulk_create(CustomField(slug=f"f{n}", name=f"F{n}") for n in range(custom.FIELDS_MAX))
    with pytest.raises(defining.Refused):
        defining.add("One more", "text", by=admin)


def test_renaming_keeps_the_slug_and_every_value(admin: Agent, customer: Customer) -> None:
    row = defining.add("Size", "text", by=admin)
    fill(customer, size="44")
    assert defining.change(row, "Shoe size", "text", by=admin).slug == "size"
    assert [one.name for one in custom.details({"size": "44"})] == ["Shoe size"]
    defining.change(row, "Shoe size", "text", by=admin)
    assert len(audits()) == 2


def test_a_kind_that_customers_have_values_of_stays(admin: Agent, customer: Customer) -> None:
    row = defining.add("Size", "text", by=admin)
    defining.change(row, "Size", "number", by=admin)
    fill(customer, size="44")
    with pytest.raises(defining.Refused, match="1 customer has a value here, so the kind stays"):
        defining.change(row, "Sizes", "text", by=admin)
    row.refresh_from_db()
    assert (row.kind, row.name) == ("number", "Size")


@pytest.mark.parametrize(("kind", "value"), [("choice", "M"), ("choices", ["S", "M"])])
def test_a_choice_that_customers_have_stays(admin: Agent, customer: Customer, kind: str, value: object) -> None:
    row = defining.add("Size", kind, "S\nM\nL", by=admin)
    fill(customer, size=value)
    with pytest.raises(defining.Refused, match="1 customer has “M”"):
        defining.change(row, "Size", kind, "S\nL", by=admin)
    assert defining.change(row, "Size", kind, "XL\nM\nS", by=admin).choices == ["XL", "M", "S"]


def test_values_of_who_was_merged_away_count_for_an_undo(admin: Agent, customer: Customer) -> None:
    row = defining.add("Size", "text", by=admin)
    gone = make_customer(name="Double")
    Customer.objects.filter(pk=gone.pk).update(custom={"size": "44"}, merged_into=customer)
    with pytest.raises(defining.Refused):
        defining.change(row, "Size", "number", by=admin)
    assert defining.count_of(row) == 0


def test_fields_change_places_with_their_neighbours(admin: Agent) -> None:
    one, two, three = (defining.add(name, "text", by=admin) for name in ("One", "Two", "Three"))
    assert defining.move(three, by=admin, is_up=True) and defining.move(one, by=admin, is_up=False)
    assert custom.fields() == [three, one, two]
    assert not defining.move(three, by=admin, is_up=True) and not defining.move(two, by=admin, is_up=False)
    assert audits()[-1] == ({"order": ["one", "three", "two"]}, {"order": ["three", "one", "two"]})


def test_a_field_goes_with_its_values_once_their_number_was_seen(
    admin: Agent, customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(defining, "BATCH", 1)
    row, other = defining.add("Size", "text", by=admin), make_customer(name="Mihai")
    fill(customer, size="44", dog="Argo")
    fill(other, size="40")
    with pytest.raises(defining.Counted) as counted:
        defining.remove(row, by=admin, known=1)
    assert (counted.value.count, CustomField.objects.count()) == (2, 1)
    defining.remove(row, by=admin, known=2)
    assert [Customer.objects.get(pk=one.pk).custom for one in (customer, other)] == [{"dog": "Argo"}, {}]
    assert audits()[-1][0]["customers"] == 2 and not CustomField.objects.exists()


def test_values_are_counted_and_found_by_an_index(admin: Agent, customer: Customer) -> None:
    row, empty = defining.add("Size", "choice", "S\nM", by=admin), defining.add("Dog", "text", by=admin)
    fill(customer, size="S")
    assert defining.counts([row, empty]) == {row.pk: 1, empty.pk: 0}
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
    for rows in (Customer.objects.with_detail("size"), Customer.objects.with_choice("size", "S")):
        assert [one.pk for one in rows] == [customer.pk] and "customer_custom" in rows.explain()


@pytest.mark.django_db(transaction=True)
def test_two_who_add_a_field_of_one_name_add_one(admin: Agent) -> None:
    results = together(lambda: defining.add("Dog", "text", by=admin), lambda: defining.add("dog", "text", by=admin))
    assert sorted(type(one).__name__ for one in results) == ["CustomField", "Refused"]
