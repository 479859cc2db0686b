"""Who may be one person is suggested with reasons, joined when proved, and left alone for good when rejected."""

from typing import Any

import pytest
from django.test import Client

from agents.models import Agent
from channels_app.models import Channel
from conversations import after, people
from conversations.merging import deciding, merge, parting, rejoining, suggesting
from conversations.models import Entry, Fact, MergeRecord, Suggestion
from customers import alike
from customers.alike import Reason
from customers.identify import Profile, identify
from customers.models import Company, Customer, Identity
from helpdesk.lib.inbound import Proof, Robot
from tests import factories
from tests.conftest import Hints
from tests.waiting import together

pytestmark = pytest.mark.django_db


def write(channel: Channel, address: str, text: str = "Hello", **fields: Any) -> Customer:
    inbound = factories.make_inbound(address=address, text=text, proof=Proof.PROVEN, **fields)
    customer = factories.receive(channel=channel, inbound=inbound).customer
    react()
    return customer


def react() -> None:
    """Run what happens after entries, until nothing is left to do."""
    for _round in range(5):
        waiting = list(Entry.objects.filter(done_at=None).values_list("pk", flat=True))
        if not waiting:
            return
        after.run(waiting)
    raise AssertionError("Entries keep setting each other off.")


def add(customer: Customer, kind: str, value: str, by: Agent, *, proved: bool = False) -> Identity:
    identity = people.add_identity(customer, kind, value, by=by)
    if proved:
        people.verify(identity, by=by)
    react()
    return identity


def found() -> list[tuple[int, int, int, str]]:
    rows = Suggestion.objects.order_by("pk").values_list("one", "two", "score", "state")
    return [(one, two, score, state) for one, two, score, state in rows]


@pytest.fixture
def anna(channel: Channel) -> Customer:
    return write(channel, "anna@example.test")


@pytest.fixture
def other(channel: Channel, anna: Customer) -> Customer:
    return write(channel, "a.b@example.test")


def test_the_same_number_unproved_is_suggested(anna: Customer, other: Customer, agent: Agent) -> None:
    add(anna, "phone", "+39 055 555 0118", agent)
    add(other, "whatsapp", "+390555550118", agent, proved=True)
    assert found() == [(anna.pk, other.pk, 60, "open")]
    assert suggesting.open_for(other, agent)[0].reasons[0].more == "+39 055 555 0118, not verified on both"


