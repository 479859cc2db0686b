"""The visitor's socket: who is let in, what it hears, and what ends it."""

from typing import Any

import pytest
from asgiref.sync import sync_to_async

from agents.models import Agent, Team
from channels_app import intake
from channels_app.adapters.webchat.rounds import rounds
from channels_app.models import Channel, RawEvent
from channels_app.models import Visitor as Row
from conversations import live
from conversations.models import Entry
from tests.channels_app.webchat.talking import SITE, Visitor, make_widget
from tests.factories import make_agent, make_channel, make_inbound, make_team, receive
from tests.sockets import Socket, Sockets, play

pytestmark = pytest.mark.django_db(transaction=True)


def _known(**widget: Any) -> tuple[Visitor, Entry]:
    """Somebody who has written."""
    visitor = Visitor(make_widget(**widget).public_key)
    visitor.arrive()
    visitor.say("Hello")
    intake.process(RawEvent.objects.latest("pk").pk)
    return visitor, Entry.objects.filter(kind=Entry.Kind.MESSAGE).latest("pk")


async def _open(key: str) -> Socket:
    socket = Socket("", path=f"/ws/widget/{key}/")
    assert await socket.connect()
    return socket


def test_who_has_a_token_hears_that_there_is_something_and_not_what() -> None:
    visitor, entry = _known()
    brand = Channel.objects.get().brand_id

    async def scene(_sockets: Sockets) -> None:
        socket = await _open(visitor.key)
        await socket.say("hello", token=visitor.token, site=SITE)
        assert await socket.frame() == {"type": "watching"}
        await sync_to_async(live.announce)(entry)
        audience = f"visitor.identity.{entry.message.sender_id}"
        assert await socket.frame() == {"type": "news", "audience": audience}
        # A notice is on: said to the widgets of its brand.
        said, own = {"type": "nudge", "what": "notices"}, f"visitor.brand.{brand}"
        await sync_to_async(live.publish)([f"visitor.brand.{brand + 1}", own], said)
        assert await socket.frame() == {**said, "audience": own}
        await socket.say("ping")
        assert await socket.frame() == {"type": "pong"}
        await socket.disconnect()

    play(scene)
    assert Row.objects.get().left_at is not None


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("hello", {"token": "x" * 43, "site": SITE}), ("hello", {}), ("ping", {}), ("typing", {}),
        ("hello", {"token": None, "site": SITE}), ("hello", {"token": ["a"], "site": SITE}),
        ("hello", {"token": 0, "site": 0}), ("watch", {"customer": 1}),
    ],
)  # fmt: skip
def test_who_has_none_is_shown_out(kind: str, said: dict[str, Any]) -> None:
    visitor, _entry = _known()

    async def scene(_sockets: Sockets) -> None:
        socket = await _open(visitor.key)
        await socket.say(kind, **said)
        assert await socket.closed() == 4401
        await socket.disconnect()

    play(scene)


def test_a_token_is_no_good_from_another_site_or_for_another_widget() -> None:
    visitor, _entry = _known()
    other = make_widget().public_key

    async def scene(_sockets: Sockets) -> None:
        for key, site in ((visitor.key, "https://evil.example.test"), (other, SITE), ("0" * 32, SITE)):
            socket = await _open(key)
            await socket.say("hello", token=visitor.token, site=site)
            assert await socket.closed() == 4401
            await socket.disconnect()

    play(scene)


@pytest.mark.parametrize(
    "origin", ["https://evil.example.test", "null", "http://testserver.evil.test", "file://", "x", ""]
)
def test_a_page_of_another_host_opens_no_socket(origin: str) -> None:
    async def scene(_sockets: Sockets) -> None:
        assert not await Socket("", origin, f"/ws/widget/{'0' * 32}/").connect()

    play(scene)


@pytest.mark.parametrize("text", ["x" * 2_001, ""])
def test_what_no_person_sends_ends_it(text: str) -> None:
    visitor, _entry = _known()

    async def scene(_sockets: Sockets) -> None:
        socket = await _open(visitor.key)
        await socket.say("hello", token=visitor.token, site=SITE)
        for _ in range(1 if text else 61):
            await socket.say_text(text or '{"type":"ping"}')
        assert await socket.closed() == 4429
        await socket.disconnect()

    play(scene)


