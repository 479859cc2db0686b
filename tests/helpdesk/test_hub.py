"""The hub: who watches hears, a slow socket is told to catch up, and a lost Redis heals."""

import asyncio
import json
import tempfile
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import redis
from django.conf import settings
from redis.asyncio.client import PubSub

from helpdesk.lib import hub as hub_module
from helpdesk.lib.hub import TOO_SLOW, Hub, Watcher

PREFIX = f"{settings.HUB_PREFIX}:hub-test"


class Ear:
    """One socket: what it was sent, and how it was closed."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.closed: list[int] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.watcher = Watcher(self._send, self._close)

    async def _send(self, text: str) -> None:
        await self.gate.wait()
        self.heard.append(json.loads(text))

    async def _close(self, code: int) -> None:
        self.closed.append(code)

    def kinds(self) -> list[str]:
        return [frame["type"] for frame in self.heard]


class Line:
    """A line to Redis that can be cut and frozen."""

    def __init__(self) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="line-", dir="/tmp")
        self.path = str(Path(self.folder.name) / "redis.sock")
        self.far = settings.REDIS_URL
        self.is_open = asyncio.Event()
        self.is_open.set()
        self.ends: list[asyncio.StreamWriter] = []
        self.server: asyncio.Server | None = None

    async def open(self) -> None:
        self.server = await asyncio.start_unix_server(self._join, self.path)

    async def cut(self) -> None:
        """Close the door and every connection through it."""
        assert self.server is not None
        self.server.close()
        for end in self.ends:
            end.close()
        self.ends.clear()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await reach(self.far)
        self.ends += [writer, far_writer]
        await asyncio.gather(self._carry(reader, far_writer), self._carry(far_reader, writer), return_exceptions=True)

    async def _carry(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while data := await source.read(4096):
            await self.is_open.wait()
            sink.write(data)
            await sink.drain()
        sink.close()


async def reach(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    where = urlsplit(url)
    if where.scheme == "unix":
        return await asyncio.open_unix_connection(where.path)
    return await asyncio.open_connection(where.hostname, where.port or 6379)


def publish(audience: str, **frame: Any) -> None:
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.publish(f"{PREFIX}:{audience}", json.dumps({"type": "hint", **frame}))


async def until(condition: Callable[[], Any], seconds: float = 10.0) -> None:
    """Wait within the loop until something is so."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)  # polls until the deadline


def run(scene: Callable[[Hub], Coroutine[Any, Any, None]], url: str = "") -> None:
    """Play a scene with a hub of its own."""

    async def play() -> None:
        hub = Hub(url or settings.REDIS_URL, PREFIX)
        try:
            await scene(hub)
        finally:
            await finish(hub)

    asyncio.run(play())


async def finish(hub: Hub) -> None:
    for watcher in list(hub._all):
        await watcher.stop()
    tasks = [task for task in (hub._reader, hub._judge) if task is not None]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def listen(hub: Hub, *names: str) -> Ear:
    ear = Ear()
    hub.add(ear.watcher)
    for name in names:
        assert await hub.watch(ear.watcher, name)
    return ear


def test_who_watches_hears() -> None:
    async def scene(hub: Hub) -> None:
        ear = await listen(hub, "customer.1")
        publish("customer.1", entry=42)
        await until(lambda: ear.heard)
        assert ear.heard == [{"type": "hint", "entry": 42}]

    run(scene)


def test_who_comes_while_redis_is_being_reached_hears_too(monkeypatch: pytest.MonkeyPatch) -> None:
    subscribe = PubSub.subscribe

    async def slowly(self: PubSub, *names: Any) -> None:
        await subscribe(self, *names)
        await asyncio.sleep(0.1)  # the next one comes in this gap

    monkeypatch.setattr(PubSub, "subscribe", slowly)

    async def scene(hub: Hub) -> None:
        first, second = Ear(), Ear()
        hub.add(first.watcher)
        await asyncio.sleep(0.05)
        hub.add(second.watcher)
        assert await hub.watch(second.watcher, "all")

    run(scene)


def test_two_who_watch_both_hear_and_others_do_not() -> None:
    async def scene(hub: Hub) -> None:
        one, two, other = await listen(hub, "all"), await listen(hub, "all"), await listen(hub, "team.2")
        publish("all", entry=1)
        publish("team.2", entry=2)
        await until(lambda: one.heard and two.heard and other.heard)
        assert [ear.heard[0]["entry"] for ear in (one, two, other)] == [1, 1, 2]
        assert [len(ear.heard) for ear in (one, two, other)] == [1, 1, 1]

    run(scene)


def test_another_installation_is_not_heard() -> None:
    async def scene(hub: Hub) -> None:
        ear = await listen(hub, "all")
        with redis.Redis.from_url(settings.REDIS_URL) as client:
            client.publish(f"{PREFIX}-other:all", '{"type": "hint", "entry": 1}')
        publish("all", entry=2)
        await until(lambda: ear.heard)
        assert [frame["entry"] for frame in ear.heard] == [2]

    run(scene)


