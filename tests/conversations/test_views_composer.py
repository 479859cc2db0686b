"""Writing: answers with their guard and undo, notes, drafts."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from agents.models import Agent, Team
from conversations.models import Attachment, Conversation, Delivery, Draft, Entry, Message
from tests import factories
from tests.waiting import together

SCRIPT = {"HX-Request": "true"}


def way(conversation: Conversation) -> str:
    route = factories.route_to(conversation)
    return f"{route.channel_id}-{route.identity_id}"


def send(client: Client, agent: Agent, conversation: Conversation, **data: object) -> "tuple[int, str]":
    client.force_login(agent)
    body = {"text": "It is on its way.", "way": way(conversation), **data}
    response = client.post(f"/conversations/{conversation.number}/replies/", body, headers=SCRIPT)
    return response.status_code, response.content.decode()


def test_an_answer_comes_back_as_its_article(client: Client, agent: Agent, conversation: Conversation) -> None:
    status, text = send(client, agent, conversation, client_id="abc")
    entry = Entry.objects.get(client_id="abc")
    assert status == 201
    assert f'id="m-{entry.pk}"' in text and 'data-client="abc"' in text and 'aria-label="Paper, You"' in text


def test_the_same_answer_twice_is_one(client: Client, agent: Agent, conversation: Conversation) -> None:
    assert [send(client, agent, conversation, client_id="abc")[0] for _ in range(2)] == [201, 201]
    assert Message.objects.filter(direction="out").count() == 1


def test_a_client_id_of_somebody_else_is_409(
    client: Client, agent: Agent, colleague: Agent, conversation: Conversation
) -> None:
    conversation.note(by=colleague, text="Mine", client_id="abc")
    assert send(client, agent, conversation, client_id="abc")[0] == 409


def test_a_colleagues_answer_in_between_is_refused_once(
    client: Client, agent: Agent, colleague: Agent, conversation: Conversation
) -> None:
    conversation.reply(by=colleague, text="I was faster.", to=factories.route_to(conversation))
    status, text = send(client, agent, conversation, seen_seq="1")
    assert status == 409 and "Bruno Rossi replied" in text and "Send anyway" in text
    assert Message.objects.filter(entry__by=agent).count() == 0
    assert send(client, agent, conversation, seen_seq="")[0] == 201


def test_nothing_to_say_is_422_and_nothing_happens(client: Client, agent: Agent, conversation: Conversation) -> None:
    assert send(client, agent, conversation, text="  ")[0] == 422
    assert Delivery.objects.count() == 0


def test_a_way_to_another_customer_is_422(client: Client, agent: Agent, conversation: Conversation) -> None:
    other = factories.make_customer(name="Other").identities.get()
    channel = factories.route_to(conversation).channel_id
    assert send(client, agent, conversation, way=f"{channel}-{other.pk}")[0] == 422
    assert Delivery.objects.count() == 0


def test_files_go_with_the_answer(client: Client, agent: Agent, conversation: Conversation) -> None:
    files = [SimpleUploadedFile("a.txt", b"one"), SimpleUploadedFile("b.txt", b"two")]
    assert send(client, agent, conversation, uploads=files)[0] == 201
    assert sorted(Attachment.objects.values_list("filename", flat=True)) == ["a.txt", "b.txt"]


def test_send_and_resolve_does_both(client: Client, agent: Agent, conversation: Conversation) -> None:
    send(client, agent, conversation, then="resolve")
    conversation.refresh_from_db()
    assert conversation.status == "resolved"


def test_an_unknown_way_of_sending_is_422(client: Client, agent: Agent, conversation: Conversation) -> None:
    assert send(client, agent, conversation, then="explode")[0] == 422


def test_an_outsider_sends_nothing(client: Client, outsider: Agent, conversation: Conversation) -> None:
    assert send(client, outsider, conversation)[0] == 404
    assert Delivery.objects.count() == 0


def test_a_light_agent_writes_notes_only(client: Client, team: Team, conversation: Conversation) -> None:
    light = factories.make_agent(name="Lia Light", role="light", teams=(team,))
    assert send(client, light, conversation)[0] == 403
    client.force_login(light)
    url = f"/conversations/{conversation.number}/notes/"
    assert client.post(url, {"note": "Seen it."}, headers=SCRIPT).status_code == 201


def test_undo_gives_the_text_back(client: Client, agent: Agent, conversation: Conversation) -> None:
    entry = conversation.reply(by=agent, text="Too soon", to=factories.route_to(conversation), hold_seconds=10)
    client.force_login(agent)
    text = client.post(f"/messages/{entry.pk}/cancellation/", headers=SCRIPT).content.decode()
    assert ">Too soon</textarea>" in text
    assert Delivery.objects.get().state == "cancelled"


def test_a_colleague_cannot_take_my_answer_back(
    client: Client, agent: Agent, colleague: Agent, conversation: Conversation
) -> None:
    entry = conversation.reply(by=agent, text="Mine", to=factories.route_to(conversation), hold_seconds=10)
    client.force_login(colleague)
    assert "sent already" in client.post(f"/messages/{entry.pk}/cancellation/", headers=SCRIPT).content.decode()
    assert Delivery.objects.get().state == "queued"


def test_send_now_ends_the_wait(client: Client, agent: Agent, conversation: Conversation) -> None:
    entry = conversation.reply(by=agent, text="Now", to=factories.route_to(conversation), hold_seconds=10)
    client.force_login(agent)
    client.post(f"/messages/{entry.pk}/release/", headers=SCRIPT)
    assert Delivery.objects.get().hold_until is None


def test_retry_makes_a_new_delivery_of_what_failed(client: Client, agent: Agent, conversation: Conversation) -> None:
    entry = conversation.reply(by=agent, text="Again", to=factories.route_to(conversation))
    Delivery.objects.update(state="failed", error="The mailbox is full.")
    client.force_login(agent)
    page = client.get(f"/customers/{conversation.customer_id}/").content.decode()
    assert "The mailbox is full." in page and f"/messages/{entry.pk}/retry/" in page
    client.post(f"/messages/{entry.pk}/retry/", headers=SCRIPT)
    assert list(Delivery.objects.order_by("pk").values_list("state", flat=True)) == ["failed", "queued"]


def test_a_draft_is_kept_and_comes_back(client: Client, agent: Agent, conversation: Conversation) -> None:
    client.force_login(agent)
    url = f"/conversations/{conversation.number}/drafts"
    client.post(f"{url}/reply/", {"text": "Dear Giulia", "way": way(conversation), "subject": "Hi", "cc": "a@b.test"})
    client.post(f"{url}/note/", {"text": "Careful"})
    page = client.get(f"/customers/{conversation.customer_id}/").content.decode()
    assert ">Dear Giulia</textarea>" in page and ">Careful</textarea>" in page
    assert 'value="Hi"' in page and 'value="a@b.test"' in page


def test_an_emptied_draft_is_forgotten(client: Client, agent: Agent, conversation: Conversation) -> None:
    client.force_login(agent)
    url = f"/conversations/{conversation.number}/drafts/reply/"
    client.post(url, {"text": "x"})
    client.post(url, {"text": " "})
    assert Draft.objects.get().text == ""


def test_a_draft_of_an_unknown_mode_is_absent(client: Client, agent: Agent, conversation: Conversation) -> None:
    client.force_login(agent)
    assert client.post(f"/conversations/{conversation.number}/drafts/poem/", {"text": "x"}).status_code == 404


def test_drafts_of_two_agents_do_not_mix(
    client: Client, agent: Agent, colleague: Agent, conversation: Conversation
) -> None:
    for who, text in ((agent, "Mine"), (colleague, "Theirs")):
        client.force_login(who)
        client.post(f"/conversations/{conversation.number}/drafts/reply/", {"text": text})
    assert Draft.objects.get(agent=agent).text == "Mine"


def keep(client: Client, conversation: Conversation, text: str, **names: object) -> int:
    body = {"text": text, "way": way(conversation), **names}
    return client.post(f"/conversations/{conversation.number}/drafts/reply/", body).status_code


def test_a_save_that_comes_after_its_text_was_sent_brings_nothing_back(
    client: Client, agent: Agent, conversation: Conversation
) -> None:
    send(client, agent, conversation, client_id="w-1")
    assert keep(client, conversation, "It is on its way.", writing="w-1") == 409
    assert Draft.objects.get().text == ""


def test_what_was_sent_and_saved_late_stands_once_after_undo(
    client: Client, agent: Agent, conversation: Conversation
) -> None:
    send(client, agent, conversation, client_id="w-1")
    keep(client, conversation, "It is on its way.", writing="w-1")
    client.post(f"/messages/{Entry.objects.get(client_id='w-1').pk}/cancellation/")
    assert Draft.objects.get().text == "It is on its way."


def test_what_was_begun_after_an_answer_comes_with_its_undo(
    client: Client, agent: Agent, conversation: Conversation
) -> None:
    send(client, agent, conversation, client_id="w-1")
    url = f"/messages/{Entry.objects.get(client_id='w-1').pk}/cancellation/"
    page = client.post(url, {"text": "P.S.", "writing": "w-2"}, headers=SCRIPT).content.decode()
    assert "It is on its way.\n\nP.S.</textarea>" in page
    assert keep(client, conversation, "P.S.", writing="w-2") == 409


def test_an_answer_leaves_a_next_text_that_was_begun(client: Client, agent: Agent, conversation: Conversation) -> None:
    client.force_login(agent)
    keep(client, conversation, "The next one", writing="w-2")
    send(client, agent, conversation, client_id="w-1")
    assert Draft.objects.get().text == "The next one"


def test_an_older_save_of_a_page_changes_nothing(client: Client, agent: Agent, conversation: Conversation) -> None:
    client.force_login(agent)
    keep(client, conversation, "Dear Giulia", writing="w-1", page="p", version=2)
    assert keep(client, conversation, "Dear", writing="w-1", page="p", version=1) == 200
    assert Draft.objects.get().text == "Dear Giulia"


@pytest.mark.django_db(transaction=True)
def test_a_text_saved_while_it_is_sent_is_gone_whoever_comes_first(agent: Agent, conversation: Conversation) -> None:
    client = Client()
    client.force_login(agent)
    for number in range(8):
        name = f"w-{number}"

        def save(name: str = name) -> int:
            body = {"text": "Call him back.", "writing": name}
            return client.post(f"/conversations/{conversation.number}/drafts/note/", body).status_code

        def note(name: str = name) -> Entry:
            return conversation.note(by=agent, text="Call him back.", client_id=name)

        saved, _noted = together(save, note)
        assert saved in {200, 409}
        assert Draft.objects.get().text == ""


def test_two_channels_of_one_kind_are_told_apart(client: Client, agent: Agent, conversation: Conversation) -> None:
    factories.make_channel(name="Returns")
    client.force_login(agent)
    page = client.get(f"/customers/{conversation.customer_id}/?c={conversation.number}").content.decode()
    assert ("Paper: Returns</option>" in page, page.count(">Paper</option>")) == (True, 0)