async def _enter(visitor: Visitor) -> Socket:
    socket = await _open(visitor.key)
    await socket.say("hello", token=visitor.token, site=SITE)
    assert await socket.frame() == {"type": "watching"}
    return socket


async def _told(agent: Socket) -> list[str]:
    """What an agent hears of the visitor until now."""
    return [frame["what"] for frame in await agent.fence() if frame["type"] == "eph" and "agent" not in frame]


async def _until(agent: Socket, what: str) -> dict[str, Any]:
    while (frame := await agent.next("eph"))["what"] != what:
        pass
    return frame


def test_agents_hear_that_somebody_came_and_left_and_not_where(agent: Agent, team: Team) -> None:
    visitor, entry = _known(team=team)

    async def scene(sockets: Sockets) -> None:
        watching = await sockets.open(agent)
        await watching.watch(entry.customer_id)
        first = await _enter(visitor)
        frame = await _until(watching, "here")
        assert frame == {
            "type": "eph", "ttl": 0, "what": "here", "customer": entry.customer_id,
            "audience": f"customer.{entry.customer_id}",
        }  # fmt: skip
        second = await _enter(visitor)
        await _until(watching, "here")
        await first.disconnect()
        await second.say("typing")
        await _until(watching, "customer_typing")
        assert "here" not in await _told(watching)
        await second.disconnect()
        await _until(watching, "here")

    play(scene)


def test_of_a_private_teams_conversation_others_hear_nothing(agent: Agent, team: Team) -> None:
    private = make_team(name="Private", is_private=True)
    insider = make_agent(name="Ines Inside", teams=(private,))
    visitor, entry = _known(team=private)
    entry.customer.identities.create(kind="email", value="giulia@example.test")
    home = make_channel(team=team)
    assert receive(channel=home, inbound=make_inbound(address="giulia@example.test")).customer_id == entry.customer_id

    async def scene(sockets: Sockets) -> None:
        outside, inside = await sockets.open(agent), await sockets.open(insider)
        for watching in (outside, inside):
            await watching.watch(entry.customer_id)
        socket = await _enter(visitor)
        await socket.say("typing")
        await _until(inside, "customer_typing")
        await socket.disconnect()
        await _until(inside, "here")
        assert await _told(outside) == []

    play(scene)


@pytest.mark.parametrize("what", ["widget", "site", "token", "browser"])
def test_whose_token_site_or_widget_is_no_more_is_shown_out_at_the_next_round(what: str) -> None:
    visitor, _entry = _known()

    def end() -> None:
        channel = Channel.objects.get()
        if what == "widget":
            channel.state = Channel.State.PAUSED
        elif what == "site":
            channel.config = {**channel.config, "sites": "https://other.example.test"}
        channel.save()
        if what == "token":
            Row.objects.update(token_sha256="0" * 64)
        elif what == "browser":
            Row.objects.all().delete()

    async def scene(_sockets: Sockets) -> None:
        socket = await _enter(visitor)
        rounds().soon()
        await socket.say("ping")
        assert await socket.frame() == {"type": "pong"}
        await sync_to_async(end)()
        rounds().soon()
        assert await socket.closed() == 4401
        await socket.disconnect()

    play(scene)


def test_a_page_that_came_too_soon_is_written_by_the_next_round() -> None:
    visitor, _entry = _known()
    page = {"url": "https://shop.example.test/next", "title": "Next"}
    Row.objects.update(page={"url": "https://shop.example.test/", "title": "Shop"})

    async def scene(_sockets: Sockets) -> None:
        socket = await _enter(visitor)
        await socket.say("here", token=visitor.token, site=SITE, page=page)
        assert await socket.frame() == {"type": "watching"}
        assert (await sync_to_async(Row.objects.get)()).page["title"] == "Shop"
        await sync_to_async(Row.objects.update)(seen_at="2026-01-01T00:00:00+00:00")
        await rounds().look(list(rounds()._guests))
        row = await sync_to_async(Row.objects.get)()
        assert (row.page["title"], row.pages[0]["url"]) == ("Next", page["url"])
        await socket.disconnect()

    play(scene)
