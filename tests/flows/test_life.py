"""One customer's life in many ways: hypothesis invents it, the desk lives it, a small model says how it must look."""

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from channels_app import sweeping
from conversations import live
from helpdesk.lib import queue
from tests import paper
from tests.flows.living import CustomerLife


@pytest.fixture
def alone(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """No broker and no browser: rings are kept, hints are dropped."""
    for module in (queue, sweeping, live):
        monkeypatch.setattr(module, "ring_now", lambda *args, **options: CustomerLife.rings.append(args) or True)
    monkeypatch.setattr(sweeping, "is_queue_full", lambda name: False)
    monkeypatch.setattr(live, "publish", lambda names, frame: None)
    monkeypatch.setattr(paper.adapter, "post", paper.Post())
    CustomerLife.steps.clear()


def live_through(examples: int, steps: int, **more: Any) -> None:
    chosen = settings(
        max_examples=examples, stateful_step_count=steps, deadline=None, database=None, print_blob=True,
        suppress_health_check=list(HealthCheck), **more,
    )  # fmt: skip
    run_state_machine_as_test(CustomerLife, settings=chosen)


def tell(capsys: pytest.CaptureFixture[str]) -> None:
    kinds = ", ".join(f"{name} {count}" for name, count in CustomerLife.steps.most_common())
    with capsys.disabled():
        print(f"\none customer's life: {sum(CustomerLife.steps.values())} steps ({kinds})")


def test_a_customers_life_is_as_the_model_says(alone: None, capsys: pytest.CaptureFixture[str]) -> None:
    # The same lives every time, and no search for a shorter one: a failure here is looked into with the test below.
    # Each beginning has a number of its own, because hypothesis goes on with variations of what it tried first.
    for number in range(7):
        seed(number)(CustomerLife)
        live_through(3, 24, phases=[Phase.generate])
    tell(capsys)
    assert sum(CustomerLife.steps.values()) >= 300


@pytest.mark.slow
def test_many_customers_lives_are_as_the_model_says(alone: None, capsys: pytest.CaptureFixture[str]) -> None:
    # A chance start; what fails is printed with its number.
    CustomerLife._hypothesis_internal_use_seed = None
    live_through(60, 60)
    tell(capsys)
    assert sum(CustomerLife.steps.values()) >= 2_000
