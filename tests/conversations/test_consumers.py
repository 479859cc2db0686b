"""The agents' socket: who may listen, what arrives, and how it ends."""

import asyncio
from importlib import import_module
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings

from agents.models import Agent, Team
from channels_app.models import Channel
from conversations import consumers, live, rechecking
from conversations.models import Conversation
from tests.factories import make_channel, make_conversation, make_customer, make_inbound, make_team, receive
from tests.sockets import Socket, Sockets, play, sign_in

pytestmark = pytest.mark.django_db(transaction=True)


@sync_to_async
def write(channel: Channel, **fields: Any) -> Any:
    return receive(channel=channel, inbound=make_inbound(address="giulia@example.test", **fields))


def test_a_hint_arrives_without_reloading(channel: Channel, agent: Agent) -> None:
    async def scene(sockets: Sockets) -> None:
        socket = await sockets.open(agent)
        entry = await write(channel)
        hint = await socket.next("hint")
        assert (hint["entry"], hint["customer"], hint["kind"]) == (entry.pk, entry.customer_id, "message")

    play(scene)


def test_an_outsider_hears_nothing(channel: Channel, outsider: Agent) -> None:
    async def scene(sockets: Sockets) -> None:
        socket = await sockets.open(outsider)
        await write(channel)
        assert await socket.fence() == []

    play(scene)


def test_nobody_in_particular_is_turned_away() -> None:
    async def scene(sockets: Sockets) -> None:
        socket = Socket("")
        assert await socket.connect()
        assert await socket.closed() == consumers.SIGNED_OUT

    play(scene)


def test_another_site_cannot_open_the_socket(agent: Agent) -> None:
    async def scene(sockets: Sockets) -> None:
        cookie = await sync_to_async(sign_in)(agent)
        assert not await Socket(cookie, "http://evil.example.test").connect()

    play(scene)


def test_a_visible_customer_may_be_watched(conversation: Conversation, agent: Agent) -> None:
    async def scene(sockets: Sockets) -> None:
        socket = await sockets.open(agent)
        await socket.watch(conversation.customer_id)

    play(scene)


def test_an_invisible_customer_may_not(conversation: Conversation, outsider: Agent) -> None:
    async def scene(sockets: Sockets) -> None:
        socket = await sockets.open(outsider)
        await socket.say("watch", customer=conversation.customer_id)
        assert (await socket.next("denied"))["customer"] == conversation.customer_id
        await sync_to_async(conversation.note)(by=await sync_to_async(Agent.objects.earliest)("pk"), text="x")
        assert await socket.fence() == []

    play(scene)


def test_a_customer_that_does_not_exist_is_denied_alike(outsider: Agent) -> None:
    async def scene(sockets: Sockets) -> None:
        socket = await sockets.open(outsider)
        await socket.say("watch", customer=987_654)
        assert await socket.next("denied") == {"type": "denied", "customer": 987_654}

    play(scene)


def test_whoever_looks_is_seen_by_who_looks(conversation: Conversation, agent: Agent, colleague: Agent) -> None:
    async def scene(sockets: Sockets) -> None:
        first, second = await sockets.open(agent), await sockets.open(colleague)
        await first.watch(conversation.customer_id)
        await second.watch(conversation.customer_id)
        while (seen := await first.next("eph"))["agent"] != colleague.pk:
            pass
        assert (seen["what"], seen["name"]) == ("viewing", "Bruno")
        while (seen := await second.next("eph"))["agent"] != agent.pk:
            pass
        assert (seen["what"], seen["name"]) == ("viewing", "Ana")

    play(scene)


def test_whoever_closes_the_page_is_gone(conversation: Conversation, agent: Agent, colleague: Agent) -> None:
    async def scene(sockets: Sockets) -> None:
        first, second = await sockets.open(agent), await sockets.open(colleague)
        await first.watch(conversation.customer_id)
        await second.watch(conversation.customer_id)
        await second.say("unwatch", customer=conversation.customer_id)
        while (seen := await first.next("eph"))["agent"] != colleague.pk or seen["ttl"] != 0:
            pass

    play(scene)


def test_typing_is_told_to_who_watches(conversation: Conversation, agent: Agent, colleague: Agent) -> None:
    async def scene(sockets: Sockets) -> None:
        first, second = await sockets.open(agent), await sockets.open(colleague)
        for socket in (first, second):
            await socket.watch(conversation.customer_id)
        await second.say("typing", customer=conversation.customer_id, mode="note")
        while (seen := await first.next("eph"))["what"] != "typing":
            pass
        assert (seen["agent"], seen["mode"]) == (colleague.pk, "note")

    play(scene)


