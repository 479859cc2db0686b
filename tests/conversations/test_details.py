"""Custom fields of a customer: on the panel, in the profile, on the timeline, and when two become one."""

import re
from typing import Any

import pytest
from django.test import Client

from agents.models import Agent
from conversations import people, recording
from conversations.merging import merge
from conversations.models import Conversation, Entry
from conversations.reading.telling import tell
from customers import custom
from customers.models import Customer, CustomField
from tests import factories
from tests.conftest import Hints
from tests.waiting import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("conversation")]
SCRIPT = {"HX-Request": "true"}
ROWS = (
    ("dog", "Dog's name", "text"),
    ("spent", "Spent", "number"),
    ("birthday", "Birthday", "date"),
    ("wholesale", "Wholesale", "yes_no"),
    ("plan", "Plan", "choice"),
    ("sizes", "Sizes", "choices"),
    ("shop", "Own shop", "link"),
)
TYPED: dict[str, Any] = {
    "custom-dog": " Argo ", "custom-spent": "12,50", "custom-birthday": "1990-02-28", "custom-wholesale": "no",
    "custom-plan": "M", "custom-sizes": ["L", "S"], "custom-shop": "https://argo.example.test/",
}  # fmt: skip
KEPT = {"dog": "Argo", "spent": "12.5", "birthday": "1990-02-28", "wholesale": False, "plan": "M", "sizes": ["S", "L"],
        "shop": "https://argo.example.test/"}  # fmt: skip


@pytest.fixture(autouse=True)
def fields(db: None) -> None:
    for place, (slug, name, kind) in enumerate(ROWS):
        CustomField.objects.create(slug=slug, name=name, kind=kind, choices=["S", "M", "L"], position=place)


@pytest.fixture
def signed_in(client: Client, agent: Agent) -> Client:
    client.force_login(agent)
    return client


def learn(customer: Customer, by: Agent, **values: Any) -> Entry | None:
    return people.change_profile(customer, {f"custom-{slug}": value for slug, value in values.items()}, by=by)


def save(client: Client, customer: Customer, data: dict[str, Any]) -> Any:
    return client.post(f"/customers/{customer.pk}/profile/", data, headers=SCRIPT)


def kept(customer: Customer) -> dict[str, Any]:
    return Customer.objects.get(pk=customer.pk).custom


def test_every_kind_is_saved_from_the_profile_and_drawn_on_the_panel(signed_in: Client, customer: Customer) -> None:
    page = save(signed_in, customer, TYPED).content.decode()
    assert kept(customer) == KEPT
    assert '<a href="https://argo.example.test/" target="_blank" rel="noopener noreferrer nofollow"' in page
    assert "Feb. 28, 1990" in page and ">No<" in page and '<span class="chip">S</span>' in page
    assert Entry.objects.filter(kind="profile").count() == 1


def test_the_profile_shows_what_is_kept_and_saves_it_unchanged(signed_in: Client, customer: Customer) -> None:
    save(signed_in, customer, TYPED)
    page = signed_in.get(f"/customers/{customer.pk}/profile/").content.decode()
    ticked = re.findall(r'name="custom-sizes" value="(.)"[^>]* checked', page)
    assert ticked == ["S", "L"]
    assert '<option value="no" selected>' in page and 'value="1990-02-28"' in page
    shown = {"custom-dog": "Argo", "initial-custom-dog": "Argo", "custom-wholesale": "no",
             "initial-custom-wholesale": "no", "custom-sizes": ["S", "L"], "initial-custom-sizes": "S\nL"}  # fmt: skip
    save(signed_in, customer, shown)
    assert Entry.objects.filter(kind="profile").count() == 1


