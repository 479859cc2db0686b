"""The visitor's socket: who is let in, what it hears, and what ends it."""

from typing import Any

import pytest
from asgiref.sync import sync_to_async

from channels_app import intake
from channels_app.models import Channel, RawEvent
from channels_app.models import Visitor as Row
from conversations import live
from conversations.models import Entry
from tests.channels_app.webchat.talking import SITE, Visitor, make_widget
from tests.sockets import Socket, Sockets, play

pytestmark = pytest.mark.django_db(transaction=True)


def _known() -> tuple[Visitor, Entry]:
    """Somebody who has written."""
    visitor = Visitor(make_widget().public_key)
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
