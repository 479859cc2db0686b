"""One act on several conversations at once."""

from django.test import Client

from agents.models import Agent
from channels_app.models import Channel
from conversations.models import Conversation
from tests.factories import make_conversation, make_customer

HX = {"HX-Request": "true"}


def another(channel: Channel, name: str) -> Conversation:
    return make_conversation(customer=make_customer(name=name, address=f"{name}@example.test"), channel=channel)


def do(client: Client, act: str, *rows: Conversation) -> str:
    numbers = ",".join(str(row.number) for row in rows)
    return client.post("/conversations/changes/", {"act": act, "numbers": numbers}, headers=HX).content.decode()


def test_several_are_resolved_and_taken_back(
    client: Client, agent: Agent, conversation: Conversation, channel: Channel
) -> None:
    other = another(channel, "nadia")
    client.force_login(agent)
    page = do(client, "resolution:", conversation, other)
    assert "2 conversations changed." in page
    assert {row.status for row in Conversation.objects.all()} == {"resolved"}
    undo = page.split('action="')[1].split('"')[0]
    assert "Undone." in client.post(undo, headers=HX).content.decode()
    assert {row.status for row in Conversation.objects.all()} == {"open"}


def test_several_are_given_to_a_colleague_and_to_nobody(
    client: Client, agent: Agent, colleague: Agent, conversation: Conversation, channel: Channel
) -> None:
    rows = [conversation, another(channel, "nadia")]
    client.force_login(agent)
    do(client, f"assignment:{colleague.pk}", *rows)
    assert {row.assignee for row in Conversation.objects.all()} == {colleague}
    do(client, "assignment:", *rows)
    assert {row.assignee for row in Conversation.objects.all()} == {None}


def test_several_are_put_away(client: Client, agent: Agent, conversation: Conversation) -> None:
    client.force_login(agent)
    do(client, "snooze:2099-01-01T09:00:00+00:00", conversation)
    conversation.refresh_from_db()
    assert conversation.status == "snoozed"


def test_what_one_does_not_see_is_not_changed_and_counted(
    client: Client, outsider: Agent, conversation: Conversation
) -> None:
    client.force_login(outsider)
    assert "1 could not be changed." in do(client, "resolution:", conversation)
    conversation.refresh_from_db()
    assert conversation.status == "open"


def test_an_unknown_act_changes_nothing(client: Client, agent: Agent, conversation: Conversation) -> None:
    client.force_login(agent)
    for act in ("deletion:", "assignment:nobody", "snooze:yesterday", ""):
        assert "This cannot be done" in do(client, act, conversation)
    conversation.refresh_from_db()
    assert conversation.status == "open"


def test_what_was_changed_since_is_not_undone(
    client: Client, agent: Agent, colleague: Agent, conversation: Conversation
) -> None:
    client.force_login(agent)
    page = do(client, f"assignment:{colleague.pk}", conversation)
    conversation.refresh_from_db()
    conversation.assign(by=colleague, agent=agent)
    undo = page.split('action="')[1].split('"')[0]
    assert "cannot be undone" in client.post(undo, headers=HX).content.decode()
    conversation.refresh_from_db()
    assert conversation.assignee == agent
