"""Who watches what in this process: one Redis subscription, one bounded queue per socket."""

import asyncio
import contextlib
import json
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Coroutine

import redis.asyncio as redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

QUEUE_MAX = 256
SEND_SECONDS = 5.0
JUDGE_SECONDS = 1.0
# After so many texts in one go the writers have their turn: a burst must not fill the queues of healthy sockets.
BURST = 32
STALLED_AGAIN_SECONDS = 60.0
TOO_SLOW = 4408
PING_SECONDS = 3.0
# Noticed after two pings at the latest, so that the page says so within ten seconds.
SILENT_SECONDS = 5.0
CONFIRM_SECONDS = 5.0
RECONNECT_SECONDS = (0.2, 0.5, 1.0, 2.0)
LAST = "hub"
RESYNC = json.dumps({"type": "resync"})
DOWN = json.dumps({"type": "down"})
TROUBLE = (RedisError, OSError, TimeoutError)

Speak = Callable[[str], Coroutine[None, None, None]]
Close = Callable[[int], Coroutine[None, None, None]]


class Watcher:
    """One socket: texts wait in a bounded queue and are written one after the other.

    When the queue is full or one send takes over five seconds, what waits is thrown away and one
    `resync` takes its place; the second time within a minute the socket is closed with 4408.
    """

    __slots__ = (
        "_close", "_closing", "_is_over", "_send", "_sending_since", "_stalled_at", "_texts", "_writer", "audiences",
    )  # fmt: skip

    def __init__(self, send: Speak, close: Close) -> None:
        self._send, self._close = send, close
        self._texts: list[str] = []
        self._sending_since = 0.0
        self._stalled_at = 0.0
        self._is_over = False
        self._closing: asyncio.Task[None] | None = None
        # Only while there is something to write: an idle socket needs no task.
        self._writer: asyncio.Task[None] | None = None
        self.audiences: set[str] = set()

    def put(self, text: str) -> None:
        """Queue a text; never waits."""
        if len(self._texts) >= QUEUE_MAX:
            self._stalled()
            return
        self._texts.append(text)
        self._wake()

    def judge(self) -> None:
        """Notice a send that takes too long. The hub asks once a second: a timer per send costs more than the send."""
        if self._sending_since and time.monotonic() - self._sending_since > SEND_SECONDS:
            self._sending_since = time.monotonic()
            self._stalled()

    async def stop(self) -> None:
        """End the writer."""
        self._is_over = True
        if self._writer is not None:
            self._writer.cancel()
            await asyncio.gather(self._writer, return_exceptions=True)

    def _wake(self) -> None:
        if self._writer is None and not self._is_over:
            self._writer = asyncio.create_task(self._write())

    async def _write(self) -> None:
        try:
            while self._texts:
                self._sending_since = time.monotonic()
                await self._send(self._texts.pop(0))
        except (OSError, RuntimeError):
            # The browser has gone, or the socket was closed; whoever reads from it ends it.
            self._is_over = True
        finally:
            self._sending_since = 0.0
            self._writer = None

    def _stalled(self) -> None:
        now = time.monotonic()
        if self._stalled_at and now - self._stalled_at < STALLED_AGAIN_SECONDS:
            self._closing = self._closing or asyncio.create_task(self._close(TOO_SLOW))
            return
        self._stalled_at = now
        self._texts.clear()
        self._texts.append(RESYNC)
        self._wake()


class Confirmation:
    """An event that weighs little once it has come: there is one for the audience of each agent."""

    __slots__ = ("_is_set", "_waited")

    def __init__(self) -> None:
        self._is_set = False
        self._waited: asyncio.Event | None = None

    def is_set(self) -> bool:
        """Whether it has come."""
        return self._is_set

    def set(self) -> None:
        """It has come: wake who waits."""
        self._is_set = True
        if self._waited is not None:
            self._waited.set()
            self._waited = None

    def clear(self) -> None:
        """It is over."""
        self._is_set = False

    async def wait(self) -> None:
        """Wait until it comes."""
        if not self._is_set:
            self._waited = self._waited or asyncio.Event()
            await self._waited.wait()