def test_boxes_can_all_be_left_empty_again(signed_in: Client, customer: Customer, agent: Agent) -> None:
    learn(customer, agent, sizes=["S"])
    save(signed_in, customer, {"initial-custom-sizes": "S", "name": "Giulia Tedesco"})
    assert kept(customer) == {}
    learn(customer, agent, sizes=["S"])
    save(signed_in, customer, {"name": "Giulia Tedesco"})
    assert kept(customer) == {"sizes": ["S"]}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("spent", "NaN"), ("birthday", "2026-02-30"), ("wholesale", "perhaps"), ("plan", "XL"), ("sizes", ["XL"]),
        ("shop", "javascript:alert(1)"), ("dog", "x" * 10_000), ("dog", "a\u202eb"),
    ],
)  # fmt: skip
def test_a_value_that_does_not_fit_comes_back_with_a_sentence(
    signed_in: Client, customer: Customer, name: str, value: Any
) -> None:
    answer = save(signed_in, customer, {f"custom-{name}": value, "name": "Other"})
    assert (answer.status_code, 'class="wrong"' in answer.content.decode()) == (422, True)
    customer.refresh_from_db()
    assert (customer.name, customer.custom, Entry.objects.filter(kind="profile").count()) == ("Giulia Tedesco", {}, 0)


def test_too_much_together_is_said_and_changes_nothing(signed_in: Client, customer: Customer) -> None:
    Customer.objects.filter(pk=customer.pk).update(custom={"old": "x" * 65_000})
    answer = save(signed_in, customer, {"custom-dog": "y" * 1_000, "name": "Other"})
    assert (answer.status_code, "together are too long" in answer.content.decode()) == (422, True)
    customer.refresh_from_db()
    assert (customer.name, set(customer.custom)) == ("Giulia Tedesco", {"old"})


@pytest.mark.parametrize("name", ["custom-gone", "custom-", "custom", "merged_into"])
def test_what_is_no_field_is_refused(customer: Customer, agent: Agent, name: str) -> None:
    with pytest.raises(ValueError):
        people.change_profile(customer, {name: "x", "name": "Other"}, by=agent)
    customer.refresh_from_db()
    assert customer.name == "Giulia Tedesco"


def test_the_timeline_tells_it_by_the_name_of_then(customer: Customer, agent: Agent, live: Hints) -> None:
    entry = learn(customer, agent, dog="Argo", wholesale=True)
    assert entry is not None
    CustomField.objects.filter(slug="dog").update(name="Pet")
    CustomField.objects.filter(slug="wholesale").delete()
    assert tell([entry], agent)[0].words == "changed the profile: Dog's name: Argo, Wholesale: Yes"
    assert entry.data["before"] == {"custom-dog": None, "custom-wholesale": None}
    again = learn(customer, agent, dog=None)
    assert again is not None and tell([again], agent)[0].words == "changed the profile: Pet: –"
    assert learn(customer, agent, dog=None) is None


