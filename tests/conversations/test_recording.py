"""Pinned notes and tags: what the team keeps of a customer."""

import pytest
from django.db import connection
from django.test import Client

from agents.models import Agent
from conversations import people, recording
from conversations.merging import merge
from conversations.models import Conversation, Entry
from conversations.models.tag import Tag
from customers.models import Consent, Customer
from tests import factories
from tests.conftest import Hints
from tests.waiting import together

pytestmark = pytest.mark.django_db
SCRIPT = {"HX-Request": "true"}


def panel(client: Client, customer: Customer) -> str:
    return client.get(f"/customers/{customer.pk}/panel/").content.decode()


def test_a_pinned_note_stands_on_the_panel_until_it_is_taken_off(
    client: Client, conversation: Conversation, agent: Agent, colleague: Agent
) -> None:
    customer = conversation.customer
    client.force_login(agent)
    page = client.post(f"/customers/{customer.pk}/notes/", {"note": " Has a dog. "}, headers=SCRIPT).content.decode()
    entry = Entry.objects.get(kind="note")
    assert "Has a dog." in page and (entry.conversation, entry.by, entry.visibility) == (None, agent, "internal")
    client.force_login(colleague)
    assert "Has a dog." in panel(client, customer)
    client.post(f"/entries/{entry.pk}/pin/", {"off": "1"}, headers=SCRIPT)
    assert "Has a dog." not in panel(client, customer)
    entry.refresh_from_db()
    assert entry.data == {"text": "Has a dog.", "unpinned": "Bruno Rossi"}


def test_a_note_of_a_conversation_can_be_pinned(client: Client, conversation: Conversation, agent: Agent) -> None:
    entry = conversation.note(by=agent, text="Call before noon.")
    client.force_login(agent)
    assert "Call before noon." not in panel(client, conversation.customer)
    client.post(f"/entries/{entry.pk}/pin/", headers=SCRIPT)
    assert "Call before noon." in panel(client, conversation.customer)
    assert recording.pin(entry, by=agent) is False


def test_a_message_cannot_be_pinned(client: Client, conversation: Conversation, agent: Agent) -> None:
    entry = conversation.entries.get(kind="message")
    client.force_login(agent)
    assert client.post(f"/entries/{entry.pk}/pin/").status_code == 404


def test_a_pinned_note_of_a_private_team_is_not_for_others(
    client: Client, customer: Customer, agent: Agent, outsider: Agent
) -> None:
    private = factories.make_team(name="Board", is_private=True)
    secret = factories.make_conversation(customer=customer, channel=factories.make_channel(team=private))
    open_one = factories.make_conversation(customer=customer, channel=factories.make_channel())
    assert open_one.team is None
    recording.pin(secret.note(by=agent, text="Only the board."), by=agent)
    recording.pin_note(customer, "Has a dog.", by=agent)
    client.force_login(outsider)
    page = panel(client, customer)
    assert "Has a dog." in page and "Only the board." not in page


@pytest.mark.parametrize("text", ["", "  ", "x" * 2_001, "\0"])
def test_nothing_and_too_much_is_no_note(client: Client, conversation: Conversation, agent: Agent, text: str) -> None:
    client.force_login(agent)
    url = f"/customers/{conversation.customer_id}/notes/"
    assert client.post(url, {"note": text}, headers=SCRIPT).status_code == 422
    assert not Entry.objects.filter(kind="note").exists()


def test_a_note_is_kept_without_what_no_database_keeps(customer: Customer, agent: Agent) -> None:
    assert recording.pin_note(customer, "Has \0a dog.", by=agent).data["text"] == "Has a dog."


def test_pinned_notes_of_two_people_who_were_one_stay_in_sight_and_part_again(
    customer: Customer, conversation: Conversation, agent: Agent
) -> None:
    other = factories.make_conversation(customer=factories.make_customer(name="G. Tedesco")).customer
    recording.pin_note(other, "Has a dog.", by=agent)
    record = merge.merge(customer, other, by=agent)
    pinned = Entry.objects.filter(kind="note", data__pinned=True)
    assert [entry.customer for entry in pinned] == [customer]
    merge.undo(record, by=agent)
    assert [entry.customer for entry in pinned.all()] == [other]


def test_pinned_notes_are_found_by_their_index(conversation: Conversation) -> None:
    rows = Entry.objects.filter(customer=conversation.customer, kind="note", data__pinned=True)
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
        # On so few rows either serves; among thousands of notes only ours is small.
        cursor.execute("drop index entry_of_kind")
    assert "entry_pinned" in rows.explain()


