"""Acts on a conversation: allowed, refused to outsiders, undone, and answered for scripts and without."""

from datetime import timedelta

import pytest
from django.test import Client

from agents.models import Agent, Team
from conversations.models import Conversation, Entry, SeenMarker
from helpdesk.lib import clock
from tests import factories

SCRIPT = {"HX-Request": "true"}
ACTS = [
    ("assignment", {"take": "1"}),
    ("snooze", {"until": "2099-01-01T09:00:00+00:00"}),
    ("resolution", {}),
    ("reopening", {}),
    ("waiting", {}),
    ("seen", {"seq": "1"}),
    ("notes", {"note": "Hello"}),
    ("drafts/reply", {"text": "Hello"}),
]


def act(
    client: Client, agent: Agent, conversation: Conversation, noun: str, data: "dict[str, str]"
) -> "tuple[int, str]":
    client.force_login(agent)
    response = client.post(f"/conversations/{conversation.number}/{noun}/", data, headers=SCRIPT)
    conversation.refresh_from_db()
    return response.status_code, response.content.decode()


@pytest.mark.parametrize(("noun", "data"), ACTS)
def test_an_outsider_changes_nothing(
    client: Client, outsider: Agent, conversation: Conversation, noun: str, data: "dict[str, str]"
) -> None:
    before = Entry.objects.count()
    assert act(client, outsider, conversation, noun, data)[0] == 404
    assert (Entry.objects.count(), conversation.status, conversation.version) == (before, "open", 1)


@pytest.mark.parametrize(("noun", "data"), ACTS)
def test_a_stranger_is_sent_to_sign_in(
    client: Client, conversation: Conversation, noun: str, data: "dict[str, str]"
) -> None:
    response = client.post(f"/conversations/{conversation.number}/{noun}/", data)
    assert response.status_code == 302 and response.url.startswith("/login/")


@pytest.mark.parametrize(("noun", "data"), ACTS)
def test_an_act_is_never_a_get(
    client: Client, agent: Agent, conversation: Conversation, noun: str, data: "dict[str, str]"
) -> None:
    client.force_login(agent)
    assert client.get(f"/conversations/{conversation.number}/{noun}/").status_code == 405


def test_take_makes_it_mine_and_offers_undo(client: Client, agent: Agent, conversation: Conversation) -> None:
    status, text = act(client, agent, conversation, "assignment", {"take": "1"})
    entry = Entry.objects.get(kind="assignment")
    assert (status, conversation.assignee) == (200, agent)
    assert f"/entries/{entry.pk}/undoing/" in text and "It is yours." in text and "Owner you" in text


def test_the_slower_of_two_is_told_who_was_faster(
    client: Client, agent: Agent, colleague: Agent, conversation: Conversation
) -> None:
    conversation.take(by=colleague)
    status, text = act(client, agent, conversation, "assignment", {"take": "1"})
    assert (status, conversation.assignee) == (422, colleague)
    assert "Bruno Rossi took it first." in text


def test_assign_to_a_team_hands_it_over(client: Client, agent: Agent, conversation: Conversation) -> None:
    other = factories.make_team(name="Billing")
    act(client, agent, conversation, "assignment", {"team": str(other.pk)})
    assert Conversation.objects.get(pk=conversation.pk).team == Team.objects.get(pk=other.pk)


def test_assign_to_nobody_known_is_refused(client: Client, agent: Agent, conversation: Conversation) -> None:
    assert act(client, agent, conversation, "assignment", {"agent": "999999"})[0] == 422


def test_snooze_takes_a_preset_time(client: Client, agent: Agent, conversation: Conversation) -> None:
    until = (clock.now() + timedelta(hours=3)).isoformat()
    assert act(client, agent, conversation, "snooze", {"until": until})[0] == 200
    assert conversation.status == "snoozed"


@pytest.mark.parametrize("until", ["", "nonsense", "2001-01-01T09:00", "own"])
def test_snooze_refuses_what_is_no_time_ahead(
    client: Client, agent: Agent, conversation: Conversation, until: str
) -> None:
    status, text = act(client, agent, conversation, "snooze", {"until": until})
    assert (status, conversation.status) == (422, "open")
    assert 'role="status"' in text


def test_an_own_time_is_read_in_the_agents_zone(client: Client, agent: Agent, conversation: Conversation) -> None:
    Agent.objects.filter(pk=agent.pk).update(time_zone="Europe/Bucharest")
    act(client, agent, conversation, "snooze", {"until": "own", "own": "2099-01-10T09:00"})
    assert (
        conversation.snoozed_until is not None and conversation.snoozed_until.isoformat() == "2099-01-10T07:00:00+00:00"
    )


def test_resolve_and_undo_leave_it_as_it_was(client: Client, agent: Agent, conversation: Conversation) -> None:
    act(client, agent, conversation, "resolution", {})
    assert conversation.status == "resolved"
    client.post(f"/entries/{Entry.objects.get(kind='status').pk}/undoing/", headers=SCRIPT)
    conversation.refresh_from_db()
    assert (conversation.status, conversation.resolved_at) == ("open", None)


def test_undo_comes_too_late_after_somebody_elses_change(
    client: Client, agent: Agent, colleague: Agent, conversation: Conversation
) -> None:
    act(client, agent, conversation, "resolution", {})
    conversation.reopen(by=colleague)
    entry = Entry.objects.filter(kind="status").earliest("pk")
    assert client.post(f"/entries/{entry.pk}/undoing/", headers=SCRIPT).status_code == 422


def test_an_outsider_undoes_nothing(client: Client, agent: Agent, outsider: Agent, conversation: Conversation) -> None:
    entry = conversation.resolve(by=agent)
    client.force_login(outsider)
    assert entry is not None and client.post(f"/entries/{entry.pk}/undoing/").status_code == 404


def test_without_a_script_an_act_leads_back_to_the_page(
    client: Client, agent: Agent, conversation: Conversation
) -> None:
    client.force_login(agent)
    response = client.post(f"/conversations/{conversation.number}/resolution/", follow=True)
    assert response.redirect_chain[-1][0] == f"/customers/{conversation.customer_id}/?c={conversation.number}"


def test_a_light_agent_may_not_change_a_state(client: Client, team: Team, conversation: Conversation) -> None:
    light = factories.make_agent(name="Lia Light", role="light", teams=(team,))
    assert act(client, light, conversation, "resolution", {})[0] == 403


def test_seen_never_goes_back_nor_beyond_what_exists(client: Client, agent: Agent, conversation: Conversation) -> None:
    for seq in ("1", "0", "999999"):
        act(client, agent, conversation, "seen", {"seq": seq})
    conversation.customer.refresh_from_db()
    assert SeenMarker.objects.get(agent=agent).seen_seq == conversation.customer.last_seq
