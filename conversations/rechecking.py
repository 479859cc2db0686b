"""Who stands behind the sockets of this process: asked when one comes and again every minute, for many at once.

One by one this costs several times as much as all the rest of a connection (docs/performance.md).
"""

import asyncio
import contextlib
import logging
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from channels.db import database_sync_to_async
from django.db import DatabaseError

from agents import presence
from agents.arriving import agents_of
from agents.permissions import audiences, sight_of
from helpdesk.lib.together import Together

log = logging.getLogger(__name__)

RECHECK_SECONDS = 60
AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Known:
    """An agent who is signed in, and the audiences of lists that they may hear."""

    agent_id: int
    name: str
    audiences: list[str]


class Guest(Protocol):
    """An open socket."""

    session_key: str

    async def recheck(self, known: Known | None) -> None:
        """Hear exactly what this agent may from now on; None: nobody is signed in any more."""


G = TypeVar("G")


class Rounds(Generic[G]):
    """Looks at the open sockets of one event loop again and again, many at once."""

    def __init__(self) -> None:
        self._guests: set[G] = set()
        self._task: asyncio.Task[None] | None = None
        self._hurry = asyncio.Event()

    def add(self, guest: G) -> None:
        """Look after a socket from now on."""
        self._guests.add(guest)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._for_ever())

    def discard(self, guest: G) -> None:
        """A socket has gone."""
        self._guests.discard(guest)

    def soon(self) -> None:
        """Look at all of them without waiting for the minute: a `kick` may have been missed."""
        self._hurry.set()

    async def _for_ever(self) -> None:
        while self._guests:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._hurry.wait(), RECHECK_SECONDS)
            self._hurry.clear()
            guests = list(self._guests)
            for first in range(0, len(guests), AT_ONCE):
                await self.look(guests[first : first + AT_ONCE])

    async def look(self, guests: list[G]) -> None:
        """Look at these sockets now. While the database is away, everybody keeps what they have."""
        raise NotImplementedError


class Rechecks(Rounds[Guest]):
    """The sockets of agents."""

    async def look(self, guests: list[Guest]) -> None:
        """Let each hear what its agent may from now on."""
        try:
            known = await _known_by([guest.session_key for guest in guests])
            for guest in guests:
                if guest in self._guests:
                    await guest.recheck(known.get(guest.session_key))
        except DatabaseError:
            log.warning("The sockets could not be looked at again")


class Arrivals:
    """Who comes at the same moment is looked up together."""

    def __init__(self) -> None:
        self._together: Together[str, Known | None] = Together(_each_of, (DatabaseError,))

    async def who(self, session_key: str) -> "Known | None":
        """Return who stands behind a new socket; None when nobody is signed in. Raises DatabaseError."""
        return await self._together.ask(session_key)


async def _each_of(session_keys: list[str]) -> "list[Known | None]":
    known = await _known_by(session_keys)
    return [known.get(key) for key in session_keys]


@database_sync_to_async
def _known_by(session_keys: list[str]) -> dict[str, Known]:
    found = agents_of(session_keys)
    presence.hear({agent.pk for agent in found.values()})
    return {key: Known(agent.pk, agent.first_name, list(audiences(sight_of(agent)))) for key, agent in found.items()}
