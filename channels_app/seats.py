"""How many of the sender's threads one channel may have, so that providers that hang leave some to the others."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from helpdesk.lib.queue import ring_now

AT_A_TIME = 4
# Of a sender that nobody has told how many it has (helpdesk/processes.py).
THREADS = 8

# A task and the row it is for.
Bell = tuple[str, int]


class House:
    """The seats of one process, one for each thread: who holds them, and who is rung when one is given back.

    A channel that holds none takes the last one. One that holds some takes another only while more are free than it
    holds: alone it has half of them, and each further channel that hangs takes less of what is left. As calls come to
    their ends it evens out at equal shares, with one share free.
    """

    def __init__(self, seats: int = THREADS) -> None:
        self.seats = seats
        self._lock = threading.Lock()
        self._held: Counter[int] = Counter()
        # By channel, in the order they came.
        self._refused: dict[int, dict[Bell, None]] = {}

    def take(self, channel_id: int, bell: Bell | None) -> bool:
        """Take a seat; return whether there was one. Without one, `bell` is kept for `leave`."""
        with self._lock:
            if may := self._may(channel_id):
                self._held[channel_id] += 1
                self._forget(channel_id, bell)
            elif bell is not None:
                self._refused.setdefault(channel_id, {})[bell] = None
            return may

    def leave(self, channel_id: int) -> Bell | None:
        """Give a seat back; return whom to ring, of whichever channel: the seat may have been the house's last."""
        with self._lock:
            self._held[channel_id] -= 1
            able = [one for one in self._refused if self._may(one)]
            if not able:
                return None
            fewest = min(able, key=lambda one: self._held[one])
            bell = next(iter(self._refused[fewest]))
            self._forget(fewest, bell)
            return bell

    def _may(self, channel_id: int) -> bool:
        held, free = self._held[channel_id], self.seats - self._held.total()
        return held < AT_A_TIME and held < free

    def _forget(self, channel_id: int, bell: Bell | None) -> None:
        waiting = self._refused.get(channel_id, {})
        waiting.pop(bell, None)  # type: ignore[arg-type]
        if not waiting:
            self._refused.pop(channel_id, None)


house = House()


def open_house(threads: object) -> None:
    """Have as many seats as the process has threads. Called once, before any task runs."""
    house.seats = threads if isinstance(threads, int) else THREADS


@contextmanager
def seat(channel_id: int, bell: Bell | None = None) -> Iterator[bool]:
    """Hold one of a channel's seats in this process; yield whether there was one.

    Who finds none gives its thread back at once and is rung as soon as one is free; without a `bell` it is not.
    """
    if not house.take(channel_id, bell):
        yield False
        return
    try:
        yield True
    finally:
        if following := house.leave(channel_id):
            ring_now(*following)
