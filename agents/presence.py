"""Who looks at which customer now. Lives in Redis and is forgotten by itself."""

from typing import Any

import redis
from django.conf import settings

from helpdesk.lib import clock, fleeting

TTL_SECONDS = 50


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


def _mark(key: str, agent_id: int, until: float) -> None:
    def mark(client: "redis.Redis") -> None:
        pipe = client.pipeline(transaction=False)
        pipe.zadd(key, {str(agent_id): until})
        pipe.expire(key, TTL_SECONDS)
        pipe.execute()

    fleeting.ask(mark, None)


def _key(customer_id: int) -> str:
    return f"{settings.HUB_PREFIX}:viewing:{customer_id}"
