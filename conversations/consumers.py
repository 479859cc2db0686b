"""One socket per browser: it carries hints to an agent and knows what they watch."""

import asyncio
import json
import logging
from typing import Any

from asgiref.sync import sync_to_async
from channels.consumer import get_handler_name
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.db import DatabaseError

from agents import presence
from agents.models import Agent
from agents.permissions import sight_of
from conversations import live
from conversations.rechecking import Arrivals, Known, Rechecks
from customers.models import Customer
from helpdesk.lib.hub import RESYNC, TOO_SLOW, Hub, Watcher

log = logging.getLogger(__name__)

SIGNED_OUT = 4401
TRY_AGAIN = 1013
FRAME_MAX_CHARACTERS = 2_000
WATCHED_MAX = 20
TYPING_SECONDS = 5
GOOD_BYE_SECONDS = 2.0

_hubs: dict[asyncio.AbstractEventLoop, tuple[Hub, Rechecks, Arrivals]] = {}


def hub() -> Hub:
    """Return the hub of the running event loop: one per process."""
    return _of_this_loop()[0]


def rechecks() -> Rechecks:
    """Return what looks after the sockets of the running event loop."""
    return _of_this_loop()[1]


def _of_this_loop() -> tuple[Hub, Rechecks, Arrivals]:
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs.clear()
        _hubs[loop] = Hub(settings.REDIS_URL, settings.HUB_PREFIX), Rechecks(), Arrivals()
    return _hubs[loop]


