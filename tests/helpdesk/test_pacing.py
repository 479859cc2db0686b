"""How fast things may leave, with Redis and without it."""

import uuid
from collections.abc import Iterator

import pytest

from helpdesk.lib import fleeting, pacing
from helpdesk.lib.pacing import Lane, pause, take


@pytest.fixture(params=["redis", "alone"])
def lane(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lane]:
    """An account of ten a second that nobody used yet; once while Redis is away."""
    if request.param == "alone":
        monkeypatch.setattr(fleeting, "ask", lambda question, otherwise: otherwise)
    name = uuid.uuid4().hex
    yield Lane(name, f"{name}:giulia", per_second=10)
    assert (f"account {name}" in pacing._own.next_at) == (request.param == "alone")


def waits(lane: Lane, count: int) -> list[float]:
    return [take(f"{lane.account} {number}", lane) for number in range(count)]


def test_a_second_full_goes_at_once_and_the_others_one_after_another(lane: Lane) -> None:
    found = waits(lane, 13)

    assert found[:10] == [0] * 10
    assert found[10:] == pytest.approx([0.1, 0.2, 0.3], abs=0.08)


def test_what_waits_keeps_its_place(lane: Lane) -> None:
    waits(lane, 11)
    again, newcomer = take(f"{lane.account} 10", lane), take("newcomer", lane)

    assert 0 < again < newcomer


def test_two_to_one_person_keep_their_distance_and_others_do_not_wait(lane: Lane) -> None:
    slow = Lane(lane.account, lane.chat, per_second=10, chat_seconds=6)
    other = Lane(lane.account, f"{lane.account}:bea", per_second=10, chat_seconds=6)

    assert take(f"{lane.account} 1", slow) == 0
    assert take(f"{lane.account} 2", slow) == pytest.approx(6, abs=0.2)
    assert take(f"{lane.account} 3", other) == 0


def test_a_paused_account_lets_one_go_ahead_when_it_is_over(lane: Lane) -> None:
    pause(lane.account, 5)
    found = waits(lane, 3)

    assert found == pytest.approx([5, 6, 6.1], abs=0.2)


def test_a_pause_ends_places_that_were_given_before(lane: Lane) -> None:
    waits(lane, 11)
    pause(lane.account, 5)

    assert take(f"{lane.account} 10", lane) == pytest.approx(5, abs=0.2)


def test_a_pause_is_at_most_an_hour_and_never_shortened(lane: Lane) -> None:
    pause(lane.account, 10**9)
    pause(lane.account, 1)

    assert take(f"{lane.account} 1", lane) == pytest.approx(3_600, abs=1)


def test_another_account_is_not_held_up(lane: Lane) -> None:
    pause(lane.account, 5)
    take(lane.account, lane)

    assert take("other", Lane(uuid.uuid4().hex, "x", per_second=10)) == 0
