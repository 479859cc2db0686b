"""The real web server within a test's event loop, and browsers that reach it over TCP."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import uvicorn
from asgiref.sync import sync_to_async
from django.db import connections
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin

from agents.models import Agent
from helpdesk.asgi import application
from helpdesk.bench import crowd
from tests.sockets import sign_in

SECONDS = 20.0


class Web:
    """The server's address, and the browsers that were opened."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.client = httpx.AsyncClient(base_url=self.url, timeout=SECONDS)
        self.opened: list[crowd.Socket] = []
        self._port = port
        self._cookies: dict[int, str] = {}

    async def open(self, agent: Agent, customer: int | None = None) -> crowd.Socket:
        """Open a socket; with a customer, it watches them and has their page open."""
        one = crowd.Socket(self.url, await self.cookie(agent), customer)
        self.opened.append(one)
        await one.open()
        if customer is not None:
            await one.show(self.client).load()
        return one

    async def open_deaf(self, agent: Agent) -> ClientConnection:
        """Open a socket whose browser takes nothing from the line."""
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", self._port))
        headers = {"Cookie": await self.cookie(agent)}
        return await connect(
            f"ws://127.0.0.1:{self._port}/ws/agent/", sock=sock, additional_headers=headers, origin=Origin(self.url),
            max_queue=1, close_timeout=0.1, ping_interval=None,
        )  # fmt: skip

    async def get(self, path: str, agent: Agent) -> httpx.Response:
        """Fetch a page as this agent."""
        return await self.client.get(path, headers={"Cookie": await self.cookie(agent)})

    async def cookie(self, agent: Agent) -> str:
        """What the browsers of an agent carry; signed in once."""
        if agent.pk not in self._cookies:
            self._cookies[agent.pk] = await sync_to_async(sign_in)(agent)
        return self._cookies[agent.pk]


def play(scene: Callable[[Web], Awaitable[None]]) -> None:
    """Play a scene before a running server."""

    async def run() -> None:
        async with _serving() as web:
            try:
                await scene(web)
            finally:
                for one in web.opened:
                    if one.page is not None:
                        one.page.leave()
                    await one.close(hard=True)
                await web.client.aclose()

    # Each request has a thread of its own, whose connection nobody would close: tests have no pool.
    chosen = connections.settings["default"]
    kept, chosen["CONN_MAX_AGE"] = chosen["CONN_MAX_AGE"], 0
    try:
        asyncio.run(run())
    finally:
        chosen["CONN_MAX_AGE"] = kept


async def until(condition: Callable[[], object], seconds: float = SECONDS) -> None:
    """Wait within the loop until something is so."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)  # polls until the deadline


@contextlib.asynccontextmanager
async def _serving() -> AsyncIterator[Web]:
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    config = uvicorn.Config(
        application, ws="websockets-sansio", ws_per_message_deflate=False, lifespan="off", log_level="warning",
        timeout_graceful_shutdown=1,
    )  # fmt: skip
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[sock]))
    await until(lambda: server.started)
    try:
        yield Web(sock.getsockname()[1])
    finally:
        server.should_exit = True
        await task
