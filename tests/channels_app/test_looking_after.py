"""Channels in trouble are told of once; what expires is renewed, old exchanges are forgotten, names are asked for."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client

from agents.models import Agent
from channels_app import health, learning, looking_after, warning
from channels_app.models import Channel, ChannelLog, Visitor, VisitorLink
from conversations.models import Conversation, Delivery
from customers.models import Customer
from helpdesk.lib import clock as our_clock
from helpdesk.lib.events import Event, EventKind
from helpdesk.lib.inbound import Party
from helpdesk.lib.outbound import ProviderProfile, SendError
from tests.factories import make_agent, make_customer, make_team, route_to

pytestmark = pytest.mark.django_db
NOW = our_clock.real


def fail(conversation: Conversation, agent: Agent, ended: int, failed: int) -> None:
    entry = conversation.reply(by=agent, text="Hi", to=route_to(conversation))
    first = Delivery.objects.get(message_id=entry.pk)
    rows = [Delivery(message=first.message, channel=first.channel, state="sent") for _ in range(ended)]
    for row in rows[:failed]:
        row.state = "failed"
    Delivery.objects.bulk_create(rows)


def test_administrators_hear_of_a_channel_that_is_down_once(channel: Channel) -> None:
    make_agent(name="Ada Bianchi", role="admin")
    Channel.objects.update(state="down", down_since=NOW(), down_reason="The log-in is wrong.")
    assert [warning.sweep(), warning.sweep()] == [1, 0]
    assert "The log-in is wrong." in mail.outbox[0].body
    assert f"/settings/channels/{channel.pk}/" in mail.outbox[0].body
    Channel.objects.update(state="active")
    assert warning.sweep() == 0
    Channel.objects.update(state="down")
    assert warning.sweep() == 1


def test_a_login_that_ends_within_a_week_is_told_of(channel: Channel) -> None:
    make_agent(name="Ada Bianchi", role="admin")
    Channel.objects.update(access_until=NOW() + timedelta(days=8))
    assert warning.sweep() == 0
    Channel.objects.update(access_until=NOW() + timedelta(days=6))
    assert warning.sweep() == 1


@pytest.mark.parametrize(("ended", "failed", "told"), [(10, 3, 1), (10, 2, 0), (9, 9, 0)])
def test_many_failures_are_told_of(
    conversation: Conversation, agent: Agent, ended: int, failed: int, told: int
) -> None:
    make_agent(name="Ada Bianchi", role="admin")
    fail(conversation, agent, ended, failed)
    share = health.share_of(conversation.threads.get().channel)
    assert (share.ended, share.failed) == (ended, failed)
    assert warning.sweep() == told


def test_a_day_later_it_is_well_again(conversation: Conversation, agent: Agent, clock: time_machine.Traveller) -> None:
    fail(conversation, agent, 10, 5)
    clock.shift(timedelta(hours=25))
    assert health.share_of(conversation.threads.get().channel).ended == 0


def test_whoever_looks_after_channels_sees_the_bar(channel: Channel, client: Client, agent: Agent) -> None:
    Channel.objects.update(state="down", down_since=NOW())
    seen = {}
    narrow = make_agent(name="Nina Serra", role="agent", teams=(make_team(),))
    for who in (make_agent(name="Ada B", role="admin"), make_agent(name="Sofia M", role="supervisor"), agent, narrow):
        client.force_login(who)
        page = client.get("/me/preferences/").content.decode()
        seen[who.first_name] = ("A channel is down" in page, "/settings/channels/" in page)
    assert seen == {"Ada": (True, True), "Sofia": (True, False), "Ana": (False, False), "Nina": (False, False)}


def test_a_paused_channel_troubles_nobody(channel: Channel) -> None:
    make_agent(name="Ada Bianchi", role="admin")
    Channel.objects.update(state="paused", access_until=NOW())
    assert (warning.sweep(), warning.in_trouble()) == (0, [])


def test_a_channel_is_renewed_and_a_refusal_stops_nothing(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def refuse(self: Any, channel: Channel) -> None:
        asked.append(channel.pk)
        raise SendError("credentials", "No.")

    monkeypatch.setattr(type(channel.adapter), "refresh", refuse)
    for pk in looking_after.to_refresh():
        looking_after.refresh(Channel.objects.get(pk=pk))
    assert asked == [channel.pk]


def test_old_exchanges_are_forgotten(channel: Channel) -> None:
    for days in (29, 31):
        ChannelLog.objects.create(channel=channel, what="send", at=NOW() - timedelta(days=days))
    assert looking_after.forget() == 1
    assert ChannelLog.objects.count() == 1


def test_links_and_browsers_of_long_ago_are_forgotten(channel: Channel) -> None:
    for days in (29, 31):
        at = NOW() - timedelta(days=days)
        VisitorLink.objects.create(channel=channel, key="k", token_sha256=f"{days}", expires_at=at)
    for days in (364, 366):
        Visitor.objects.create(channel=channel, key="k", token_sha256=f"{days}", seen_at=NOW() - timedelta(days=days))
    assert looking_after.forget() == 2
    assert (VisitorLink.objects.get().token_sha256, Visitor.objects.get().token_sha256) == ("29", "364")


@pytest.fixture
def telling(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let the provider tell names; whom it was asked for."""
    asked: list[str] = []

    def profile(self: Any, channel: Channel, party: Party) -> ProviderProfile:
        asked.append(party.value)
        return ProviderProfile(name="Giulia Tedesco", username="@giulia", language="it")

    monkeypatch.setattr(type(channel.adapter), "profile", profile)
    return asked


def test_a_name_fills_a_gap_and_overwrites_nothing(channel: Channel, telling: list[str], live: Any) -> None:
    make_customer(name="", address="new@example.test")
    make_customer(name="Somebody", address="known@example.test")
    assert learning.fetch_profile(channel, Party("email", "new@example.test"))
    assert not learning.fetch_profile(channel, Party("email", "known@example.test"))
    assert not learning.fetch_profile(channel, Party("email", "nobody@example.test"))
    assert telling == ["new@example.test"]
    assert Customer.objects.filter(name="Giulia Tedesco", language="it").count() == 1


def test_only_a_nameless_message_that_is_new_asks(
    channel: Channel, telling: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[Any] = []
    monkeypatch.setattr(learning, "ring", lambda *args: rung.append(args))
    event = Event(EventKind.MESSAGE, sender_id="new@example.test")
    for one, outcome in ((event, "filed"), (event, "copy"), (Event(EventKind.MESSAGE, sender_name="Ada"), "filed")):
        learning.ask_for_name(channel, one, outcome)
    assert rung == [(learning.FETCH_PROFILE, channel.pk, "email", "new@example.test", "")]