class Hub:
    """The registry of one process. `prefix` keeps installations on one Redis apart."""

    def __init__(self, url: str, prefix: str) -> None:
        self._url, self._prefix = url, prefix
        self._watchers: defaultdict[str, set[Watcher]] = defaultdict(set)
        self._all: set[Watcher] = set()
        self._confirmed: dict[str, Confirmation] = {}
        self._pubsub: PubSub | None = None
        self._is_lost = self._owes_resync = False
        self._reader: asyncio.Task[None] | None = None
        self._judge: asyncio.Task[None] | None = None

    @property
    def is_up(self) -> bool:
        return self._pubsub is not None

    def add(self, watcher: Watcher) -> None:
        """Register a socket; the first one starts the subscription."""
        self._all.add(watcher)
        if self._reader is None or self._reader.done():
            self._reader = asyncio.create_task(self._read())
            self._judge = self._judge or asyncio.create_task(self._judge_all())

    async def remove(self, watcher: Watcher) -> None:
        """Forget a socket and what it watched."""
        self._all.discard(watcher)
        for audience in list(watcher.audiences):
            await self.unwatch(watcher, audience)

    async def watch(self, watcher: Watcher, *audiences: str) -> bool:
        """Let a socket hear these audiences; return whether Redis confirmed the subscriptions.

        Where it did not, the socket is told `resync` as soon as Redis is back. One that has left hears nothing more.
        """
        if watcher not in self._all:
            return False
        for audience in audiences:
            watcher.audiences.add(audience)
            self._watchers[audience].add(watcher)
        new = [audience for audience in audiences if audience not in self._confirmed]
        self._confirmed |= {audience: Confirmation() for audience in new}
        await self._tell_redis("subscribe", *new)
        if self._is_lost:
            return False
        try:
            async with asyncio.timeout(CONFIRM_SECONDS):
                for audience in audiences:
                    await self._confirmed[audience].wait()
        except (TimeoutError, KeyError):
            # A key is gone when the socket left meanwhile.
            self._owes_resync = True
            return False
        return True

    async def unwatch(self, watcher: Watcher, audience: str) -> None:
        """Stop hearing an audience; the last one out ends the subscription."""
        watcher.audiences.discard(audience)
        self._watchers[audience].discard(watcher)
        if not self._watchers[audience]:
            del self._watchers[audience]
            self._confirmed.pop(audience, None)
            await self._tell_redis("unsubscribe", audience)

    async def _tell_redis(self, verb: str, *audiences: str) -> None:
        if self._pubsub is None or not audiences:
            return
        try:
            await getattr(self._pubsub, verb)(*map(self._channel, audiences))
        except TROUBLE:
            # The reader notices the same trouble and subscribes to everything again.
            log.debug("Redis did not take a subscription")

    async def _catch_up(self, known: set[str]) -> None:
        """Tell Redis what was watched and left while the first subscription was on its way."""
        await self._tell_redis("subscribe", *(set(self._confirmed) - known))
        await self._tell_redis("unsubscribe", *(known - set(self._confirmed)))

    def _channel(self, audience: str) -> str:
        return f"{self._prefix}:{audience}"

    async def _read(self) -> None:
        """Keep one subscription alive for ever."""
        failures = 0
        while True:
            client = redis.Redis.from_url(self._url, socket_connect_timeout=CONFIRM_SECONDS, socket_timeout=None)
            try:
                async with client.pubsub() as pubsub:
                    known = set(self._confirmed)
                    # Confirmed in this order: once the last one is, all are.
                    await pubsub.subscribe(*map(self._channel, [*known, LAST]))
                    self._pubsub = pubsub
                    await self._catch_up(known)
                    failures = 0
                    await self._listen(pubsub)
            except TROUBLE as error:
                self._lost(error)
            finally:
                self._pubsub = None
                with contextlib.suppress(*TROUBLE):
                    await client.aclose()
            failures += 1
            await asyncio.sleep(RECONNECT_SECONDS[min(failures, len(RECONNECT_SECONDS)) - 1])

    async def _judge_all(self) -> None:
        while True:
            await asyncio.sleep(JUDGE_SECONDS)
            for watcher in list(self._all):
                watcher.judge()

    async def _listen(self, pubsub: PubSub) -> None:
        heard_at, heard = time.monotonic(), 0
        while True:
            message = await pubsub.get_message(timeout=PING_SECONDS)
            if message is not None:
                heard_at, heard = time.monotonic(), heard + 1
                self._hear(message)
                if heard % BURST == 0:
                    await asyncio.sleep(0)
            elif time.monotonic() - heard_at > SILENT_SECONDS:
                raise TimeoutError("Redis is silent")
            else:
                await asyncio.wait_for(pubsub.ping(), PING_SECONDS)

    def _hear(self, message: dict[str, object]) -> None:
        channel = message["channel"]
        if not isinstance(channel, bytes):
            return
        audience = channel.decode().removeprefix(f"{self._prefix}:")
        if message["type"] == "message" and isinstance(message["data"], bytes):
            text = message["data"].decode()
            for watcher in self._watchers.get(audience, ()):
                watcher.put(text)
        elif message["type"] == "subscribe" and audience == LAST:
            self._found()
        elif message["type"] == "subscribe" and audience in self._confirmed:
            self._confirmed[audience].set()

    def _found(self) -> None:
        """After each gap everybody is told to catch up; not before Redis listens for us, or the gap stays open."""
        if self._owes_resync:
            self._broadcast(RESYNC)
        self._is_lost = self._owes_resync = False

    def _lost(self, error: BaseException) -> None:
        if self._pubsub is not None:
            log.warning("The live subscription is lost", extra={"reason": type(error).__name__})
        self._is_lost = self._owes_resync = True
        for event in self._confirmed.values():
            event.clear()
        self._broadcast(DOWN)

    def _broadcast(self, text: str) -> None:
        for watcher in list(self._all):
            watcher.put(text)