def test_who_stops_watching_hears_no_more_and_redis_is_left() -> None:
    async def scene(hub: Hub) -> None:
        ear = await listen(hub, "customer.1", "all")
        await hub.unwatch(ear.watcher, "customer.1")
        publish("customer.1", entry=1)
        publish("all", entry=2)
        await until(lambda: ear.heard)
        assert [frame["entry"] for frame in ear.heard] == [2]
        with redis.Redis.from_url(settings.REDIS_URL) as client:
            assert client.pubsub_numsub(f"{PREFIX}:customer.1")[0][1] == 0

    run(scene)


def test_who_has_left_is_not_kept_by_a_look_that_comes_late() -> None:
    async def scene(hub: Hub) -> None:
        ear = await listen(hub, "all")
        await hub.remove(ear.watcher)
        assert not await hub.watch(ear.watcher, "all", "customer.1")
        assert not hub._watchers

    run(scene)


def test_the_last_one_out_ends_the_subscription() -> None:
    async def scene(hub: Hub) -> None:
        one, two = await listen(hub, "all"), await listen(hub, "all")
        await hub.remove(one.watcher)
        publish("all", entry=1)
        await until(lambda: two.heard)
        assert one.heard == []

    run(scene)


def test_a_full_queue_becomes_one_resync() -> None:
    async def scene(hub: Hub) -> None:
        ear = Ear()
        ear.gate.clear()
        for number in range(300):
            ear.watcher.put(json.dumps({"type": "hint", "entry": number}))
            await asyncio.sleep(0)
        ear.gate.set()
        await until(lambda: "resync" in ear.kinds())
        await until(lambda: not ear.watcher._texts)
        assert ear.kinds().count("resync") == 1
        assert len(ear.heard) < 300 - hub_module.QUEUE_MAX + 2
        assert ear.closed == []
        await ear.watcher.stop()

    run(scene)


def test_a_socket_that_is_slow_twice_within_a_minute_is_closed() -> None:
    async def scene(hub: Hub) -> None:
        ear = Ear()
        ear.gate.clear()
        for _ in range(2 * hub_module.QUEUE_MAX + 10):
            ear.watcher.put('{"type":"hint"}')
            await asyncio.sleep(0)
        await until(lambda: ear.closed)
        assert set(ear.closed) == {TOO_SLOW}
        await ear.watcher.stop()

    run(scene)


def test_a_send_that_hangs_becomes_a_resync(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "SEND_SECONDS", 0.05)
    monkeypatch.setattr(hub_module, "JUDGE_SECONDS", 0.01)

    async def scene(hub: Hub) -> None:
        ear = await listen(hub)
        ear.gate.clear()
        ear.watcher.put('{"type":"hint"}')
        await until(lambda: ear.watcher._stalled_at)
        ear.gate.set()
        await until(lambda: "resync" in ear.kinds())
        assert ear.kinds() == ["hint", "resync"]
        await ear.watcher.stop()

    run(scene)


def over_a_line(scene: Callable[[Hub, Line], Awaitable[None]]) -> None:
    """Play a scene whose hub reaches Redis through a line that the scene can break."""

    async def play() -> None:
        line = Line()
        await line.open()
        hub = Hub(f"unix://{line.path}", PREFIX)
        try:
            await scene(hub, line)
        finally:
            await finish(hub)
            await line.cut()
            line.folder.cleanup()

    asyncio.run(play())


def test_a_lost_redis_is_said_and_healed_with_a_resync() -> None:
    async def scene(hub: Hub, line: Line) -> None:
        ear = await listen(hub, "all")
        await line.cut()
        await until(lambda: "down" in ear.kinds())
        assert not hub.is_up
        Path(line.path).unlink(missing_ok=True)
        await line.open()
        await until(lambda: "resync" in ear.kinds())
        await until(lambda: hub._confirmed["all"].is_set())
        publish("all", entry=7)
        await until(lambda: {"type": "hint", "entry": 7} in ear.heard)

    over_a_line(scene)


def test_a_silent_redis_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "PING_SECONDS", 0.05)
    monkeypatch.setattr(hub_module, "SILENT_SECONDS", 0.2)

    async def scene(hub: Hub, line: Line) -> None:
        ear = await listen(hub, "all")
        line.is_open.clear()
        await until(lambda: "down" in ear.kinds())

    over_a_line(scene)


def test_watching_while_redis_is_away_is_not_confirmed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "CONFIRM_SECONDS", 0.2)

    async def scene(hub: Hub) -> None:
        ear = Ear()
        hub.add(ear.watcher)
        assert await hub.watch(ear.watcher, "all") is False

    run(scene, "unix:///nowhere/redis.sock")
