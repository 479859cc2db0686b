"""Comparing and merging two customers on their pages, and taking it back."""

import pytest
from django.test import Client

from agents.models import Agent, Team
from channels_app.models import Channel
from conversations import people
from conversations.merging import merge
from conversations.models import MergeRecord
from customers import alike
from customers.models import Customer, Identity
from tests import factories

pytestmark = pytest.mark.django_db


def person(channel: Channel, address: str, name: str) -> Customer:
    inbound = factories.make_inbound(address=address, name=name, text=f"This is {name}")
    return factories.receive(channel=channel, inbound=inbound).customer


@pytest.fixture
def giulia(channel: Channel) -> Customer:
    return person(channel, "giulia@example.test", "Giulia")


@pytest.fixture
def shopper(channel: Channel) -> Customer:
    return person(channel, "giu.shop@example.test", "Giu T.")


@pytest.fixture
def signed_in(client: Client, agent: Agent) -> Client:
    client.force_login(agent)
    return client


def share_number(one: Customer, two: Customer, by: Agent) -> None:
    people.add_identity(one, "phone", "+39 055 555 0118", by=by)
    people.add_identity(two, "whatsapp", "+390555550118", by=by)


def test_the_comparison_shows_both_and_what_speaks_for_it(
    signed_in: Client, giulia: Customer, shopper: Customer, agent: Agent
) -> None:
    share_number(giulia, shopper, agent)
    page = signed_in.get(f"/customers/{giulia.pk}/merge/?with={shopper.pk}").content.decode()
    assert "Same number" in page and "Names differ" in page and "Merge into Giulia" in page
    assert "This is Giulia" in page and "This is Giu T." in page and page.count("joins") >= 1


def test_a_merge_keeps_what_was_chosen(signed_in: Client, giulia: Customer, shopper: Customer) -> None:
    answer = signed_in.post(f"/customers/{giulia.pk}/merge/", {"with": shopper.pk, "name": "other"})
    giulia.refresh_from_db()
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/customers/{giulia.pk}/")
    assert (giulia.name, giulia.identities.count()) == ("Giu T.", 2)
    assert signed_in.get(f"/customers/{shopper.pk}/").headers["Location"] == f"/customers/{giulia.pk}/"


def test_a_merge_that_is_asked_for_twice_is_one(signed_in: Client, giulia: Customer, shopper: Customer) -> None:
    answers = [signed_in.post(f"/customers/{giulia.pk}/merge/", {"with": shopper.pk}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert MergeRecord.objects.count() == 1


def test_the_timeline_offers_undo(signed_in: Client, giulia: Customer, shopper: Customer) -> None:
    signed_in.post(f"/customers/{giulia.pk}/merge/", {"with": shopper.pk})
    url = f"/merges/{MergeRecord.objects.get().pk}/undoing/"
    assert url in signed_in.get(f"/customers/{giulia.pk}/").content.decode()
    signed_in.post(url)
    shopper.refresh_from_db()
    assert shopper.merged_into is None
    assert url not in signed_in.get(f"/customers/{giulia.pk}/").content.decode()
    again = signed_in.post(url)
    assert again.status_code == 409 and "undone already" in again.content.decode()


def test_candidates_share_a_number_or_are_searched_for(
    signed_in: Client, giulia: Customer, shopper: Customer, agent: Agent
) -> None:
    other = factories.make_customer(name="Mihai Paun")
    share_number(giulia, shopper, agent)
    url = f"/customers/{giulia.pk}/merge/"
    assert "Giu T." in signed_in.get(url).content.decode()
    found = signed_in.get(f"{url}?q=mihai").content.decode()
    assert f"?with={other.pk}" in found and "Giu T." not in found


def test_themselves_or_a_merged_one_cannot_be_chosen(
    signed_in: Client, giulia: Customer, shopper: Customer, agent: Agent
) -> None:
    url = f"/customers/{giulia.pk}/merge/"
    assert "same customer" in signed_in.get(f"{url}?with={giulia.pk}").content.decode()
    assert signed_in.post(url, {"with": giulia.pk}).status_code == 409
    third = factories.make_customer(name="Third")
    merge.merge(third, shopper, by=agent)
    assert signed_in.post(url, {"with": shopper.pk}).status_code == 409


def test_who_cannot_see_one_side_cannot_merge(signed_in: Client, giulia: Customer) -> None:
    hidden = person(factories.make_channel(team=factories.make_team(is_private=True)), "h@example.test", "Hidden")
    url = f"/customers/{giulia.pk}/merge/"
    assert signed_in.get(f"{url}?with={hidden.pk}").status_code == 404
    assert signed_in.post(url, {"with": hidden.pk}).status_code == 404
    assert "Hidden" not in signed_in.get(f"{url}?q=hidden").content.decode()


def test_who_cannot_see_one_side_cannot_undo(signed_in: Client, giulia: Customer, supervisor: Agent) -> None:
    hidden = person(factories.make_channel(team=factories.make_team(is_private=True)), "h@example.test", "Hidden")
    record = merge.merge(hidden, giulia, by=supervisor)
    assert signed_in.post(f"/merges/{record.pk}/undoing/").status_code == 404


def test_who_writes_notes_only_merges_nobody(client: Client, team: Team, giulia: Customer, shopper: Customer) -> None:
    client.force_login(factories.make_agent(role="light", teams=(team,)))
    assert client.post(f"/customers/{giulia.pk}/merge/", {"with": shopper.pk}).status_code == 403


def test_look_alike_letters_are_no_reason(giulia: Customer, shopper: Customer) -> None:
    Customer.objects.filter(pk=shopper.pk).update(name="Giuli\u0430")
    shopper.refresh_from_db()
    assert [reason.weight for reason in alike.reasons(giulia, shopper)] == ["against"]


def test_a_number_proved_on_both_sides_is_strong(giulia: Customer, shopper: Customer, agent: Agent) -> None:
    share_number(giulia, shopper, agent)
    assert alike.reasons(giulia, shopper)[0].weight == "weak"
    for row in Identity.objects.exclude(kind="email"):
        people.verify(row, by=agent)
    assert alike.reasons(giulia, shopper)[0].weight == "strong"
