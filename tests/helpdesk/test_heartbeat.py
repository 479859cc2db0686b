"""A worker that may take no more tasks ends; one that works or waits does not."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from celery.worker import state
from kombu.transport.virtual import QoS

from helpdesk import heartbeat


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    yield
    state.should_stop = None
    state.reserved_requests.clear()


def worker(*, unacknowledged: int) -> Any:
    """A worker that takes two tasks at a time."""
    qos = QoS(SimpleNamespace(do_restore=False), prefetch_count=2)
    for tag in range(unacknowledged):
        qos.append(SimpleNamespace(), str(tag))
    channel = SimpleNamespace(qos=qos)
    return SimpleNamespace(consumer=SimpleNamespace(task_consumer=SimpleNamespace(channel=channel)))


class Request:
    """A task in the hands of a worker."""


def test_a_worker_whose_acknowledgements_were_lost_is_stuck() -> None:
    assert heartbeat.is_stuck(worker(unacknowledged=2)) is True


def test_a_worker_that_may_take_more_is_not_stuck() -> None:
    assert heartbeat.is_stuck(worker(unacknowledged=1)) is False


def test_a_worker_with_its_hands_full_is_not_stuck() -> None:
    request = Request()
    state.reserved_requests.add(request)
    assert heartbeat.is_stuck(worker(unacknowledged=2)) is False


def test_a_worker_that_is_starting_is_not_stuck() -> None:
    assert heartbeat.is_stuck(SimpleNamespace()) is False


def test_a_stuck_worker_ends_at_the_second_beat(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "_beat", lambda link, name: None)
    stuck = worker(unacknowledged=2)
    step = heartbeat.Heartbeat(stuck)
    step._tick(stuck, heartbeat.connect(), "worker")
    assert state.should_stop is None
    step._tick(stuck, heartbeat.connect(), "worker")
    assert state.should_stop == heartbeat.EX_FAILURE
