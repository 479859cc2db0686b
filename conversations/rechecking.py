"""Looking again, every minute, at who stands behind the open sockets of this process: for all of them at once.

One by one this costs a fifth of a core for two thousand idle sockets (docs/performance.md).
"""

import asyncio
import contextlib
import logging
from typing import Protocol

from channels.db import database_sync_to_async
from django.db import DatabaseError

from agents.arriving import agents_of
from agents.permissions import audiences, sight_of

log = logging.getLogger(__name__)

RECHECK_SECONDS = 60
AT_ONCE = 100


class Guest(Protocol):
    """An open socket."""

    session_key: str

    async def recheck(self, heard: list[str] | None) -> None:
        """Hear exactly these audiences from now on; None: nobody is signed in any more."""


class Rechecks:
    """The open sockets of one event loop."""

    def __init__(self) -> None:
        self._guests: set[Guest] = set()
        self._task: asyncio.Task[None] | None = None
        self._hurry = asyncio.Event()

    def add(self, guest: Guest) -> None:
        """Look after a socket from now on."""
        self._guests.add(guest)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._for_ever())

    def discard(self, guest: Guest) -> None:
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

    async def look(self, guests: list[Guest]) -> None:
        """Look at these sockets now. While the database is away, everybody keeps what they have."""
        try:
            heard = await _heard_by([guest.session_key for guest in guests])
            for guest in guests:
                if guest in self._guests:
                    await guest.recheck(heard.get(guest.session_key))
        except DatabaseError:
            log.warning("The sockets could not be looked at again")


@database_sync_to_async
def _heard_by(session_keys: list[str]) -> dict[str, list[str]]:
    return {key: list(audiences(sight_of(agent))) for key, agent in agents_of(session_keys).items()}
