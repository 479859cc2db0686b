"""The least a live line can cost: sockets on a bare ASGI application, one Redis subscription, nothing else.

It knows nobody, has no queues and waits for each socket in turn: a floor to compare with, not a product.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Any

import redis.asyncio as redis

from helpdesk import embedded

CHANNEL = "RELAY_CHANNEL"
WATCHING = '{"type":"watching"}'

Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]
_sends: set[Send] = set()
_subscribed = asyncio.Event()
_tasks: list["asyncio.Task[None]"] = []


async def application(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Hold one socket until it goes."""
    if scope["type"] != "websocket":
        return
    await receive()
    await send({"type": "websocket.accept"})
    if not _tasks:
        _tasks.append(asyncio.create_task(_relay()))
    await _subscribed.wait()
    await send({"type": "websocket.send", "text": WATCHING})
    _sends.add(send)
    try:
        while (await receive())["type"] != "websocket.disconnect":
            pass
    finally:
        _sends.discard(send)


async def _relay() -> None:
    client = redis.Redis.from_url(os.environ.get("REDIS_URL") or embedded.HOME.redis_url)
    async with client.pubsub() as pubsub:
        await pubsub.subscribe(os.environ[CHANNEL])
        async for message in pubsub.listen():
            _subscribed.set()
            if message["type"] == "message":
                frame = {"type": "websocket.send", "text": message["data"].decode()}
                for send in list(_sends):
                    await send(frame)
