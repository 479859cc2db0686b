"""What happens to a person: addresses and profile, each told on the timeline."""

from datetime import time
from functools import partial

import pytest
from django.db import connection

from agents.models import Agent
from conversations import people
from conversations.models import Conversation, Entry
from conversations.reading.telling import tell
from customers.models import Customer, Identity
from tests.factories import make_customer
from tests.waiting import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("conversation")]


def words(customer: Customer, reader: Agent) -> list[str]:
    rows = Entry.objects.filter(customer=customer).exclude(kind="message").select_related("by", "customer")
    return [told.words for told in tell(rows.order_by("seq"), reader)]


def test_an_added_address_is_told(customer: Customer, agent: Agent) -> None:
    identity = people.add_identity(customer, "phone", "+39 055 555 0101", by=agent)
    assert (identity.value, identity.label, identity.customer) == ("+390555550101", "+39 055 555 0101", customer)
    assert words(customer, agent) == ["added the address +39 055 555 0101"]


def test_an_address_they_have_already_changes_nothing(customer: Customer, agent: Agent) -> None:
    first = people.add_identity(customer, "email", "g@example.test", by=agent)
    assert people.add_identity(customer, "email", " G@Example.TEST ", by=agent) == first
    assert len(words(customer, agent)) == 1


def test_somebody_elses_address_is_refused(customer: Customer, agent: Agent) -> None:
    other = make_customer(name="Mihai", address="mihai@example.test")
    with pytest.raises(people.TakenBy) as refused:
        people.add_identity(customer, "email", "mihai@example.test", by=agent)
    assert refused.value.identity.customer == other
    assert words(customer, agent) == []


def test_junk_is_refused(customer: Customer, agent: Agent) -> None:
    with pytest.raises(ValueError):
        people.add_identity(customer, "phone", "call me", by=agent)


@pytest.mark.django_db(transaction=True)
def test_one_address_added_to_two_people_at_once_belongs_to_one(conversation: Conversation, agent: Agent) -> None:
    others = [conversation.customer, make_customer(name="Mihai", address="mihai@example.test")]
    for number in range(5):
        value = f"new{number}@example.test"
        results = together(*(partial(people.add_identity, who, "email", value, by=agent) for who in others))
        assert sorted(type(result).__name__ for result in results) == ["Identity", "TakenBy"]
        assert Identity.objects.filter(value=value).count() == 1


def test_an_address_that_was_never_used_can_be_removed(customer: Customer, agent: Agent) -> None:
    identity = people.add_identity(customer, "email", "typo@example.test", by=agent)
    people.change_profile(customer, {"preferred_identity": identity}, by=agent)
    people.remove_identity(identity, by=agent)
    customer.refresh_from_db()
    assert (customer.preferred_identity, Identity.objects.filter(value="typo@example.test").exists()) == (None, False)
    assert words(customer, agent)[-1] == "removed the address typo@example.test"


def test_an_address_they_wrote_from_stays(customer: Customer, agent: Agent) -> None:
    with pytest.raises(people.InUse):
        people.remove_identity(customer.identities.get(), by=agent)
    assert customer.identities.count() == 1


def test_an_address_with_a_consent_stays(customer: Customer, agent: Agent) -> None:
    identity = people.add_identity(customer, "email", "offers@example.test", by=agent)
    identity.consents.create(purpose="offers", state="refused")
    with pytest.raises(people.InUse):
        people.remove_identity(identity, by=agent)


def test_a_proof_is_noted_once_and_can_be_taken_back(customer: Customer, agent: Agent) -> None:
    identity = customer.identities.get()
    people.doubt(identity, by=agent)
    assert [people.verify(identity, by=agent), people.verify(identity, by=agent)] == [True, False]
    identity.refresh_from_db()
    assert (identity.is_verified, identity.verified_by) == (True, agent.name)
    assert people.doubt(identity, by=agent)
    identity.refresh_from_db()
    assert not identity.is_verified


def test_who_opted_out_is_written_to_no_more(customer: Customer, agent: Agent) -> None:
    identity = customer.identities.get()
    assert people.opt_out(identity, by=agent, reason="Asked on the phone")
    identity.refresh_from_db()
    assert identity.opted_out_reason == "Asked on the phone"
    assert "(Asked on the phone)" in words(customer, agent)[-1]
    assert people.opt_in(identity, by=agent) and not people.opt_in(identity, by=agent)


def test_a_profile_tells_only_what_changed(customer: Customer, agent: Agent) -> None:
    people.change_profile(customer, {"language": "it", "quiet_from": time(21), "quiet_until": time(9)}, by=agent)
    entry = people.change_profile(customer, {"language": "it", "name": "Giulia Tassinari"}, by=agent)
    assert entry is not None and entry.data["after"] == {"name": "Giulia Tassinari"}
    assert people.change_profile(customer, {"language": "it"}, by=agent) is None


def test_a_preferred_address_must_be_their_own(customer: Customer, agent: Agent) -> None:
    other = make_customer(name="Mihai", address="mihai@example.test").identities.get()
    with pytest.raises(ValueError):
        people.change_profile(customer, {"preferred_identity": other}, by=agent)
    with pytest.raises(ValueError):
        people.change_profile(customer, {"last_seq": 5}, by=agent)


def test_nothing_is_done_outside_a_lock(customer: Customer, agent: Agent) -> None:
    connection.queries_log.clear()
    connection.force_debug_cursor = True
    people.add_identity(customer, "email", "x@example.test", by=agent)
    connection.force_debug_cursor = False
    assert any("FOR NO KEY UPDATE" in query["sql"] for query in connection.queries)