def test_a_look_that_began_before_leaves_what_another_found_meanwhile(
    anna: Customer, other: Customer, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slowly(_customer: Customer) -> list[Any]:
        # While this one reads, an address comes that both have, and whoever is told of it looks.
        monkeypatch.undo()
        add(anna, "phone", "+39 055 555 0118", agent)
        add(other, "whatsapp", "+390555550118", agent)
        return []

    monkeypatch.setattr(suggesting, "_others", slowly)
    suggesting.look(anna.pk)
    assert found() == [(anna.pk, other.pk, 60, "open")]


def test_a_number_that_both_have_proved_joins_them(anna: Customer, other: Customer, agent: Agent) -> None:
    add(anna, "phone", "+39 055 555 0118", agent, proved=True)
    add(other, "whatsapp", "+390555550118", agent, proved=True)
    record = MergeRecord.objects.get()
    other.refresh_from_db()
    assert (record.kept, record.other, record.by, other.merged_into) == (anna, other, None, anna)
    assert record.evidence == {"reasons": ["Same number"]}
    told = Entry.objects.get(kind="merge")
    assert (told.actor, told.by, told.data["act"]) == ("system", None, "merged")


def test_a_mail_address_that_a_portal_has_proved_joins_them(anna: Customer, agent: Agent) -> None:
    people.verify(anna.identities.get(), by=agent)
    log_in = identify("portal", "4711", Profile(display="anna@example.test"))[0]
    people.verify(log_in, by=agent, how="log-in")
    react()
    log_in.refresh_from_db()
    assert log_in.customer == anna


def test_an_unproved_mail_address_of_a_visitor_is_suggested_only(anna: Customer, agent: Agent) -> None:
    people.verify(anna.identities.get(), by=agent)
    visitor = identify("visitor", "v-1", Profile(display="anna@example.test"))[0]
    suggesting.look(visitor.customer_id)
    assert found() == [(anna.pk, visitor.customer_id, 60, "open")] and not MergeRecord.objects.exists()


def test_what_was_joined_and_parted_is_never_joined_again(anna: Customer, other: Customer, agent: Agent) -> None:
    add(anna, "phone", "+39 055 555 0118", agent, proved=True)
    whatsapp = add(other, "whatsapp", "+390555550118", agent, proved=True)
    merge.undo(MergeRecord.objects.get(), by=agent)
    react()
    people.doubt(whatsapp, by=agent)
    people.verify(whatsapp, by=agent)
    react()
    assert MergeRecord.objects.count() == 1
    assert [state for *_pair, state in found()] == ["rejected"]


def test_the_same_order_in_two_letters_is_suggested(channel: Channel) -> None:
    one = write(channel, "a@example.test", "Dov'è il mio ordine n. 10432?")
    two = write(channel, "b@example.test", "Unde este comanda #10432")
    write(channel, "c@example.test", "Order 10433 came")
    assert found() == [(one.pk, two.pk, 45, "open")]


def test_robots_quote_nothing(channel: Channel) -> None:
    write(channel, "shop@example.test", "Order 10432 confirmed", robot=Robot.AUTO_REPLY)
    assert not Fact.objects.exists()


def test_an_order_that_only_a_private_team_may_know_proves_nothing(channel: Channel) -> None:
    one = write(channel, "a@example.test", "Where is order 10432?")
    one.conversations.update(team=factories.make_team(is_private=True))
    write(channel, "b@example.test", "Where is order 10432?")
    assert found() == []


def test_the_same_name_in_the_same_company_is_suggested_and_alone_is_not(
    anna: Customer, other: Customer, agent: Agent
) -> None:
    for customer in (anna, other):
        people.change_profile(customer, {"name": "Anna Boni"}, by=agent)
        react()
    assert found() == []
    company = Company.objects.create(name="Boni srl")
    for customer in (anna, other):
        people.change_profile(customer, {"company": company}, by=agent)
        react()
    assert found() == [(anna.pk, other.pk, 36, "open")]


def test_look_alike_letters_speak_against(anna: Customer, other: Customer, agent: Agent) -> None:
    company = Company.objects.create(name="Boni srl")
    people.change_profile(anna, {"name": "Anna Boni", "company": company}, by=agent)
    people.change_profile(other, {"name": "\u0410nn\u0430 Boni", "company": company}, by=agent)
    react()
    assert found() == []
    anna.refresh_from_db()
    other.refresh_from_db()
    kinds = [(reason.kind, reason.weight) for reason in alike.reasons(anna, other)]
    assert kinds == [("company", "weak"), ("other_letters", "against")]


def test_look_alike_addresses_join_nobody(channel: Channel, agent: Agent) -> None:
    for address in ("anna@example.test", "\u0430nna@example.test", "anna@ex\u0430mple.test"):
        customer = write(channel, address)
        people.verify(customer.identities.get(), by=agent)
        react()
    assert Customer.objects.filter(merged_into=None).count() == 3 and found() == []


def test_what_was_rejected_is_left_alone_whoever_they_become(
    channel: Channel, anna: Customer, other: Customer, agent: Agent
) -> None:
    add(anna, "phone", "+39 055 555 0118", agent)
    add(other, "whatsapp", "+390555550118", agent)
    suggesting.reject(anna, other, by=agent)
    third = write(channel, "third@example.test")
    merge.merge(third, anna, by=agent)
    react()
    add(third, "phone", "+39 055 555 0119", agent)
    people.verify(Identity.objects.get(kind="whatsapp"), by=agent)
    people.verify(Identity.objects.get(value="+390555550118", kind="phone"), by=agent)
    react()
    assert [state for *_pair, state in found()] == ["rejected"]
    assert MergeRecord.objects.count() == 1 and deciding.are_two(third, other)


def test_a_suggestion_goes_over_to_whoever_they_become(
    channel: Channel, anna: Customer, other: Customer, agent: Agent
) -> None:
    add(anna, "phone", "+39 055 555 0118", agent)
    add(other, "whatsapp", "+390555550118", agent)
    third = write(channel, "third@example.test")
    merge.merge(third, anna, by=agent)
    react()
    assert [offer.other for offer in suggesting.open_for(third, agent)] == [other]


def test_what_no_longer_speaks_for_it_is_no_longer_suggested(anna: Customer, other: Customer, agent: Agent) -> None:
    add(anna, "phone", "+39 055 555 0118", agent)
    whatsapp = add(other, "whatsapp", "+390555550118", agent)
    people.remove_identity(whatsapp, by=agent)
    react()
    assert found() == []


def test_a_split_says_that_they_are_two_and_its_undo_takes_that_back(anna: Customer, agent: Agent) -> None:
    identity = add(anna, "email", "work@example.test", agent)
    record = parting.split(anna, identity, by=agent)
    assert deciding.are_two(anna, record.other)
    rejoining.undo(record, by=agent)
    assert not Suggestion.objects.exists()


def test_a_new_suggestion_is_hinted_at_on_both_pages(
    anna: Customer, other: Customer, agent: Agent, live: Hints, django_capture_on_commit_callbacks: Any
) -> None:
    people.add_identity(anna, "phone", "+39 055 555 0118", by=agent)
    people.add_identity(other, "whatsapp", "+390555550118", by=agent)
    with django_capture_on_commit_callbacks(execute=True):
        suggesting.look(anna.pk)
    assert {hint["customer"] for hint in live.of("hint") if hint["entry"] == 0} == {anna.pk, other.pk}


def test_reasons_make_a_score() -> None:
    number, order, name = (Reason(kind, "") for kind in ("number", "order", "name"))
    assert [alike.score_of(rows) for rows in ([], [number], [number, order, name])] == [0, 60, 82]
    assert alike.score_of([number, Reason("other_letters", "")]) == 24


@pytest.mark.django_db(transaction=True)
def test_two_workers_join_a_pair_once(channel: Channel, agent: Agent) -> None:
    one, two = (write(channel, f"p{n}@example.test") for n in range(2))
    for customer, kind in ((one, "phone"), (two, "whatsapp")):
        people.verify(people.add_identity(customer, kind, "+390555550118", by=agent), by=agent)
    together(lambda: suggesting.look(one.pk), lambda: suggesting.look(two.pk))
    assert MergeRecord.objects.count() == 1


def test_the_panel_says_why_and_takes_no_for_an_answer(
    client: Client, anna: Customer, other: Customer, agent: Agent
) -> None:
    add(anna, "phone", "+39 055 555 0118", agent)
    add(other, "whatsapp", "+390555550118", agent)
    client.force_login(agent)
    url = f"/customers/{anna.pk}/panel/"
    page = client.get(url).content.decode()
    assert "May be a.b@example.test (60 of 100)" in page and f"merge/?with={other.pk}" in page
    assert "not verified on both" in page
    fragment = {"HX-Request": "true"}
    answer = client.post(f"/customers/{anna.pk}/rejections/", {"with": other.pk}, headers=fragment)
    assert answer.status_code == 200 and "60 of 100" not in answer.content.decode()
    assert "60 of 100" not in client.get(f"/customers/{other.pk}/panel/").content.decode()
    client.post(f"/customers/{anna.pk}/rejections/", {"with": other.pk})
    assert Entry.objects.filter(kind="merge").count() == 1


def test_whom_one_does_not_see_is_not_suggested(client: Client, channel: Channel, agent: Agent, anna: Customer) -> None:
    hidden = write(factories.make_channel(team=factories.make_team(is_private=True)), "hidden@example.test")
    add(anna, "phone", "+39 055 555 0118", agent)
    add(hidden, "whatsapp", "+390555550118", agent)
    client.force_login(agent)
    assert Suggestion.objects.count() == 1
    assert "hidden@example.test" not in client.get(f"/customers/{anna.pk}/panel/").content.decode()
    assert client.post(f"/customers/{anna.pk}/rejections/", {"with": hidden.pk}).status_code == 404
    assert Suggestion.objects.get().state == "open"


def test_themselves_cannot_be_rejected(client: Client, agent: Agent, anna: Customer) -> None:
    client.force_login(agent)
    answer = client.post(f"/customers/{anna.pk}/rejections/", {"with": anna.pk}, headers={"HX-Request": "true"})
    assert answer.status_code == 409 and not Suggestion.objects.exists()