def test_a_tag_is_put_on_once_told_and_taken_off(
    client: Client, conversation: Conversation, agent: Agent, live: Hints
) -> None:
    client.force_login(agent)
    url = f"/conversations/{conversation.number}/tags/"
    page = client.post(url, {"add": " Late  Parcel "}, headers=SCRIPT).content.decode()
    assert "late parcel" in page
    client.post(url, {"add": "late parcel"}, headers=SCRIPT)
    assert recording.tags_of(conversation) == ["late parcel"]
    client.post(url, {"remove": "late parcel"}, headers=SCRIPT)
    assert recording.tags_of(conversation) == []
    told = client.get(f"/customers/{conversation.customer_id}/").content.decode()
    assert "put on the tag late parcel" in told and "took off the tag late parcel" in told
    assert Entry.objects.filter(kind="tags").count() == 2


@pytest.mark.parametrize("word", ["", "   ", "x" * 61])
def test_what_is_no_tag_is_refused(client: Client, conversation: Conversation, agent: Agent, word: str) -> None:
    client.force_login(agent)
    url = f"/conversations/{conversation.number}/tags/"
    assert client.post(url, {"add": word}, headers=SCRIPT).status_code == 422
    assert not Tag.objects.exists()


def test_a_conversation_has_at_most_twenty_tags(conversation: Conversation, agent: Agent) -> None:
    for number in range(20):
        recording.tag(conversation, f"tag {number}", by=agent)
    with pytest.raises(recording.Refused):
        recording.tag(conversation, "one more", by=agent)


def test_who_may_not_answer_puts_on_no_tag(client: Client, conversation: Conversation) -> None:
    team = conversation.team
    assert team is not None
    client.force_login(factories.make_agent(name="Lia Light", role="light", teams=(team,)))
    assert client.post(f"/conversations/{conversation.number}/tags/", {"add": "late"}).status_code == 403
    assert "New tag" not in panel(client, conversation.customer)


@pytest.mark.django_db(transaction=True)
def test_two_who_put_on_the_same_tag_at_once_put_it_on_once(
    conversation: Conversation, agent: Agent, colleague: Agent
) -> None:
    results = together(
        lambda: recording.tag(conversation, "late", by=agent), lambda: recording.tag(conversation, "late", by=colleague)
    )
    assert sum(isinstance(one, Entry) for one in results) == 1 and None in results
    assert recording.tags_of(conversation) == ["late"]


def test_a_customer_has_tags_of_their_own(
    client: Client, conversation: Conversation, agent: Agent, live: Hints
) -> None:
    customer = conversation.customer
    client.force_login(agent)
    url = f"/customers/{customer.pk}/tags/"
    recording.tag(conversation, "late", by=agent)
    page = client.post(url, {"add": " V.I.P.  Guest "}, headers=SCRIPT).content.decode()
    assert "v.i.p. guest" in page and ">late<" in page
    client.post(url, {"add": "v.i.p. guest"}, headers=SCRIPT)
    client.post(url, {"add": "late"}, headers=SCRIPT)
    assert list(Customer.objects.filter(customer_tags__tag__name="late")) == [customer] and Tag.objects.count() == 2
    client.post(url, {"remove": "v.i.p. guest"}, headers=SCRIPT)
    assert (recording.tags_of_customer(customer), recording.tags_of(conversation)) == (["late"], ["late"])
    told = client.get(f"/customers/{customer.pk}/").content.decode()
    assert "put the tag v.i.p. guest on the customer" in told and "took the tag v.i.p. guest off the customer" in told
    assert Entry.objects.filter(kind="tags", conversation=None).count() == 3


@pytest.mark.parametrize("word", ["", "   ", "x" * 61, "x" * 10_000_000, "\0", "a\u202eb", "a\u200bb"])
def test_what_is_no_tag_is_refused_on_a_customer_too(
    client: Client, conversation: Conversation, agent: Agent, word: str
) -> None:
    client.force_login(agent)
    for url in (f"/customers/{conversation.customer_id}/tags/", f"/conversations/{conversation.number}/tags/"):
        assert client.post(url, {"add": word}, headers=SCRIPT).status_code == 422
    assert not Tag.objects.exists() and not Entry.objects.filter(kind="tags").exists()


def test_a_customer_has_at_most_twenty_tags(customer: Customer, agent: Agent) -> None:
    for number in range(20):
        recording.tag_customer(customer, f"tag {number}", by=agent)
    with pytest.raises(recording.Refused):
        recording.tag_customer(customer, "one more", by=agent)


