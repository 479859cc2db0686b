"""A colleague's draft becomes mine: no word is lost, and none comes back by itself."""

import pytest
from django.test import Client

from agents.models import Agent
from conversations import drafts
from conversations.models import Conversation, Entry
from conversations.models.draft import Draft
from tests.conftest import Hints
from tests.conversations.test_views_composer import SCRIPT, keep, way
from tests.factories import make_agent, route_to
from tests.waiting import together


def write(conversation: Conversation, by: Agent, text: str, writing: str) -> Draft:
    return drafts.save(conversation, "reply", drafts.Words(text, {}, writing), by=by)


def texts(*agents: Agent) -> list[str]:
    return [Draft.objects.get(agent=agent, mode="reply").text for agent in agents]


def take(client: Client, conversation: Conversation, of: Agent, **mine: str) -> tuple[int, str]:
    url = f"/conversations/{conversation.number}/drafts/reply/{of.pk}/taking/"
    response = client.post(url, mine, headers=SCRIPT)
    return response.status_code, response.content.decode()


def test_the_text_changes_hands_and_mine_stays_below(
    client: Client, agent: Agent, colleague: Agent, conversation: Conversation
) -> None:
    write(conversation, colleague, "Dear Giulia,", "w-1")
    client.force_login(agent)
    status, page = take(client, conversation, colleague, text="Hello", writing="w-2")
    assert status == 200
    assert ">Dear Giulia,\n\nHello</textarea>" in page
    assert texts(agent, colleague) == ["Dear Giulia,\n\nHello", ""]


def test_where_it_was_going_goes_along(
    client: Client, agent: Agent, colleague: Agent, conversation: Conversation
) -> None:
    client.force_login(colleague)
    keep(client, conversation, "Dear Giulia", writing="w-1", cc="office@example.test")
    client.force_login(agent)
    assert 'value="office@example.test"' in take(client, conversation, colleague)[1]


def test_a_late_save_of_what_was_taken_brings_nothing_back_and_says_who_took_it(
    client: Client, agent: Agent, colleague: Agent, conversation: Conversation
) -> None:
    write(conversation, colleague, "Dear Giulia,", "w-1")
    drafts.take_over(conversation, "reply", of=colleague, by=agent)
    client.force_login(colleague)
    body = {"text": "Dear Giulia, it", "writing": "w-1"}
    response = client.post(f"/conversations/{conversation.number}/drafts/reply/", body)
    assert response.status_code == 409
    assert response.content.decode() == "Ana Ionescu took over what you were writing."
    assert texts(agent, colleague) == ["Dear Giulia,", ""]
    assert keep(client, conversation, "Another one", writing="w-2") == 200


def test_a_late_save_of_my_own_text_does_not_stand_in_the_way(
    client: Client, agent: Agent, colleague: Agent, conversation: Conversation
) -> None:
    write(conversation, agent, "Hello", "w-2")
    write(conversation, colleague, "Dear Giulia,", "w-1")
    drafts.take_over(conversation, "reply", of=colleague, by=agent)
    client.force_login(agent)
    assert keep(client, conversation, "Hello", writing="w-2") == 409
    assert texts(agent) == ["Dear Giulia,\n\nHello"]


def test_who_sends_what_was_taken_is_asked_first(
    client: Client, agent: Agent, colleague: Agent, conversation: Conversation
) -> None:
    write(conversation, colleague, "Dear Giulia,", "w-1")
    drafts.take_over(conversation, "reply", of=colleague, by=agent)
    client.force_login(colleague)
    url = f"/conversations/{conversation.number}/replies/"
    body = {"text": "Dear Giulia,", "way": way(conversation), "client_id": "w-1"}
    seen = conversation.customer.entries.latest("seq").seq
    refused = client.post(url, {**body, "seen_seq": seen}, headers=SCRIPT)
    assert refused.status_code == 409
    assert "Ana Ionescu took over" in refused.content.decode()
    assert client.post(url, body, headers=SCRIPT).status_code == 201


