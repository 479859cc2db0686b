"""How often somebody may ask: counted from the first on, and forgotten by itself."""

import uuid
from typing import Any

import pytest
import redis

from channels_app import limits
from channels_app.limits import Limit
from helpdesk.lib import fleeting

TWO = Limit("test", 2, 600)


@pytest.fixture(autouse=True)
def counted(settings: Any) -> Any:
    """Redis, where this test counts from nought."""
    settings.HUB_PREFIX = f"{settings.HUB_PREFIX}:{uuid.uuid4().hex}"
    return redis.Redis.from_url(settings.REDIS_URL)


def test_so_many_are_allowed_and_no_more() -> None:
    assert [limits.spend(TWO, "a") for _ in range(3)] == [True, True, False]
    assert limits.spend(TWO, "b")


def test_looking_counts_nothing() -> None:
    assert [limits.is_spent(TWO, "a") for _ in range(5)] == [False] * 5
    assert limits.spend(TWO, "a") and limits.spend(TWO, "a")
    assert limits.is_spent(TWO, "a") and not limits.is_spent(TWO, "b")


def test_the_time_runs_from_the_first_and_asking_on_does_not_prolong_it(counted: Any) -> None:
    limits.spend(TWO, "a")
    key = limits._key(TWO, "a")
    assert 0 < counted.ttl(key) <= 600
    counted.expire(key, 50)
    assert [limits.spend(TWO, "a"), limits.spend(TWO, "a")] == [True, False]
    assert counted.ttl(key) <= 50
    counted.delete(key)
    assert limits.spend(TWO, "a")


def test_who_asked_does_not_stand_in_redis(counted: Any, settings: Any) -> None:
    limits.spend(TWO, "giulia@example.test")
    names = counted.keys(f"{settings.HUB_PREFIX}:*")
    assert len(names) == 1 and b"giulia" not in names[0]


def test_while_redis_is_away_nobody_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fleeting, "ask", lambda question, otherwise: otherwise)
    assert all(limits.spend(TWO, "a") for _ in range(5))
    assert not limits.is_spent(TWO, "a")
