"""Splitting an address off and moving messages on their pages."""

import pytest
from django.test import Client

from agents.models import Agent, Team
from channels_app.models import Channel
from conversations import people
from conversations.merging import merge
from conversations.models import Conversation, Entry, MergeRecord
from customers.models import Customer, Identity
from helpdesk.lib.inbound import Proof
from tests import factories

pytestmark = pytest.mark.django_db


def write(channel: Channel, address: str, text: str) -> Entry:
    inbound = factories.make_inbound(address=address, text=text, proof=Proof.PROVEN)
    return factories.receive(channel=channel, inbound=inbound)


@pytest.fixture
def anna(channel: Channel, agent: Agent) -> Customer:
    customer = write(channel, "anna@example.test", "From home").customer
    people.change_profile(customer, {"name": "Anna"}, by=agent)
    people.add_identity(customer, "email", "work@example.test", by=agent)
    write(channel, "work@example.test", "From work")
    return customer


@pytest.fixture
def work(anna: Customer) -> Identity:
    return anna.identities.get(value="work@example.test")


@pytest.fixture
def signed_in(client: Client, agent: Agent) -> Client:
    client.force_login(agent)
    return client


def url_of(identity: Identity) -> str:
    return f"/customers/{identity.customer_id}/identities/{identity.pk}/split/"


def pk_of(text: str) -> int:
    return Entry.objects.get(message__text=text).pk


def test_the_page_shows_what_goes_along_and_does_nothing_yet(signed_in: Client, work: Identity) -> None:
    page = signed_in.get(url_of(work)).content.decode()
    assert "From work" in page and "From home" not in page and "1 message leaves" in page
    assert not MergeRecord.objects.exists()


def test_an_address_is_split_off_and_brought_back_from_the_timeline(
    signed_in: Client, anna: Customer, work: Identity
) -> None:
    answer = signed_in.post(url_of(work))
    record = MergeRecord.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/customers/{record.other_id}/")
    undoing = f"/merges/{record.pk}/undoing/"
    for customer in (record.kept_id, record.other_id):
        page = signed_in.get(f"/customers/{customer}/").content.decode()
        assert undoing in page and "split work@example.test off" in page
    assert signed_in.post(undoing).headers["Location"] == f"/customers/{anna.pk}/"
    page = signed_in.get(f"/customers/{anna.pk}/").content.decode()
    assert undoing not in page and "brought work@example.test back" in page and "From work" in page
    assert "undone already" in signed_in.post(undoing).content.decode()
    assert signed_in.get(f"/customers/{record.other_id}/").headers["Location"] == f"/customers/{anna.pk}/"


def test_an_address_goes_to_whoever_was_searched_for(signed_in: Client, channel: Channel, work: Identity) -> None:
    bruno = write(channel, "bruno@example.test", "Mine").customer
    assert f"?to={bruno.pk}" in signed_in.get(f"{url_of(work)}?q=bruno").content.decode()
    assert "It goes to bruno@example.test" in signed_in.get(f"{url_of(work)}?to={bruno.pk}").content.decode()
    signed_in.post(url_of(work), {"to": bruno.pk})
    work.refresh_from_db()
    assert work.customer == bruno


def test_the_only_address_stays(signed_in: Client, channel: Channel) -> None:
    customer = write(channel, "bruno@example.test", "Mine").customer
    url = url_of(customer.identities.get())
    assert "only address" in signed_in.get(url).content.decode()
    answer = signed_in.post(url)
    assert answer.status_code == 409 and "only address" in answer.content.decode()
    assert not MergeRecord.objects.exists()


def test_the_panel_offers_to_split_one_of_several(signed_in: Client, channel: Channel, work: Identity) -> None:
    bruno = write(channel, "bruno@example.test", "Mine").customer
    assert url_of(work) in signed_in.get(f"/customers/{work.customer_id}/panel/").content.decode()
    assert "/split/" not in signed_in.get(f"/customers/{bruno.pk}/panel/").content.decode()


def test_what_is_not_theirs_to_move_is_not_split_off(signed_in: Client, anna: Customer, work: Identity) -> None:
    private = factories.make_channel(team=factories.make_team(is_private=True))
    Conversation.objects.create(customer=anna, brand=private.brand, team=private.default_team)
    secret = write(private, "work@example.test", "Secret").conversation
    assert secret is not None
    Conversation.objects.filter(pk=secret.pk).update(team=private.default_team)
    assert signed_in.post(url_of(work)).status_code == 403
    assert not MergeRecord.objects.exists()


