"""Colleagues who are named in a note."""

from django.test import Client

from agents.models import Agent
from conversations import notify
from conversations.models import Conversation
from conversations.models.notification import Mention, Notification
from conversations.templatetags.timeline import naming


def named(conversation: Conversation, by: Agent, text: str) -> set[str]:
    entry = conversation.note(by=by, text=text)
    return {row.agent.name for row in Mention.objects.filter(entry=entry) if row.agent}


def test_a_colleague_is_named_by_full_name_or_the_only_first_name(
    conversation: Conversation, agent: Agent, colleague: Agent
) -> None:
    assert named(conversation, agent, "Ask @Bruno Rossi, please") == {"Bruno Rossi"}
    assert named(conversation, agent, "@bruno: could you?") == {"Bruno Rossi"}


def test_an_address_and_half_a_name_are_nobody(conversation: Conversation, agent: Agent, colleague: Agent) -> None:
    assert named(conversation, agent, "write to someone@bruno.example.test or @Brunone, not @Br") == set()


def test_who_may_not_read_the_note_is_not_named(conversation: Conversation, agent: Agent, outsider: Agent) -> None:
    assert not Conversation.objects.visible_to(outsider).filter(pk=conversation.pk).exists()
    assert named(conversation, agent, "@Otto Weber") == set()


def test_a_note_that_names_somebody_who_may_not_read_it_says_so_first(
    client: Client, conversation: Conversation, agent: Agent, outsider: Agent, colleague: Agent
) -> None:
    client.force_login(agent)
    url, script = f"/conversations/{conversation.number}/notes/", {"HX-Request": "true"}
    body = {"note": "@Otto Weber and @Bruno Rossi, look", "seen_seq": "1", "client_id": "n-1"}
    refused = client.post(url, body, headers=script)
    assert refused.status_code == 409
    assert "May not read this conversation and will not be told: Otto Weber." in refused.content.decode()
    assert not conversation.entries.filter(kind="note").exists()
    assert client.post(url, {**body, "seen_seq": ""}, headers=script).status_code == 201
    assert [row.agent for row in Mention.objects.all()] == [colleague]


def test_a_note_that_names_those_who_may_read_it_is_added_at_once(
    client: Client, conversation: Conversation, agent: Agent, colleague: Agent, supervisor: Agent
) -> None:
    client.force_login(agent)
    body = {"note": "@Bruno Rossi, @Sofia Marin, look", "seen_seq": "1"}
    assert client.post(f"/conversations/{conversation.number}/notes/", body).status_code == 302


def test_who_is_named_is_told_once_and_finds_it_among_mentions(
    client: Client, conversation: Conversation, agent: Agent, colleague: Agent
) -> None:
    entry = conversation.note(by=agent, text="@Bruno Rossi, look")
    notify.after_entry(entry)
    notify.after_entry(entry)
    assert [(row.agent, row.kind) for row in Notification.objects.all()] == [(colleague, "mention")]
    client.force_login(colleague)
    assert f"row-{conversation.pk}" in client.get("/inbox/mentions/").content.decode()


def test_a_name_is_marked_and_everything_else_stays_escaped() -> None:
    page = naming("<b>@Bruno Rossi</b> & co", ["Bruno Rossi"])
    assert page == '&lt;b&gt;<b class="at" translate="no">@Bruno Rossi</b>&lt;/b&gt; &amp; co'