def test_it_is_told_to_both(
    live: Hints,
    django_capture_on_commit_callbacks: object,
    agent: Agent,
    colleague: Agent,
    conversation: Conversation,
) -> None:
    write(conversation, colleague, "Dear Giulia,", "w-1")
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        drafts.take_over(conversation, "reply", of=colleague, by=agent)
    entry = Entry.objects.latest("pk")
    assert (entry.kind, entry.by, entry.data["name"]) == ("draft", agent, "Bruno Rossi")
    assert "text" not in entry.data
    assert live.of("nudge") == [{"type": "nudge", "what": "draft_taken", "id": conversation.pk}]
    assert f"agent.{colleague.pk}" in live.audiences("nudge")


def test_the_timeline_says_who_took_whose(
    client: Client, agent: Agent, colleague: Agent, conversation: Conversation
) -> None:
    write(conversation, colleague, "Dear Giulia,", "w-1")
    drafts.take_over(conversation, "reply", of=colleague, by=agent)
    client.force_login(colleague)
    page = client.get(f"/customers/{conversation.customer_id}/").content.decode()
    assert "took over the answer of Bruno Rossi" in page


def test_nothing_to_take_is_said(client: Client, agent: Agent, colleague: Agent, conversation: Conversation) -> None:
    write(conversation, colleague, "Dear Giulia,", "w-1")
    conversation.reply(by=colleague, text="Dear Giulia,", to=route_to(conversation), client_id="w-1")
    client.force_login(agent)
    status, page = take(client, conversation, colleague, text="Hello")
    assert (status, "There is nothing left to take over" in page) == (409, True)
    assert texts(agent) == ["Hello"]


def test_one_does_not_take_over_oneself(client: Client, agent: Agent, conversation: Conversation) -> None:
    write(conversation, agent, "Dear Giulia,", "w-1")
    client.force_login(agent)
    assert take(client, conversation, agent)[0] == 404


def test_who_may_not_answer_takes_notes_only(client: Client, colleague: Agent, conversation: Conversation) -> None:
    light = make_agent(name="Lia Light", role="light", teams=tuple(team for team in [conversation.team] if team))
    for mode in ("reply", "note"):
        drafts.save(conversation, mode, drafts.Words("Dear", {}, f"w-{mode}"), by=colleague)
    client.force_login(light)
    urls = [f"/conversations/{conversation.number}/drafts/{mode}/{colleague.pk}/taking/" for mode in ("reply", "note")]
    assert [client.post(url, headers=SCRIPT).status_code for url in urls] == [403, 200]


@pytest.mark.django_db(transaction=True)
def test_two_who_take_the_same_text_at_once_get_it_once(
    agent: Agent, colleague: Agent, supervisor: Agent, conversation: Conversation
) -> None:
    for number in range(4):
        write(conversation, colleague, f"Dear Giulia {number}", f"w-{number}")

        def taken(by: Agent) -> object:
            return drafts.take_over(conversation, "reply", of=colleague, by=by)

        results = together(lambda: taken(agent), lambda: taken(supervisor))
        assert sorted(type(one).__name__ for one in results) == ["Draft", "NothingThere"]
    found = "\n".join(Draft.objects.values_list("text", flat=True))
    assert all(found.count(f"Dear Giulia {number}") == 1 for number in range(4))


@pytest.mark.django_db(transaction=True)
def test_two_who_take_from_each_other_at_once_lose_no_word(
    agent: Agent, colleague: Agent, conversation: Conversation
) -> None:
    write(conversation, agent, "Ana's words", "a")
    write(conversation, colleague, "Bruno's words", "b")
    results = together(
        lambda: drafts.take_over(conversation, "reply", of=colleague, by=agent),
        lambda: drafts.take_over(conversation, "reply", of=agent, by=colleague),
    )
    assert all(isinstance(one, Draft) for one in results), results
    found = "\n".join(Draft.objects.values_list("text", flat=True))
    assert (found.count("Ana's words"), found.count("Bruno's words")) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_a_save_while_it_is_taken_leaves_the_text_with_one(
    agent: Agent, colleague: Agent, conversation: Conversation
) -> None:
    for number in range(6):
        name = f"w-{number}"
        write(conversation, colleague, f"Dear {number}", name)

        def save(name: str = name, number: int = number) -> object:
            return write(conversation, colleague, f"Dear {number}, it is", name)

        together(save, lambda: drafts.take_over(conversation, "reply", of=colleague, by=agent))
        assert texts(colleague) == [""]
