"""Sockets for tests: one browser's line to the desk, spoken to in ASGI within one scene."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from django.conf import settings
from django.test import Client

from agents.models import Agent
from conversations import live
from helpdesk.asgi import application

Scene = Callable[["Sockets"], Awaitable[None]]


class Socket:
    """One browser's socket, spoken to in ASGI."""

    def __init__(self, cookie: str, origin: str = "http://testserver", path: str = "/ws/agent/") -> None:
        headers = [(b"origin", origin.encode()), (b"host", b"testserver"), (b"cookie", cookie.encode())]
        scope = {"type": "websocket", "path": path, "query_string": b"", "headers": headers, "subprotocols": []}
        self.line = ApplicationCommunicator(application, scope)

    async def connect(self) -> bool:
        """Open it; return whether the server took it."""
        await self.line.send_input({"type": "websocket.connect"})
        answer: dict[str, Any] = await self.line.receive_output(5)
        return answer["type"] == "websocket.accept"

    async def disconnect(self) -> None:
        """Close it from the browser's side."""
        await self.line.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.line.wait(5)

    async def frame(self) -> dict[str, Any]:
        """Return the next frame."""
        output = await self.line.receive_output(5)
        assert output["type"] == "websocket.send", output
        frame: dict[str, Any] = json.loads(output["text"])
        return frame

    async def next(self, kind: str) -> dict[str, Any]:
        """Return the next frame of a kind, passing over others."""
        while (frame := await self.frame())["type"] != kind:
            pass
        return frame

    async def closed(self) -> int:
        """Return the code with which the server closed it, passing over frames."""
        while (output := await self.line.receive_output(5))["type"] != "websocket.close":
            pass
        return int(output["code"])

    async def say_text(self, text: str) -> None:
        await self.line.send_input({"type": "websocket.receive", "text": text})

    async def say(self, kind: str, **fields: Any) -> None:
        await self.say_text(json.dumps({"type": kind, **fields}))

    async def watch(self, customer_id: int) -> None:
        await self.say("watch", customer=customer_id)
        while (await self.next("watching")).get("customer") != customer_id:
            pass

    async def fence(self) -> list[dict[str, Any]]:
        """Return everything that was already on its way (a frame to all agents marks the end)."""
        await sync_to_async(live.publish)(["all", "team.0"], {"type": "fence"})
        frames: list[dict[str, Any]] = []
        while (frame := await self.frame())["type"] != "fence":
            frames.append(frame)
        return frames


class Sockets:
    """Opens sockets in one scene and closes them all."""

    def __init__(self) -> None:
        self.opened: list[Socket] = []

    async def open(self, agent: Agent) -> Socket:
        socket = Socket(await sync_to_async(sign_in)(agent))
        self.opened.append(socket)
        assert await socket.connect()
        await socket.next("watching")
        return socket


def sign_in(agent: Agent) -> str:
    client = Client()
    client.force_login(agent)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


def play(scene: Scene) -> None:
    async def run() -> None:
        sockets = Sockets()
        try:
            await scene(sockets)
        finally:
            for socket in sockets.opened:
                await socket.disconnect()
            await asyncio.sleep(0)

    asyncio.run(run())
