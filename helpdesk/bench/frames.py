"""Open widgets beside a measurement: sockets that say their token first, and frames that fetch as frame.ts does.

And the agents who answer them, on pages as helpdesk/bench/crowd.py has them. Each side is a process of its own.
"""

import asyncio
import re
import uuid
from multiprocessing.connection import Connection
from typing import Any

import httpx

from helpdesk.bench.crowd import Crowd, Page, Socket, attend, now
from helpdesk.bench.guests import SITE, Guest

PING_SECONDS = 20.0
# As the frame does: so long until it sends again what was not taken, by the status of the answer.
AGAIN_SECONDS = {429: 20.0, 503: 5.0}
OTHERWISE_SECONDS = 1.0
TRIES_MAX = 20
AFTER_SAYING_SECONDS = 0.15
WHERE = {"url": f"{SITE}/alpe-2/", "title": "Alpe 2"}
TOKEN = "b" * 32
_THEIRS = re.compile(r'<article [^>]*class="theirs"[^>]*data-pk="(\d+)"')

# When it is due, whose turn it is, its number, and for an answer where it is posted and by which way it goes.
Due = tuple[float, int, int, str, str]


class Told:
    """What was accepted when, and what was refused for good or only for a while."""

    def __init__(self) -> None:
        self.accepted: dict[int, float] = {}
        self.refused: list[tuple[int, int]] = []
        self.tries = 0


class Frame(Socket):
    """One open widget."""

    def __init__(self, url: str, key: str, guest: Guest, customer: int) -> None:
        super().__init__(url, "", customer)
        self.path, self.key, self.guest = f"/ws/widget/{key}/", key, guest

    async def greet(self) -> None:
        """Say who we are."""
        await self._introduce("hello")

    async def write(self, number: int, told: Told) -> None:
        """Write a message."""
        assert isinstance(self.page, Chat)
        await self.page.post(number, told)
        await self._introduce("here")
        await asyncio.sleep(AFTER_SAYING_SECONDS)
        self.page.asked.set()

    def show(self, client: httpx.AsyncClient) -> "Chat":
        """Draw the conversation."""
        headers = {"Authorization": f"Bearer {self.guest[1]}", "X-Telaio-Site": SITE}
        self.page = chat = Chat(client, f"/widget/{self.key}/entries/", headers, self.watches or 0)
        return chat

    def take(self, frame: dict[str, Any]) -> None:
        """Understand what the server says: there is something, never what."""
        if frame["type"] == "watching":
            self._ready.set()
        elif frame["type"] == "down":
            self.downs.append(now())
        if self.page is not None and frame["type"] in {"watching", "news", "resync"}:
            self.page.asked.set()

    async def _introduce(self, kind: str) -> None:
        await self.say({"type": kind, "token": self.guest[1], "site": SITE, "page": WHERE})


class Chat(Page):
    """The conversation in a frame: after each fetch it asks for the head, and says what was seen."""

    def __init__(self, client: httpx.AsyncClient, place: str, headers: dict[str, str], customer: int) -> None:
        super().__init__(client, place, headers, customer)
        self.cursor, self.seen = "", 0

    async def get(self, query: str) -> httpx.Response | None:
        """Fetch, then do as the frame does."""
        answer = await super().get(query)
        if answer is not None and answer.status_code == 200:
            theirs = [int(pk) for pk in _THEIRS.findall(answer.text)]
            await asyncio.gather(self._head(), self._see(max(theirs, default=0)))
        return answer

    async def post(self, number: int, told: Told) -> None:
        """Hand in a message."""
        said = {"id": str(uuid.uuid4()), "text": f"Message {number}: where is my order?", "page": WHERE}
        await post(self.client, number, told, 202, url=self._beside("messages/"), json=said, headers=self.headers)

    async def _head(self) -> None:
        await self._ask("GET", "state/", None)

    async def _see(self, upto: int) -> None:
        if upto > self.seen:
            self.seen = upto
            await self._ask("POST", "sightings/", {"upto": upto, "seen": True, "page": WHERE})

    async def _ask(self, verb: str, noun: str, said: object) -> None:
        try:
            await self.client.request(verb, self._beside(noun), json=said, headers=self.headers)
        except httpx.HTTPError:
            # As the frame: it will ask again with the next message.
            return

    def _beside(self, noun: str) -> str:
        return self.place.removesuffix("entries/") + noun


class Chats(Crowd):
    """Groups of open widgets, and of agents who answer."""

    async def visit(self, group: str, url: str, key: str, guests: list[Guest], customers: list[int]) -> float:
        """Open one socket per visitor, some at a time; return how many seconds it took."""
        numbers = customers or [0] * len(guests)
        return await self.gather(group, [Frame(url, key, guest, pk) for guest, pk in zip(guests, numbers, strict=True)])

    async def speak(self, group: str, due: list[Due]) -> tuple[dict[int, float], list[tuple[int, int]], int]:
        """Write each message or answer when it is due, however late the last one was, while all sockets ping.

        Return when each was accepted, what was refused for good (number, status), and how many tries it took.
        """
        told, sockets = Told(), self.groups[group]
        # A page sends one thing at a time, as a frame does: what is next waits until this one was taken.
        turns = [asyncio.Lock() for _ in sockets]
        pinging = asyncio.create_task(_ping(sockets))
        await asyncio.gather(*(_speak(sockets[one[1]], turns[one[1]], one, told) for one in due))
        pinging.cancel()
        return told.accepted, told.refused, told.tries


async def post(client: httpx.AsyncClient, number: int, told: Told, wanted: int, **how: Any) -> None:
    """Post until it is taken; note when that was, or what it was refused with."""
    status = 0
    for _ in range(TRIES_MAX):
        told.tries += 1
        try:
            status = (await client.post(**how)).status_code
        except httpx.HTTPError:
            status = 0
        if status == wanted:
            told.accepted[number] = now()
            return
        if status and status not in AGAIN_SECONDS:
            break
        await asyncio.sleep(AGAIN_SECONDS.get(status, OTHERWISE_SECONDS))
    told.refused.append((number, status))


async def _speak(socket: Socket, turn: asyncio.Lock, due: Due, told: Told) -> None:
    at, _place, number, where, way = due
    await asyncio.sleep(max(0.0, at - now()))
    async with turn:
        if isinstance(socket, Frame):
            await socket.write(number, told)
        elif socket.page is not None:
            said = {"text": f"Answer {number}: it is on its way.", "way": way, "client_id": str(uuid.uuid4())}
            headers = {**socket.page.headers, "X-CSRFToken": TOKEN}
            headers["Cookie"] += f"; csrftoken={TOKEN}"
            await post(socket.page.client, number, told, 201, url=where, data=said, headers=headers)


async def _ping(sockets: list[Socket]) -> None:
    """Let each socket ping every twenty seconds, one after the other."""
    while True:
        for one in sockets:
            await one.say({"type": "ping"})
            await asyncio.sleep(PING_SECONDS / len(sockets))


def serve(pipe: "Connection[Any, Any]") -> None:
    """Be the widgets, or the agents, until the pipe closes."""
    asyncio.run(attend(pipe, Chats))
