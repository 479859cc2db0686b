"""The widget's socket, tried by those for whom it is not: docs/security-widget.md names each of these tests."""

import json
import time
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator

from channels_app import intake
from channels_app.models import RawEvent
from conversations import live
from conversations.models import Entry
from helpdesk.asgi import application
from tests.channels_app.webchat.talking import SITE, Visitor, make_widget
from tests.channels_app.webchat.test_safety import ORIGINS
from tests.sockets import Socket, Sockets, play

pytestmark = pytest.mark.django_db(transaction=True)
SECONDS = 5.0


@pytest.fixture
def visitor() -> Visitor:
    return somebody(make_widget().public_key)


def somebody(key: str) -> Visitor:
    """Somebody who has written."""
    visitor = Visitor(key)
    assert visitor.arrive().status_code == 201
    visitor.say("Hello")
    intake.process(RawEvent.objects.latest("pk").pk)
    return visitor


async def opened(visitor: Visitor) -> Socket:
    socket = Socket("", path=f"/ws/widget/{visitor.key}/")
    assert await socket.connect()
    await socket.say("hello", token=visitor.token, site=SITE)
    assert (await socket.frame())["type"] == "watching"
    return socket


async def is_let_in(path: str, origins: list[bytes]) -> bool:
    headers = [(b"host", b"testserver"), *((b"origin", origin) for origin in origins)]
    scope = {"type": "websocket", "path": path, "query_string": b"", "headers": headers, "subprotocols": []}
    line = ApplicationCommunicator(application, scope)
    await line.send_input({"type": "websocket.connect"})
    answer = await line.receive_output(SECONDS)
    await line.send_input({"type": "websocket.disconnect", "code": 1000})
    await line.wait(SECONDS)
    return bool(answer["type"] == "websocket.accept")


@pytest.mark.parametrize("path", [f"/ws/widget/{'0' * 32}/", "/ws/agent/"])
def test_a_socket_is_opened_by_our_own_pages_alone(path: str, settings: Any) -> None:
    settings.HTTPS = True
    found = [[origin.encode()] for origin in ORIGINS] + [[], [b"https://testserver", b"https://evil.example.test"]]

    async def scene(_sockets: Sockets) -> None:
        assert [origins for origins in found if await is_let_in(path, origins)] == []
        if "widget" in path:
            assert await is_let_in(path, [b"https://testserver"])

    play(scene)


def test_where_a_proxy_takes_the_port_away_the_public_address_counts(settings: Any) -> None:
    settings.HTTPS, settings.PUBLIC_URL = True, "https://testserver:8443"

    async def scene(_sockets: Sockets) -> None:
        assert await is_let_in(f"/ws/widget/{'0' * 32}/", [b"https://testserver:8443"])
        assert not await is_let_in(f"/ws/widget/{'0' * 32}/", [b"https://testserver:8444"])

    play(scene)


def test_a_token_that_is_none_is_shown_out_whatever_it_is_made_of(visitor: Visitor) -> None:
    token = visitor.token
    tokens: list[Any] = [
        [token], {"token": token}, 7, 0, None, True, "", "١" * 43, "x" * 1_500, "\0" * 43, f"{token[:42]}\0",
        f"{token} ", f" {token}", token.swapcase(), token[:42], f"{token}=", "\ud800" * 43,
    ]  # fmt: skip

    async def scene(_sockets: Sockets) -> None:
        for given in tokens:
            socket = Socket("", path=f"/ws/widget/{visitor.key}/")
            assert await socket.connect()
            await socket.say("hello", token=given, site=SITE)
            assert await socket.closed() == 4401, given
            await socket.disconnect()

    play(scene)


def test_no_frame_makes_a_visitor_hear_what_is_not_theirs(visitor: Visitor) -> None:
    """Whatever a browser sends, its socket hears its own identity and nothing else, not even that it is there."""
    other = somebody(visitor.key)
    mine, theirs = Entry.objects.filter(kind=Entry.Kind.MESSAGE).order_by("pk")
    me = f"visitor.identity.{mine.message.sender_id}"
    audiences = ["all", "team.0", "agent.1", f"customer.{theirs.customer_id}", f"customer.{mine.customer_id}"]
    audiences += [f"visitor.identity.{theirs.message.sender_id}", "visitor.identity.*", "*", ""]
    known = {"token": visitor.token, "site": SITE}
    frames: list[Any] = [
        *({"type": kind, "audience": audience} for kind in ("watch", "subscribe", "join") for audience in audiences),
        {"type": "watch", "customer": theirs.customer_id}, {"type": "watch", "audiences": audiences},
        {"type": "here", **known, "audiences": audiences, "identity": theirs.message.sender_id},
        {"type": "here", **known, "customer": theirs.customer_id},
        {"type": "hello", **known, "visitor": 1, "key": "x", "proved": theirs.message.sender_id},
        {"type": ["hello"]}, {"type": {"hello": 1}}, {"type": None}, {"type": "news"}, {"type": "publish", "to": "all"},
        [], None, 7, "hello", {"type": "typing", "customer": theirs.customer_id}, {"type": "ping", "audience": "all"},
    ]  # fmt: skip

    async def scene(_sockets: Sockets) -> None:
        socket = await opened(visitor)
        for frame in frames:
            await socket.say_text(json.dumps(frame))
        # Two of them are pings, and a frame is heard after the one before.
        await socket.say("ping")
        heard = [await socket.next("pong"), await socket.next("pong")]
        for audience in audiences:
            await sync_to_async(live.publish)([audience], {"type": "marker"})
        await sync_to_async(live.announce)(theirs)
        await sync_to_async(live.publish)([me], {"type": "fence"})
        while (frame := await socket.frame())["type"] != "fence":
            heard.append(frame)
        assert {frame["type"] for frame in heard} <= {"pong", "watching"}
        await socket.disconnect()

    play(scene)
    assert other.token != visitor.token


@pytest.mark.parametrize("flood", ["a megabyte", "ten thousand frames"])
def test_a_flood_ends_its_own_socket_and_hurts_nobody(visitor: Visitor, flood: str) -> None:
    neighbour = somebody(visitor.key)

    async def scene(_sockets: Sockets) -> None:
        wild, calm = await opened(visitor), await opened(neighbour)
        frames = ["x" * 1_048_576] if flood == "a megabyte" else ['{"type":"ping"}'] * 10_000
        began_at = time.monotonic()
        for frame in frames:
            await wild.say_text(frame)
        await calm.say("ping")
        assert await calm.frame() == {"type": "pong"}
        assert await wild.closed() == 4429
        assert time.monotonic() - began_at < 4
        # Closed once: what was still on the line is dropped, not answered.
        await wild.disconnect()
        assert wild.line.output_queue.empty()
        await calm.disconnect()

    play(scene)
