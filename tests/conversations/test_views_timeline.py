"""Catching up with a timeline: what is new, what was before, what must be loaded again."""

from django.test import Client

from agents.models import Agent
from conversations.models import Conversation
from customers.models import Customer
from tests import factories


def entries(client: Client, agent: Agent, customer: Customer, query: str) -> "tuple[str, dict[str, str]]":
    client.force_login(agent)
    response = client.get(f"/customers/{customer.pk}/entries/?{query}")
    assert response.status_code == 200
    return response.content.decode(), dict(response.headers)


def test_after_gives_only_what_changed(client: Client, agent: Agent, conversation: Conversation) -> None:
    customer = Customer.objects.get(pk=conversation.customer_id)
    note = conversation.note(by=agent, text="Only ours.")
    text, headers = entries(client, agent, customer, f"after={customer.last_seq}")
    assert text.count("<article") == 1 and f'id="m-{note.pk}"' in text
    assert headers["X-Cursor"] == str(customer.last_seq + 1)


def test_nothing_new_is_an_empty_answer(client: Client, agent: Agent, conversation: Conversation) -> None:
    customer = Customer.objects.get(pk=conversation.customer_id)
    text, headers = entries(client, agent, customer, f"after={customer.last_seq}")
    assert "<article" not in text and headers["X-Cursor"] == str(customer.last_seq)


def test_a_reset_timeline_must_be_loaded_again(client: Client, agent: Agent, conversation: Conversation) -> None:
    Customer.objects.filter(pk=conversation.customer_id).update(reset_seq=5, last_seq=5)
    _text, headers = entries(client, agent, conversation.customer, "after=4")
    assert headers["X-Reload"] == "1"


def test_more_than_200_changes_must_be_loaded_again(
    client: Client, agent: Agent, conversation: Conversation, monkeypatch: object
) -> None:
    monkeypatch.setattr("conversations.reading.stretches.CATCH_UP_MAX", 2)  # type: ignore[attr-defined]
    for n in range(3):
        conversation.note(by=agent, text=str(n))
    _text, headers = entries(client, agent, conversation.customer, "after=0")
    assert headers["X-Reload"] == "1"


def test_before_gives_the_earlier_page_in_shown_order(
    client: Client, agent: Agent, conversation: Conversation, monkeypatch: object
) -> None:
    monkeypatch.setattr("conversations.reading.stretches.PAGE", 2)  # type: ignore[attr-defined]
    notes = [conversation.note(by=agent, text=str(n)).pk for n in range(4)]
    text, headers = entries(client, agent, conversation.customer, "before=")
    assert headers["X-Earlier"] == "1"
    assert text.index(f"m-{notes[2]}") < text.index(f"m-{notes[3]}") and f'id="m-{notes[1]}"' not in text


def test_an_article_is_named_by_channel_and_person(client: Client, agent: Agent, conversation: Conversation) -> None:
    text, _headers = entries(client, agent, conversation.customer, "before=")
    assert 'aria-label="Paper, Giulia Tedesco"' in text


def test_what_was_taken_back_is_an_empty_hidden_article(
    client: Client, agent: Agent, conversation: Conversation
) -> None:
    entry = conversation.reply(by=agent, text="Wrong words", to=factories.route_to(conversation), hold_seconds=10)
    client.force_login(agent)
    client.post(f"/messages/{entry.pk}/cancellation/")
    text, _headers = entries(client, agent, conversation.customer, "after=0")
    article = text[text.index(f'id="m-{entry.pk}"') :].split("</article>")[0]
    assert " hidden" in article and "Wrong words" not in article


def test_an_outsider_gets_404(client: Client, outsider: Agent, conversation: Conversation) -> None:
    client.force_login(outsider)
    assert client.get(f"/customers/{conversation.customer_id}/entries/?after=0").status_code == 404


def test_markup_in_a_message_is_shown_as_text(client: Client, agent: Agent, conversation: Conversation) -> None:
    conversation.note(by=agent, text="<script>alert(1)</script>")
    text, _headers = entries(client, agent, conversation.customer, "after=0")
    assert "<script>" not in text and "&lt;script&gt;" in text
