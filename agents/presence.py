"""Who looks at which customer now, and who was last here when. Lives in Redis and is forgotten by itself."""

from collections.abc import Collection
from typing import Any

import redis
from django.conf import settings

from helpdesk.lib import clock, fleeting

TTL_SECONDS = 50
# Open sockets are heard of every minute (conversations.rechecking).
HERE_SECONDS = 90
KEPT_SECONDS = 90 * 86_400


def look(customer_id: int, agent_id: int) -> None:
    """Remember for fifty seconds that an agent has a customer open."""
    _mark(_key(customer_id), agent_id, clock.real().timestamp() + TTL_SECONDS)


def leave(customer_id: int, agent_id: int) -> None:
    """Forget that an agent has a customer open."""
    fleeting.ask(lambda client: client.zrem(_key(customer_id), agent_id), None)


def viewers(customer_id: int) -> list[int]:
    """Return who has a customer open, oldest first; nobody when Redis is away."""
    now = clock.real().timestamp()
    nobody: Any = []
    members = fleeting.ask(lambda client: client.zrangebyscore(_key(customer_id), now, "+inf"), nobody)
    return [int(member) for member in members if isinstance(member, bytes)]


def hear(agent_ids: Collection[int]) -> None:
    """Remember that these agents have the desk open now."""
    now = clock.real().timestamp()

    def mark(client: "redis.Redis") -> None:
        pipe = client.pipeline(transaction=False)
        pipe.zadd(_here(), {str(pk): now for pk in agent_ids})
        pipe.expire(_here(), KEPT_SECONDS)
        pipe.execute()

    if agent_ids:
        fleeting.ask(mark, None)


def is_anybody_here(agent_ids: Collection[int]) -> bool | None:
    """Whether one of these agents has the desk open now; None where that is not known."""
    if not agent_ids:
        return False
    since, names = clock.real().timestamp() - HERE_SECONDS, list(map(str, agent_ids))
    scores: Any = fleeting.ask(lambda client: client.zmscore(_here(), names), None)
    return None if scores is None else any(score is not None and float(score) > since for score in scores)


def last_heard(agent_ids: Collection[int]) -> dict[int, float]:
    """Return when each of these agents had the desk open last (seconds of the epoch), if it is remembered."""
    if not agent_ids:
        return {}
    nothing: Any = [None] * len(agent_ids)
    scores = fleeting.ask(lambda client: client.zmscore(_here(), list(map(str, agent_ids))), nothing)
    return {pk: float(score) for pk, score in zip(agent_ids, scores, strict=True) if score is not None}


def _mark(key: str, agent_id: int, until: float) -> None:
    def mark(client: "redis.Redis") -> None:
        pipe = client.pipeline(transaction=False)
        pipe.zadd(key, {str(agent_id): until})
        pipe.expire(key, TTL_SECONDS)
        pipe.execute()

    fleeting.ask(mark, None)


def _key(customer_id: int) -> str:
    return f"{settings.HUB_PREFIX}:viewing:{customer_id}"


def _here() -> str:
    return f"{settings.HUB_PREFIX}:here"