def test_typing_where_one_does_not_watch_is_told_to_nobody(
    conversation: Conversation, agent: Agent, outsider: Agent
) -> None:
    async def scene(sockets: Sockets) -> None:
        first, stranger = await sockets.open(agent), await sockets.open(outsider)
        await first.watch(conversation.customer_id)
        await first.fence()
        await stranger.say("typing", customer=conversation.customer_id)
        await stranger.say("ping")
        await stranger.next("pong")
        assert [frame for frame in await first.fence() if frame.get("what") == "typing"] == []

    play(scene)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '"watch"', '{"type": "watch"}', '{"type": "watch", "customer": "1"}', "x" * 5_000],
    ids=lambda text: text[:30],
)
def test_what_a_browser_garbles_ends_nothing(agent: Agent, text: str) -> None:
    async def scene(sockets: Sockets) -> None:
        socket = await sockets.open(agent)
        await socket.say_text(text)
        await socket.say("ping")
        await socket.next("pong")

    play(scene)


def test_a_number_beyond_all_bounds_ends_nothing(agent: Agent) -> None:
    async def scene(sockets: Sockets) -> None:
        socket = await sockets.open(agent)
        await socket.say("watch", customer=10**30)
        await socket.say("ping")
        await socket.next("pong")

    play(scene)


def test_a_kick_closes_the_socket(agent: Agent) -> None:
    async def scene(sockets: Sockets) -> None:
        socket = await sockets.open(agent)
        await sync_to_async(live.kick)(agent.pk)
        assert await socket.closed() == consumers.SIGNED_OUT

    play(scene)


def test_a_customer_that_went_private_is_heard_no_more(conversation: Conversation, agent: Agent, team: Team) -> None:
    async def scene(sockets: Sockets) -> None:
        socket = await sockets.open(agent)
        await socket.watch(conversation.customer_id)
        private = await sync_to_async(make_team)(name="Complaints", is_private=True)
        await sync_to_async(conversation.assign)(by=None, team=private)
        await socket.next("rewatch")
        await socket.fence()
        await sync_to_async(conversation.note)(by=agent, text="Between us.")
        assert await socket.fence() == []

    play(scene)


def test_a_session_that_ended_is_noticed(agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rechecking, "RECHECK_SECONDS", 0.05)

    async def scene(sockets: Sockets) -> None:
        socket = await sockets.open(agent)
        store = import_module(settings.SESSION_ENGINE).SessionStore
        await sync_to_async(lambda: store.get_model_class().objects.all().delete())()
        assert await socket.closed() == consumers.SIGNED_OUT

    play(scene)


def test_whoever_left_the_house_is_cut_off(agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rechecking, "RECHECK_SECONDS", 0.05)

    async def scene(sockets: Sockets) -> None:
        socket = await sockets.open(agent)
        await sync_to_async(Agent.objects.filter(pk=agent.pk).update)(is_active=False)
        assert await socket.closed() == consumers.SIGNED_OUT

    play(scene)


def test_a_new_team_is_heard_after_the_next_look(
    agent: Agent, outsider: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rechecking, "RECHECK_SECONDS", 0.05)
    back = make_channel(name="Back", team=outsider.teams.get())
    make_conversation(customer=make_customer(), channel=back)

    async def scene(sockets: Sockets) -> None:
        socket = await sockets.open(agent)
        await sync_to_async(agent.memberships.create)(team=await sync_to_async(outsider.teams.get)())
        name = f"team.{(await sync_to_async(outsider.teams.get)()).pk}"
        async with asyncio.timeout(5):
            while name not in {key for key in consumers.hub()._confirmed if consumers.hub()._confirmed[key].is_set()}:
                await asyncio.sleep(0.01)
        await write(back)
        await socket.next("hint")

    play(scene)


def test_what_is_watched_while_the_rights_are_looked_at_is_heard(
    conversation: Conversation, agent: Agent, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_conversation(channel=channel, customer=make_customer(name="Paolo", address="paolo@example.test"))

    async def scene(sockets: Sockets) -> None:
        socket = await sockets.open(agent)
        await socket.watch(conversation.customer_id)
        (guest,) = consumers.rechecks()._guests
        assert isinstance(guest, consumers.AgentConsumer)
        may_watch, come = guest._may_watch, [other.customer_id]

        async def slowly(pk: int) -> bool:
            for late in [come.pop() for _ in come[:]]:
                await guest._watch(late)
            return await may_watch(pk)

        monkeypatch.setattr(guest, "_may_watch", slowly)
        await consumers.rechecks().look([guest])
        assert guest.watched == {conversation.customer_id, other.customer_id}
        await sync_to_async(live.publish)([f"customer.{other.customer_id}"], {"type": "hint", "entry": 7})
        assert (await socket.next("hint"))["entry"] == 7

    play(scene)
