"""Browsers beside a measurement: sockets that note what they hear when, and pages that fetch as live.ts does.

One process of its own, so that its work does not delay what is measured; it speaks to the desk on loopback only.
"""

import asyncio
import json
import re
from collections.abc import Sequence
from multiprocessing.connection import Connection
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin

from helpdesk.lib import clock

AT_ONCE = 50
OPEN_SECONDS = 60
PAGE_GAP_SECONDS = 0.25
_ARTICLE = re.compile(r'<article [^>]*id="m-(\d+)"')

# When, customer, entry, touched_seq, audience.
Heard = tuple[float, int, int, int, str]


def now() -> float:
    """The time that every process of a measurement and PostgreSQL agree on."""
    return clock.real().timestamp()


class Socket:
    """One socket with the cookie of its agent, and what it heard."""

    path = "/ws/agent/"

    def __init__(self, url: str, cookie: str, watches: int | None) -> None:
        self.url, self.cookie, self.watches = url, cookie, watches
        self.heard: list[Heard] = []
        self.known: set[int] = set()
        self.resyncs: list[float] = []
        self.downs: list[float] = []
        self.page: Page | None = None
        self._last = (0, 0)
        self._ready = asyncio.Event()
        self._line: ClientConnection | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self) -> None:
        """Connect; return once the server has said that it listens for us."""
        await self.connect()
        await asyncio.wait_for(self._ready.wait(), OPEN_SECONDS)

    async def connect(self) -> None:
        """Connect, whatever the server says then."""
        headers = {"Cookie": self.cookie} if self.cookie else {}
        place = self.url.replace("http", "ws", 1) + self.path
        self._line = await connect(
            place, additional_headers=headers, origin=Origin(self.url), ping_interval=None, open_timeout=OPEN_SECONDS,
            max_queue=None, close_timeout=1,
        )  # fmt: skip
        self._tasks = [asyncio.create_task(self._listen(self._line))]
        await self.greet()

    async def greet(self) -> None:
        """Say what a browser says first."""
        if self.watches:
            await self.say({"type": "watch", "customer": self.watches})

    async def say(self, frame: dict[str, Any]) -> None:
        """Send a frame."""
        if self._line is not None:
            await self._line.send(json.dumps(frame))

    async def close(self, *, hard: bool = False) -> None:
        """Leave; hard: as when the network goes."""
        for task in self._tasks:
            task.cancel()
        if self._line is not None and hard:
            self._line.transport.abort()
        elif self._line is not None:
            await self._line.close()
        self._ready.clear()

    def show(self, client: httpx.AsyncClient) -> "Page":
        """Open a page on the watched customer, which lives on what this socket hears."""
        headers = {"Cookie": self.cookie, "HX-Request": "true"}
        self.page = Page(client, f"/customers/{self.watches}/entries/", headers, self.watches or 0)
        return self.page

    async def _listen(self, line: ClientConnection) -> None:
        try:
            async for text in line:
                self.take(json.loads(text))
        except ConnectionClosed:
            return

    def take(self, frame: dict[str, Any]) -> None:
        """Understand what the server says."""
        kind = frame["type"]
        if kind == "hint":
            self._hint(frame)
        elif kind == "watching" and frame.get("customer") in {None, self.watches}:
            if not self.watches or "customer" in frame:
                self._ready.set()
        elif kind == "resync":
            self.resyncs.append(now())
        elif kind == "down":
            self.downs.append(now())
        if self.page is not None and kind in {"watching", "resync"}:
            self.page.asked.set()

    def _hint(self, frame: dict[str, Any]) -> None:
        """Note it. As in live.ts, the page acts on the first hint only: one comes for each audience we belong to."""
        entry, seq = frame["entry"], frame["touched_seq"]
        self.heard.append((now(), frame["customer"], entry, seq, frame.get("audience", "")))
        self.known.add(entry)
        if self._last != (entry, seq) and self.page is not None and frame["customer"] == self.page.customer:
            self.page.asked.set()
        self._last = (entry, seq)