def test_whom_one_does_not_see_gets_nothing(signed_in: Client, anna: Customer, work: Identity) -> None:
    private = factories.make_channel(team=factories.make_team(is_private=True))
    hidden = write(private, "hidden@example.test", "Hidden").customer
    assert signed_in.post(url_of(work), {"to": hidden.pk}).status_code == 404
    data = {"entry": pk_of("From work"), "to": hidden.pk, "where": "new"}
    assert signed_in.post(f"/customers/{anna.pk}/moves/", data).status_code == 404
    data["where"] = str(hidden.conversations.get().number)
    data["to"] = ""
    assert signed_in.post(f"/customers/{anna.pk}/moves/", data).status_code == 404
    assert not MergeRecord.objects.exists()


def test_outsiders_find_nothing_and_change_nothing(
    client: Client, outsider: Agent, anna: Customer, work: Identity
) -> None:
    urls = (url_of(work), f"/customers/{anna.pk}/moves/")
    data = {"entry": pk_of("From work"), "where": "new"}
    assert [client.post(url, data).headers["Location"][:7] for url in urls] == ["/login/", "/login/"]
    client.force_login(outsider)
    assert [client.post(url, data).status_code for url in urls] == [404, 404]
    assert not MergeRecord.objects.exists()


def test_who_writes_notes_only_moves_nothing(client: Client, team: Team, anna: Customer, work: Identity) -> None:
    client.force_login(factories.make_agent(role="light", teams=(team,)))
    assert client.post(url_of(work)).status_code == 403
    assert client.post(f"/customers/{anna.pk}/moves/", {"where": "new"}).status_code == 403


def test_messages_are_moved_to_new_work_and_back(client: Client, colleague: Agent, anna: Customer) -> None:
    client.force_login(colleague)
    url = f"/customers/{anna.pk}/moves/"
    page = client.get(f"{url}?entry={pk_of('From work')}").content.decode()
    assert page.count("checked") == 2 and "From home" in page
    client.post(url, {"entry": pk_of("From work"), "where": "new"})
    assert anna.conversations.count() == 2
    page = client.get(f"/customers/{anna.pk}/").content.decode()
    assert "moved 1 message to other work" in page
    client.post(f"/merges/{MergeRecord.objects.get().pk}/undoing/")
    assert anna.conversations.count() == 1
    assert "moved 1 message back" in client.get(f"/customers/{anna.pk}/").content.decode()


def test_messages_are_moved_to_work_of_another_customer(signed_in: Client, channel: Channel, anna: Customer) -> None:
    theirs = write(channel, "bruno@example.test", "Mine").conversation
    assert theirs is not None
    url = f"/customers/{anna.pk}/moves/"
    page = signed_in.get(f"{url}?entry={pk_of('From work')}&to={theirs.customer_id}").content.decode()
    assert f'value="{theirs.number}"' in page
    signed_in.post(url, {"entry": pk_of("From work"), "to": theirs.customer_id, "where": theirs.number})
    assert Entry.objects.get(pk=pk_of("From work")).conversation == theirs
    page = signed_in.get(f"/customers/{theirs.customer_id}/").content.decode()
    assert "moved 1 message here from Anna" in page


def test_nothing_chosen_is_said(signed_in: Client, anna: Customer) -> None:
    number = anna.conversations.get().number
    for data in ({"where": "new"}, {"where": number, "entry": pk_of("From work")}):
        answer = signed_in.post(f"/customers/{anna.pk}/moves/", data)
        assert answer.status_code == 422 and "not there already" in answer.content.decode()


def test_a_message_offers_to_be_moved(signed_in: Client, anna: Customer) -> None:
    page = signed_in.get(f"/customers/{anna.pk}/").content.decode()
    assert f"/customers/{anna.pk}/moves/?entry={pk_of('From work')}" in page


def test_whose_side_went_out_of_sight_is_not_taken_back(
    signed_in: Client, anna: Customer, work: Identity, supervisor: Agent
) -> None:
    signed_in.post(url_of(work))
    record = MergeRecord.objects.get()
    hidden = factories.make_team(is_private=True)
    Conversation.objects.filter(customer=record.other).update(team=hidden)
    assert signed_in.post(f"/merges/{record.pk}/undoing/").status_code == 404
    merge.merge(anna, record.other, by=supervisor)
    signed_in.force_login(supervisor)
    assert signed_in.post(f"/merges/{record.pk}/undoing/").status_code == 409