def test_who_may_not_answer_sees_the_tags_of_a_customer_only(
    client: Client, conversation: Conversation, agent: Agent
) -> None:
    team = conversation.team
    assert team is not None
    recording.tag_customer(conversation.customer, "vip", by=agent)
    client.force_login(factories.make_agent(name="Lia Light", role="light", teams=(team,)))
    assert client.post(f"/customers/{conversation.customer_id}/tags/", {"add": "late"}).status_code == 403
    assert ">vip<" in panel(client, conversation.customer)


@pytest.mark.django_db(transaction=True)
def test_two_who_tag_a_customer_at_once_tag_them_once(
    customer: Customer, conversation: Conversation, agent: Agent, colleague: Agent
) -> None:
    results = together(
        lambda: recording.tag_customer(customer, "vip", by=agent),
        lambda: recording.tag_customer(customer, "vip", by=colleague),
    )
    assert sum(isinstance(one, Entry) for one in results) == 1 and None in results


def test_tags_of_two_people_who_were_one_part_again(
    customer: Customer, conversation: Conversation, agent: Agent
) -> None:
    other = factories.make_customer(name="G. Tedesco")
    for word in ("vip", "wholesale"):
        recording.tag_customer(other, word, by=agent)
    recording.tag_customer(customer, "vip", by=agent)
    record = merge.merge(customer, other, by=agent)
    assert recording.tags_of_customer(customer) == ["vip", "wholesale"]
    recording.tag_customer(customer, "new", by=agent)
    merge.undo(record, by=agent)
    assert recording.tags_of_customer(customer) == ["new", "vip"]
    assert recording.tags_of_customer(other) == ["vip", "wholesale"]


def test_a_merge_that_knows_nothing_of_tags_is_undone(customer: Customer, agent: Agent) -> None:
    other = factories.make_customer(name="G. Tedesco")
    record = merge.merge(customer, other, by=agent)
    del record.moved["conversations.CustomerTag"]
    record.save(update_fields=["moved"])
    merge.undo(record, by=agent)
    other.refresh_from_db()
    assert other.merged_into is None


def consent(client: Client, customer: Customer, state: str, **more: str) -> int:
    body = {"purpose": "marketing", "state": state, "source": "On the phone", "identity": "", **more}
    body["identity"] = body["identity"] or str(customer.identities.earliest("pk").pk)
    return client.post(f"/customers/{customer.pk}/consents/", body, headers=SCRIPT).status_code


def test_a_consent_is_kept_with_its_source_and_history(
    client: Client, conversation: Conversation, agent: Agent
) -> None:
    customer = conversation.customer
    client.force_login(agent)
    assert consent(client, customer, "given") == 200
    assert consent(client, customer, "given", source="Again") == 200
    assert consent(client, customer, "withdrawn", source="By letter") == 200
    rows = Consent.objects.order_by("pk").values_list("state", "source")
    assert list(rows) == [("given", "On the phone"), ("withdrawn", "By letter")]
    page = panel(client, customer)
    assert page.index("By letter") < page.index("On the phone")
    told = client.get(f"/customers/{customer.pk}/").content.decode()
    assert "noted a yes to News and offers on giulia@example.test (On the phone)" in told
    assert "is withdrawn (By letter)" in told


@pytest.mark.parametrize(
    "wrong", [{"state": "withdrawn"}, {"purpose": "spying"}, {"source": "  "}, {"state": "perhaps"}, {"identity": "x"}]
)
def test_what_is_no_consent_is_refused(
    client: Client, conversation: Conversation, agent: Agent, wrong: dict[str, str]
) -> None:
    client.force_login(agent)
    said = {"state": "given", **wrong}
    assert consent(client, conversation.customer, said.pop("state"), **said) == 422
    assert not Consent.objects.exists()


def test_a_consent_on_an_address_of_somebody_else_is_absent(
    client: Client, conversation: Conversation, agent: Agent
) -> None:
    other = factories.make_identity(address="other@example.test")
    client.force_login(agent)
    assert consent(client, conversation.customer, "given", identity=str(other.pk)) == 404


@pytest.mark.django_db(transaction=True)
def test_a_consent_given_twice_at_once_is_kept_once(conversation: Conversation, agent: Agent) -> None:
    row = conversation.customer.identities.get()
    together(*2 * [lambda: people.note_consent(row, "survey", "given", source="On the phone", by=agent)])
    assert Consent.objects.count() == 1