class Page:
    """One customer's open timeline: fetches at once when told, then at most every 250 ms."""

    def __init__(self, client: httpx.AsyncClient, place: str, headers: dict[str, str], customer: int) -> None:
        self.customer, self.cursor, self.reloads, self.fetches = customer, "0", 0, 0
        self.asked, self.is_busy = asyncio.Event(), False
        self.hand: dict[int, float] = {}
        self.client, self.place, self.headers = client, place, headers
        self._task = asyncio.create_task(self._live())

    def leave(self) -> None:
        """Close the page."""
        self._task.cancel()

    async def load(self) -> None:
        """Open the page anew: its newest entries, and where the cursor stands."""
        await self.get("")

    async def follow(self) -> None:
        """Ask what is new since the cursor."""
        answer = await self.get(f"?after={self.cursor}")
        if answer is not None and answer.headers.get("X-Reload"):
            self.reloads += 1
            await self.load()

    async def get(self, query: str) -> httpx.Response | None:
        """Fetch entries and take them in hand; None when the desk did not answer, and then again later."""
        self.fetches += 1
        try:
            answer = await self.client.get(f"{self.place}{query}", headers=self.headers)
        except httpx.HTTPError:
            self.asked.set()
            return None
        if answer.status_code == 200:
            self.cursor, at = answer.headers["X-Cursor"], now()
            for pk in _ARTICLE.findall(answer.text):
                self.hand.setdefault(int(pk), at)
        return answer

    async def _live(self) -> None:
        while True:
            await self.asked.wait()
            self.is_busy = True
            self.asked.clear()
            await self.follow()
            self.is_busy = False
            await asyncio.sleep(PAGE_GAP_SECONDS)


class Crowd:
    """Groups of sockets by name. Each public method is an order of the measurement."""

    def __init__(self) -> None:
        self.groups: dict[str, list[Socket]] = {}
        self.client: httpx.AsyncClient | None = None

    async def open(self, group: str, url: str, cookies: list[str], watches: list[int]) -> float:
        """Open one socket per cookie, some at a time; return how many seconds it took."""
        sockets = [
            Socket(url, cookie, watches[place % len(watches)] if watches else None)
            for place, cookie in enumerate(cookies)
        ]
        return await self.gather(group, sockets)

    async def gather(self, group: str, sockets: Sequence[Socket]) -> float:
        """Open these sockets as a group; return how many seconds it took."""
        self.groups[group] = list(sockets)
        return await self._each(self.groups[group], Socket.open)

    async def again(self, group: str, at_once: int) -> float:
        """Connect every socket of a group anew; return the seconds until all were heard."""
        return await self._each(self.groups[group], Socket.open, at_once)

    async def drop(self, group: str) -> None:
        """Lose every connection of a group, as when the network goes; what was heard stays."""
        await asyncio.gather(*(one.close(hard=True) for one in self.groups[group]))

    async def close(self, group: str) -> None:
        """Close a group and forget it."""
        await asyncio.gather(*(one.close() for one in self.groups.pop(group)))

    async def show(self, group: str, url: str) -> None:
        """Let every socket of a group have its page open."""
        limits = httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE)
        self.client = client = httpx.AsyncClient(base_url=url, timeout=30, limits=limits)
        await self._each([one.show(client) for one in self.groups[group]], lambda page: page.load())

    async def count(self, group: str) -> int:
        """How many entries a group has heard of, each once for a socket."""
        return sum(len(one.known) for one in self.groups[group])

    async def size(self, group: str) -> int:
        """How many sockets a group has."""
        return len(self.groups[group])

    async def settle(self, group: str) -> None:
        """Wait until no page of a group wants to fetch any more."""
        pages = [one.page for one in self.groups[group] if one.page is not None]
        while any(page.is_busy or page.asked.is_set() for page in pages):
            await asyncio.sleep(PAGE_GAP_SECONDS)

    async def take(self, group: str) -> list[tuple[list[Heard], list[float]]]:
        """Return what each socket heard and when it was told to catch up, and forget it."""
        told = [(one.heard, one.resyncs) for one in self.groups[group]]
        for one in self.groups[group]:
            one.heard, one.resyncs, one.known = [], [], set()
        return told

    async def hands(self, group: str) -> list[tuple[int, dict[int, float], int, int]]:
        """Return what each page holds since when: (customer, entries, reloads, fetches since the last question)."""
        pages = [one.page for one in self.groups[group] if one.page is not None]
        told = [(page.customer, page.hand, page.reloads, page.fetches) for page in pages]
        for page in pages:
            page.fetches = 0
        return told

    async def _each(self, things: list[Any], act: Any, at_once: int = AT_ONCE) -> float:
        gate, began = asyncio.Semaphore(at_once), now()

        async def one(thing: Any) -> None:
            async with gate:
                await act(thing)

        await asyncio.gather(*(one(thing) for thing in things))
        return now() - began


def serve(pipe: "Connection[Any, Any]") -> None:
    """Be the crowd until the pipe closes."""
    asyncio.run(attend(pipe, Crowd))


async def attend(pipe: "Connection[Any, Any]", kind: type[Crowd]) -> None:
    """Do what the measurement orders until the pipe closes."""
    crowd, loop = kind(), asyncio.get_running_loop()
    while True:
        try:
            verb, values = await loop.run_in_executor(None, pipe.recv)
        except EOFError:
            return
        try:
            pipe.send(await getattr(crowd, verb)(**values))
        except (OSError, TimeoutError, ConnectionClosed) as error:
            pipe.send(RuntimeError(f"{verb}: {type(error).__name__}: {error}"))
