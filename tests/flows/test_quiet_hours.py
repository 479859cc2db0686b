"""Quiet hours and opting out, from the composer to the provider."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.test import Client

from agents.models import Agent
from channels_app import delivery
from conversations import people, replying
from conversations.models import Conversation, Delivery, Entry
from tests import paper
from tests.factories import make_identity, route_to

pytestmark = pytest.mark.django_db
NOON, NIGHT, MORNING = "2026-11-22T12:00:00+00:00", "2026-11-22T23:30:00+00:00", "2026-11-23T09:00:00+00:00"
SCRIPT = {"HX-Request": "true"}


def at(moment: str) -> time_machine.travel:
    return time_machine.travel(datetime.fromisoformat(moment), tick=False)


@pytest.fixture
def sleeper(conversation: Conversation, agent: Agent) -> Conversation:
    """Giulia wants quiet from nine in the evening to nine in the morning, UTC."""
    hours = {"quiet_from": datetime.fromisoformat(NOON).time().replace(21), "time_zone": "UTC"}
    hours["quiet_until"] = datetime.fromisoformat(MORNING).time()
    people.change_profile(conversation.customer, hours, by=agent)
    conversation.refresh_from_db()
    return conversation


def send(client: Client, conversation: Conversation, **more: str) -> tuple[int, str]:
    to = route_to(conversation)
    body = {"text": "It is on its way.", "way": f"{to.channel_id}-{to.identity_id}", **more}
    response = client.post(f"/conversations/{conversation.number}/replies/", body, headers=SCRIPT)
    return response.status_code, response.content.decode()


def only() -> Delivery:
    return Delivery.objects.latest("pk")


def test_an_agent_is_asked_at_night_and_nothing_leaves(client: Client, agent: Agent, sleeper: Conversation) -> None:
    with at(NIGHT):
        client.force_login(agent)
        status, page = send(client, sleeper)
    assert (status, Delivery.objects.count()) == (409, 0)
    assert "It is 23:30 for Giulia Tedesco, who wants quiet until 09:00." in page
    assert "Send at 09:00 there" in page


def test_an_agent_is_not_asked_by_day(client: Client, agent: Agent, sleeper: Conversation) -> None:
    with at(NOON):
        client.force_login(agent)
        assert send(client, sleeper)[0] == 201
    assert only().send_at is None


def test_what_is_to_go_later_leaves_in_the_morning(
    client: Client, agent: Agent, sleeper: Conversation, sent: paper.Post
) -> None:
    with at(NIGHT):
        client.force_login(agent)
        status, page = send(client, sleeper, quiet="later")
        assert status == 201 and "Will be sent Mon 09:00" in page
        assert (delivery.deliver(only().pk), list(delivery.due())) == ("queued", [])
    with at(MORNING):
        assert list(delivery.due()) == [only()]
        assert delivery.deliver(only().pk) == "sent"


def test_what_waits_for_the_morning_can_be_taken_back_or_sent_at_once(
    client: Client, agent: Agent, sleeper: Conversation, sent: paper.Post
) -> None:
    with at(NIGHT):
        client.force_login(agent)
        send(client, sleeper, quiet="later")
        page = client.post(f"/messages/{only().message_id}/cancellation/", headers=SCRIPT).content.decode()
        assert ">It is on its way.</textarea>" in page and only().state == "cancelled"
        send(client, sleeper, quiet="later")
        client.post(f"/messages/{only().message_id}/release/", headers=SCRIPT)
        assert delivery.deliver(only().pk) == "sent"


def test_what_is_sent_anyway_leaves_now(client: Client, agent: Agent, sleeper: Conversation, sent: paper.Post) -> None:
    with at(NIGHT):
        client.force_login(agent)
        assert send(client, sleeper, quiet="now")[0] == 201
    with at("2026-11-22T23:31:00+00:00"):
        assert delivery.deliver(only().pk) == "sent"


@pytest.mark.parametrize("has_author", [True, False])
def test_what_no_person_decided_waits_by_itself(agent: Agent, sleeper: Conversation, *, has_author: bool) -> None:
    with at(NIGHT):
        sleeper.reply(by=agent if has_author else None, text="We got it.", to=route_to(sleeper))
    assert only().send_at == datetime.fromisoformat(MORNING)


def test_a_repeated_try_waits_for_the_morning_too(agent: Agent, sleeper: Conversation, sent: paper.Post) -> None:
    with at(NOON):
        sleeper.reply(by=agent, text="We got it.", to=route_to(sleeper))
    Delivery.objects.update(state="retry", attempts=1)
    with at(NIGHT):
        assert delivery.deliver(only().pk) == "retry"
        assert only().next_try_at == datetime.fromisoformat(MORNING)
    with at(MORNING):
        assert delivery.deliver(only().pk) == "sent"


def test_what_was_written_just_before_still_leaves(agent: Agent, sleeper: Conversation, sent: paper.Post) -> None:
    with at("2026-11-22T20:59:55+00:00"):
        sleeper.reply(by=agent, text="We got it.", to=route_to(sleeper), hold_seconds=10)
    with at("2026-11-22T21:00:06+00:00"):
        assert delivery.deliver(only().pk) == "sent"


def test_a_next_answer_does_not_wait_behind_one_for_the_morning(
    agent: Agent, sleeper: Conversation, sent: paper.Post
) -> None:
    with at(NIGHT):
        sleeper.reply(by=None, text="Automatic", to=route_to(sleeper))
        sleeper.reply(by=agent, text="Now", to=route_to(sleeper), despite_quiet=True)
        assert delivery.deliver(only().pk) == "sent"


def test_what_was_waiting_when_its_customer_opted_out_does_not_leave(
    conversation: Conversation, agent: Agent, sent: paper.Post
) -> None:
    entry = conversation.reply(by=agent, text="Hello", to=route_to(conversation))
    people.opt_out(conversation.customer.identities.get(), by=agent)
    assert delivery.deliver(only().pk) == "failed"
    assert "does not want to be written to" in only().error
    assert replying.retry(entry) and delivery.deliver(only().pk) == "failed"
    people.opt_in(conversation.customer.identities.get(), by=agent)
    assert replying.retry(entry) and delivery.deliver(only().pk) == "sent"


def test_no_copy_goes_to_who_opted_out(conversation: Conversation, agent: Agent) -> None:
    people.opt_out(make_identity(address="office@example.test"), by=agent)
    with pytest.raises(replying.NoWay, match="copy"):
        conversation.reply(by=agent, text="Hello", to=route_to(conversation, cc=("office@example.test",)))
    assert not Entry.objects.filter(kind="message", by=agent).exists()


def test_the_customer_still_waits_while_the_answer_does(agent: Agent, sleeper: Conversation, sent: paper.Post) -> None:
    with at(NIGHT):
        sleeper.reply(by=agent, text="We got it.", to=route_to(sleeper))
        sleeper.refresh_from_db()
        assert sleeper.waiting_since is not None
    with at((datetime.fromisoformat(MORNING) + timedelta(minutes=1)).isoformat()):
        delivery.deliver(only().pk)
        sleeper.refresh_from_db()
        assert sleeper.waiting_since is None
