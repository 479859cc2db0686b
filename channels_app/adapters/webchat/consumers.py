"""One socket per open widget: it carries hints to a visitor, and says that they type or are here."""

import asyncio
import contextlib
import json
import logging
import secrets
from typing import Any

from asgiref.sync import sync_to_async
from channels.consumer import get_handler_name
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import DatabaseError

from channels_app.adapters.webchat import arriving, presence
from channels_app.adapters.webchat.arriving import Asking, Known
from channels_app.adapters.webchat.rounds import rounds
from conversations.consumers import hub
from conversations.whereabouts import Act
from helpdesk.lib.hub import Watcher

log = logging.getLogger(__name__)

NOT_KNOWN, TRY_AGAIN, TOO_MUCH = 4401, 1013, 4429
FRAME_MAX_CHARACTERS = 2_000
# More in ten seconds is no person's typing.
FRAMES_MAX, FRAMES_SECONDS = 60, 10
HELLO_SECONDS = 10.0
TYPING_SECONDS = 6


class VisitorConsumer(AsyncWebsocketConsumer):
    """Waits for a token as the first frame; an address would stand in logs.

    Authority is asked again at each `here` and every minute (rounds.py).
    """

    watcher: Watcher | None = None
    known: Known | None = None
    is_over = False
    late: object = None
    # Whether agents were told that this visitor is here: nobody can be before their first message was filed.
    is_told = False

    async def dispatch(self, message: Any) -> None:
        """Hand a message to its handler; those that need the database look after its connection."""
        await getattr(self, get_handler_name(message))(message)

    async def connect(self) -> None:
        self.key: str = self.scope["url_route"]["kwargs"]["key"]
        self.tab = secrets.token_hex(4)
        self.frames, self.frames_since = 0, 0.0
        await self.accept()
        self.deadline: asyncio.TimerHandle | None = asyncio.get_running_loop().call_later(HELLO_SECONDS, self._hurry)

    async def disconnect(self, code: int) -> None:
        self._be_in_time()
        rounds().discard(self)
        if self.watcher is not None:
            await hub().remove(self.watcher)
            await self.watcher.stop()
        if self.known is not None:
            await arriving.leave(self.known, self.tab)

    async def close(self, code: int | None = None, reason: str | None = None) -> None:
        """Close once: what is still on the line is dropped, however much that is."""
        if not self.is_over:
            self.is_over = True
            await super().close(code, reason)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self.is_over:
            return
        if self._is_flood() or len(text_data or "") > FRAME_MAX_CHARACTERS:
            await self.close(TOO_MUCH)
            return
        try:
            frame = json.loads(text_data or "null")
            if isinstance(frame, dict):
                await self._take(frame)
        except DatabaseError:
            log.warning("A visitor's socket is closed because the database did not answer")
            await self.close(TRY_AGAIN)
        except Exception:
            # Whatever a browser sends, its socket goes on; the next frame may be right.
            log.warning("A visitor's frame could not be understood", exc_info=True)

    async def _take(self, frame: dict[str, Any]) -> None:
        kind = frame.get("type")
        if kind in {"hello", "here"}:
            await self._know(frame)
        elif self.known is None:
            await self.close(NOT_KNOWN)
        elif kind == "ping":
            self._put({"type": "pong"})
            if await sync_to_async(presence.stay)(self.known.key, self.tab):
                await self._show({"what": "here"})
        elif kind == "typing":
            await self._type(is_over=bool(frame.get("is_over")))

    async def _know(self, frame: dict[str, Any]) -> None:
        """Hear exactly what this browser may; asked again by `here`, when its first message was filed."""
        token, site, page = (frame.get(name) for name in ("token", "site", "page"))
        known = await arriving.who(Asking(self.key, token, site, page, self.tab))
        if known is None:
            await self.close(NOT_KNOWN)
            return
        self._be_in_time()
        if self.watcher is None:
            self.watcher = Watcher(self._send_text, self._drop)
            hub().add(self.watcher)
            rounds().add(self)
        self.known, self.late, wanted = known, known.late, set(known.audiences)
        for audience in self.watcher.audiences - wanted:
            await hub().unwatch(self.watcher, audience)
        is_confirmed = await hub().watch(self.watcher, *(wanted - self.watcher.audiences))
        self._put({"type": "watching" if is_confirmed else "down"})
        self.is_told = await self._show({"what": "here"})

    async def _type(self, *, is_over: bool) -> None:
        await self._show({"what": "customer_typing"}, ttl_seconds=0 if is_over else TYPING_SECONDS)

    async def _show(self, frame: dict[str, Any], ttl_seconds: int = 0) -> bool:
        """Tell the agents who may see what this visitor says; return whether there is anything they could see."""
        if self.known is None or not self.known.identity:
            return False
        return await arriving.tell(Act(self.known.identity, frame, ttl_seconds))

    async def show_out(self) -> None:
        """Close it: its token, its site or its widget is no more."""
        await self.close(NOT_KNOWN)

    async def _send_text(self, text: str) -> None:
        if self.is_over:
            return
        await self.send(text_data=text)
        if not self.is_told and '"type":"news"' in text:
            self.is_told = await self._show({"what": "here"})

    def _put(self, frame: dict[str, Any]) -> None:
        if self.watcher is not None:
            self.watcher.put(json.dumps(frame, separators=(",", ":")))

    async def _drop(self, code: int) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.close(code), 2.0)

    def _be_in_time(self) -> None:
        """It has said who it is, or is gone: nothing is kept of the deadline."""
        if self.deadline is not None:
            self.deadline.cancel()
            self.deadline = None

    def _hurry(self) -> None:
        """Close a socket that does not say who it is."""
        self.goodbye = asyncio.ensure_future(self.close(NOT_KNOWN))

    def _is_flood(self) -> bool:
        now = asyncio.get_running_loop().time()
        if now - self.frames_since > FRAMES_SECONDS:
            self.frames, self.frames_since = 0, now
        self.frames += 1
        return self.frames > FRAMES_MAX
