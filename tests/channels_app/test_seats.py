"""The sender's threads and who may have how many of them."""

import threading
from collections import Counter
from collections.abc import Iterator
from queue import SimpleQueue
from types import SimpleNamespace

import pytest

from channels_app import seats
from channels_app.seats import House
from helpdesk import celery

DELIVER = "channels_app.deliver"
LONG = 20


@pytest.fixture(autouse=True)
def rung(monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
    """A sender of eight threads, and whom it rang."""
    found: list[tuple[object, ...]] = []
    monkeypatch.setattr(seats, "house", House(8))
    monkeypatch.setattr(seats, "ring_now", lambda *bell: found.append(bell))
    return found


class Sender:
    """Eight threads that take (channel, number) from a queue and hold a seat while their provider hangs."""

    def __init__(self, hanging: set[int]) -> None:
        self.calls: SimpleQueue[tuple[int, int] | None] = SimpleQueue()
        self.sent: SimpleQueue[int] = SimpleQueue()
        self.hanging, self.end = hanging, threading.Event()
        self.seated: Counter[int] = Counter()
        self.threads = [threading.Thread(target=self._work) for _ in range(8)]
        for thread in self.threads:
            thread.start()

    def stop(self) -> None:
        self.end.set()
        for _ in self.threads:
            self.calls.put(None)
        for thread in self.threads:
            thread.join(LONG)

    def _work(self) -> None:
        while call := self.calls.get():
            with seats.seat(call[0], (DELIVER, call[1])) as has_seat:
                if has_seat and call[0] in self.hanging:
                    self.seated[call[0]] += 1
                    self.end.wait(LONG)
                elif has_seat:
                    self.sent.put(call[0])


@pytest.fixture
def senders() -> Iterator[list[Sender]]:
    made: list[Sender] = []
    yield made
    for one in made:
        one.stop()


@pytest.mark.parametrize("hanging", [{1}, {1, 2}, {1, 2, 3}])
def test_however_many_answers_wait_for_channels_that_hang_another_is_sent(
    hanging: set[int], senders: list[Sender]
) -> None:
    sender = Sender(hanging)
    senders.append(sender)
    for number in range(60):
        sender.calls.put((sorted(hanging)[number % len(hanging)], number))
    sender.calls.put((9, 100))
    assert sender.sent.get(timeout=LONG) == 9
    assert sender.seated.total() < 8


def test_one_channel_alone_has_four() -> None:
    assert [seats.house.take(1, None) for _ in range(5)] == [True] * 4 + [False]


def test_who_holds_none_takes_the_last_one() -> None:
    taken = [seats.house.take(channel, None) for channel in (1, 1, 1, 1, 2, 2, 2, 3, 3, 4)]
    assert taken == [True, True, True, True, True, True, False, True, False, True]
    assert not seats.house.take(5, None)


def test_channels_that_go_on_hanging_come_to_equal_shares_and_leave_one_free() -> None:
    for channel in [1] * 4 + [2] * 2 + [3]:
        seats.house.take(channel, None)
    for number in range(30):
        seats.house.take(number % 3 + 1, (DELIVER, number))
    # Each call comes to its end some time, and whoever is rung takes the seat.
    for channel in [1, 2, 3] * 3:
        if bell := seats.house.leave(channel):
            assert seats.house.take(bell[1] % 3 + 1, bell)
    assert [seats.house.take(other, None) for other in (7, 8, 9)] == [True, True, False]


def test_who_was_refused_because_the_house_was_full_is_rung_when_anybody_leaves(
    rung: list[tuple[object, ...]],
) -> None:
    for channel in (1, 1, 1, 2, 2, 3, 4):
        seats.house.take(channel, None)
    with seats.seat(5):
        for channel, number in ((1, 10), (4, 40), (2, 20), (6, 60), (6, 61)):
            with seats.seat(channel, (DELIVER, number)) as has_seat:
                assert not has_seat
    # The one that holds fewest; of its own the first.
    assert rung == [(DELIVER, 60)]
    assert seats.house.take(6, (DELIVER, 60))
    # All others hold one, and only one is free; with two free it is the turn of whoever waits longest.
    assert seats.house.leave(1) is None
    assert seats.house.leave(1) == (DELIVER, 10)


def test_who_comes_back_by_itself_is_rung_no_more() -> None:
    for _ in range(4):
        seats.house.take(1, None)
    assert not any(seats.house.take(1, (DELIVER, number)) for number in (7, 8))
    assert seats.house.leave(1) == (DELIVER, 7)
    assert seats.house.take(1, (DELIVER, 8))
    assert seats.house.leave(1) is None


def test_a_worker_has_as_many_seats_as_threads() -> None:
    celery.count_seats(SimpleNamespace(concurrency=12))
    assert seats.house.seats == 12