def test_colleagues_see_it_at_once(
    customer: Customer, agent: Agent, live: Hints, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        learn(customer, agent, dog="Argo")
    assert [hint["kind"] for hint in live.of("hint")] == ["profile"]


def test_a_long_value_is_cut_in_the_words_of_the_event(customer: Customer, agent: Agent) -> None:
    entry = learn(customer, agent, dog="x" * 2_000)
    assert entry is not None and len(tell([entry], agent)[0].words) < 200


def test_a_detail_that_a_colleague_changed_meanwhile_is_asked_about(
    signed_in: Client, customer: Customer, agent: Agent, colleague: Agent
) -> None:
    learn(customer, agent, birthday="1990-02-28", sizes=["S"])
    old = {"initial-custom-birthday": "1990-02-28", "initial-custom-sizes": "S", "custom-sizes": ["S"]}
    learn(customer, colleague, birthday="1991-03-01", sizes=["M"])
    answer = save(signed_in, customer, {**old, "custom-birthday": "1992-01-01"})
    assert answer.status_code == 409
    assert "Bruno Rossi changed Birthday to March 1, 1991." in answer.content.decode()
    assert kept(customer) == {"birthday": "1991-03-01", "sizes": ["M"]}
    save(signed_in, customer, {**old, "custom-birthday": "1992-01-01", "initial-custom-birthday": "1991-03-01"})
    assert kept(customer) == {"birthday": "1992-01-01", "sizes": ["M"]}


@pytest.mark.django_db(transaction=True)
def test_two_who_fill_two_details_at_once_lose_none(customer: Customer, agent: Agent, colleague: Agent) -> None:
    together(lambda: learn(customer, agent, dog="Argo"), lambda: learn(customer, colleague, spent="5"))
    assert kept(customer) == {"dog": "Argo", "spent": "5"}


@pytest.mark.django_db(transaction=True)
def test_of_two_who_change_one_detail_at_once_one_is_asked(customer: Customer, agent: Agent, colleague: Agent) -> None:
    def change(by: Agent, dog: str) -> object:
        return people.change_profile(customer, {"custom-dog": dog}, by=by, known={"custom-dog": None})

    results = together(lambda: change(agent, "Argo"), lambda: change(colleague, "Bella"))
    assert sorted(type(one).__name__ for one in results) == ["ChangedMeanwhile", "Entry"]


def two(agent: Agent, customer: Customer) -> Customer:
    other = factories.make_customer(name="G. Tedesco")
    learn(customer, agent, dog="Argo", spent="5", wholesale=True)
    learn(other, agent, dog="Bella", birthday="1990-02-28")
    return other


def test_details_are_chosen_one_by_one_when_two_become_one(signed_in: Client, customer: Customer, agent: Agent) -> None:
    other = two(agent, customer)
    recording.tag_customer(other, "vip", by=agent)
    page = signed_in.get(f"/customers/{customer.pk}/merge/?with={other.pk}").content.decode()
    assert (
        "Dog&#x27;s name" in page and "Argo" in page and "Bella" in page and "Feb. 28, 1990" in page and ">vip<" in page
    )
    chosen = {"with": other.pk, "custom-dog": "other", "custom-wholesale": "other", "custom-spent": "kept"}
    signed_in.post(f"/customers/{customer.pk}/merge/", chosen)
    assert kept(customer) == {"dog": "Bella", "spent": "5", "birthday": "1990-02-28"}


def test_undoing_brings_both_sides_details_back_where_nobody_changed_them_since(
    customer: Customer, agent: Agent
) -> None:
    other = two(agent, customer)
    before = kept(customer), kept(other)
    record = merge.merge(customer, other, by=agent, plan=merge.Plan(take=frozenset({"custom-dog"})))
    learn(customer, agent, spent="7", plan="M")
    merge.undo(record, by=agent)
    assert kept(customer) == {**before[0], "spent": "7", "plan": "M"}
    assert kept(other) == before[1]


def test_a_link_of_another_road_is_shown_but_not_followed(signed_in: Client, customer: Customer) -> None:
    Customer.objects.filter(pk=customer.pk).update(custom={"shop": "javascript:alert(1)", "plan": "<b>"})
    page = signed_in.get(f"/customers/{customer.pk}/panel/").content.decode()
    assert "javascript:alert(1)" in page and 'href="javascript' not in page and "&lt;b&gt;" in page


def test_the_preferred_address_stands_among_the_preferences(
    signed_in: Client, customer: Customer, agent: Agent
) -> None:
    assert "Preferred address" not in signed_in.get(f"/customers/{customer.pk}/panel/").content.decode()
    people.change_profile(customer, {"preferred_identity": customer.identities.get()}, by=agent)
    assert "Preferred address" in signed_in.get(f"/customers/{customer.pk}/panel/").content.decode()


def test_a_value_of_the_api_is_held_to_the_same_rules(customer: Customer, agent: Agent) -> None:
    with pytest.raises(custom.Wrong):
        learn(customer, agent, spent=float("nan"), dog="Argo")
    assert kept(customer) == {} and not Entry.objects.filter(kind="profile").exists()


def test_what_an_outsider_may_not_see_stays_unsaid(
    client: Client, outsider: Agent, conversation: Conversation, agent: Agent
) -> None:
    learn(conversation.customer, agent, dog="Argo")
    client.force_login(outsider)
    assert save(client, conversation.customer, {"custom-dog": "Bella"}).status_code == 404
    assert kept(conversation.customer) == {"dog": "Argo"}