class AgentConsumer(AsyncWebsocketConsumer):
    """Authority is checked at connect, at every watch, every sixty seconds, and when hints may have been missed."""

    watcher: Watcher | None = None
    is_dropped = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one socket until it goes, or is dropped because it reads nothing."""
        self.task = asyncio.current_task()
        try:
            await super().__call__(scope, receive, send)
        except asyncio.CancelledError:
            if not self.is_dropped:
                raise
            await self.disconnect(TOO_SLOW)

    async def dispatch(self, message: Any) -> None:
        """Hand a message to its handler. Who needs the database looks after its connection (database_sync_to_async)."""
        await getattr(self, get_handler_name(message))(message)

    async def connect(self) -> None:
        self.session_key: str = self.scope["cookies"].get(settings.SESSION_COOKIE_NAME, "")
        known = await _of_this_loop()[2].who(self.session_key)
        await self.accept()
        if known is None:
            await self.close(SIGNED_OUT)
            return
        self.agent_id, self.name = known.agent_id, known.name
        self.watched: set[int] = set()
        self.watcher = Watcher(self._send_text, self._drop)
        hub().add(self.watcher)
        rechecks().add(self)
        is_confirmed = await hub().watch(self.watcher, *known.audiences)
        self._put({"type": "watching" if is_confirmed else "down"})

    async def disconnect(self, code: int) -> None:
        rechecks().discard(self)
        if self.watcher is None:
            return
        for customer_id in list(self.watched):
            await self._leave(customer_id)
        await hub().remove(self.watcher)
        await self.watcher.stop()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        try:
            frame = json.loads(text_data or "null") if len(text_data or "") <= FRAME_MAX_CHARACTERS else None
            if isinstance(frame, dict):
                await self._take(frame)
        except DatabaseError:
            # A browser that believed itself watched would miss hints; one that comes again asks again.
            log.warning("A socket is closed because the database did not answer")
            await self.close(TRY_AGAIN)
        except Exception:
            # Whatever a browser sends, its socket goes on; the next frame may be right.
            log.warning("A frame could not be understood", exc_info=True)

    async def _take(self, frame: dict[str, Any]) -> None:
        kind, customer_id = frame.get("type"), frame.get("customer")
        if kind == "ping":
            self._put({"type": "pong"})
        elif not isinstance(customer_id, int):
            return
        elif kind == "watch":
            await self._watch(customer_id)
        elif kind == "unwatch":
            await self._leave(customer_id)
        elif kind in {"typing", "viewing"} and customer_id in self.watched:
            await self._show(kind, customer_id, frame)

    async def _watch(self, customer_id: int) -> None:
        if len(self.watched) >= WATCHED_MAX or not await self._may_watch(customer_id):
            self._put({"type": "denied", "customer": customer_id})
            return
        assert self.watcher is not None
        self.watched.add(customer_id)
        is_confirmed = await hub().watch(self.watcher, f"customer.{customer_id}")
        self._put({"type": "watching" if is_confirmed else "down", "customer": customer_id})
        await self._show("viewing", customer_id, {})
        await self._tell_viewers(customer_id)

    async def _leave(self, customer_id: int) -> None:
        if customer_id not in self.watched or self.watcher is None:
            return
        self.watched.discard(customer_id)
        await hub().unwatch(self.watcher, f"customer.{customer_id}")
        await sync_to_async(presence.leave)(customer_id, self.agent_id)
        await self._publish(customer_id, {"what": "viewing"}, ttl_seconds=0)

    async def _show(self, kind: str, customer_id: int, frame: dict[str, Any]) -> None:
        """Tell the others who look at this customer that this agent looks, or writes."""
        if kind == "viewing":
            await sync_to_async(presence.look)(customer_id, self.agent_id)
            await self._publish(customer_id, {"what": "viewing"}, ttl_seconds=presence.TTL_SECONDS)
            return
        mode = "note" if frame.get("mode") == "note" else "reply"
        ttl = 0 if frame.get("is_over") else TYPING_SECONDS
        await self._publish(customer_id, {"what": "typing", "mode": mode}, ttl_seconds=ttl)

    async def _publish(self, customer_id: int, what: dict[str, Any], *, ttl_seconds: int) -> None:
        frame = {**what, "customer": customer_id, "agent": self.agent_id, "name": self.name}
        await sync_to_async(live.ephemeral)([f"customer.{customer_id}"], frame, ttl_seconds=ttl_seconds)

    async def _tell_viewers(self, customer_id: int) -> None:
        """Say who was here before this socket came."""
        for agent_id, name in await self._viewers(customer_id):
            frame = {"what": "viewing", "customer": customer_id, "agent": agent_id, "name": name}
            self._put({"type": "eph", "ttl": presence.TTL_SECONDS, **frame})

    async def recheck(self, known: Known | None) -> None:
        """Hear exactly what this agent may, and the watched customers that are still visible; None: not signed in."""
        if known is None or self.watcher is None:
            await self.close(SIGNED_OUT)
            return
        self.name, wanted = known.name, set(known.audiences)
        # What the browser begins to watch while the database is asked is checked by itself, and not taken away here.
        had, asked = set(self.watcher.audiences), set(self.watched)
        seen = {pk for pk in asked if await self._may_watch(pk)}
        wanted |= {f"customer.{pk}" for pk in seen & self.watched}
        for audience in had - wanted:
            await hub().unwatch(self.watcher, audience)
        await hub().watch(self.watcher, *(wanted - self.watcher.audiences))
        self.watched -= asked - seen

    async def _send_text(self, text: str) -> None:
        await self.send(text_data=text)
        if '"type":"kick"' in text:
            await self.close(SIGNED_OUT)
        elif '"type":"rewatch"' in text:
            await rechecks().look([self])
        elif text == RESYNC:
            rechecks().soon()

    def _put(self, frame: dict[str, Any]) -> None:
        if self.watcher is not None:
            self.watcher.put(json.dumps(frame, separators=(",", ":")))

    async def _drop(self, code: int) -> None:
        """Close a socket that is too slow; one that does not even take the good-bye is left to its fate."""
        try:
            await asyncio.wait_for(self.close(code), GOOD_BYE_SECONDS)
        except TimeoutError:
            if self.task is not None:
                self.is_dropped = True
                self.task.cancel()

    @database_sync_to_async
    def _may_watch(self, customer_id: int) -> bool:
        agent = Agent.objects.select_related("role").filter(pk=self.agent_id, is_active=True).first()
        if agent is None or not sight_of(agent).reads_whole_timelines:
            return False
        return Customer.objects.visible_to(agent).filter(pk=customer_id).exists()

    @database_sync_to_async
    def _viewers(self, customer_id: int) -> list[tuple[int, str]]:
        others = [pk for pk in presence.viewers(customer_id) if pk != self.agent_id]
        return [(agent.pk, agent.first_name) for agent in Agent.objects.filter(pk__in=others)]
