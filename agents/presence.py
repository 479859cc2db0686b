"""Who looks at which customer now. Lives in Redis and is forgotten by itself."""

from functools import cache

import redis
from django.conf import settings

from helpdesk.lib import clock

TTL_SECONDS = 50
TIMEOUT_SECONDS = 0.5


def look(customer_id: int, agent_id: int) -> None:
    """Remember for fifty seconds that an agent has a customer open."""
    _mark(_key(customer_id), agent_id, clock.real().timestamp() + TTL_SECONDS)


def leave(customer_id: int, agent_id: int) -> None:
    """Forget that an agent has a customer open."""
    try:
        _client().zrem(_key(customer_id), agent_id)
    except redis.RedisError:
        return


def viewers(customer_id: int) -> list[int]:
    """Return who has a customer open, oldest first; nobody when Redis is away."""
    now = clock.real().timestamp()
    try:
        members = _client().zrangebyscore(_key(customer_id), now, "+inf")
    except redis.RedisError:
        return []
    return [int(member) for member in members if isinstance(member, bytes)]


def _mark(key: str, agent_id: int, until: float) -> None:
    try:
        pipe = _client().pipeline(transaction=False)
        pipe.zadd(key, {str(agent_id): until})
        pipe.expire(key, TTL_SECONDS)
        pipe.execute()
    except redis.RedisError:
        return


def _key(customer_id: int) -> str:
    return f"{settings.HUB_PREFIX}:viewing:{customer_id}"


@cache
def _client() -> "redis.Redis":
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS
    )
