"""A worker says every two seconds that it lives: a Redis key that /healthz reads.

The same step ends a worker that can take no more tasks, so that whoever supervises it starts it afresh.
"""

import logging
from typing import Any

import redis
from celery.bootsteps import StartStopStep
from celery.platforms import EX_FAILURE
from celery.worker import state
from django.conf import settings

from helpdesk.lib import clock

log = logging.getLogger(__name__)

EVERY_SECONDS = 2.0
STUCK_BEATS = 2
KEPT_SECONDS = 3600
LINK_SECONDS = 0.15


class Heartbeat(StartStopStep):
    """Celery's own timer calls `_beat` in the worker's main process; the node's name says which worker it is."""

    requires = ("celery.worker.components:Timer",)

    def __init__(self, parent: Any, **kwargs: Any) -> None:
        super().__init__(parent, **kwargs)
        self.timer_entry: Any = None
        self.stuck_beats = 0

    def start(self, parent: Any) -> None:
        """Beat at once and then again and again."""
        name = parent.hostname.partition("@")[0]
        link = connect()
        _beat(link, name)
        self.timer_entry = parent.timer.call_repeatedly(EVERY_SECONDS, self._tick, (parent, link, name))

    def stop(self, parent: Any) -> None:
        """Leave the last beat standing: its age says how long the worker has been gone."""
        if self.timer_entry:
            self.timer_entry.cancel()

    def _tick(self, parent: Any, link: "redis.Redis", name: str) -> None:
        _beat(link, name)
        self.stuck_beats = self.stuck_beats + 1 if is_stuck(parent) else 0
        if self.stuck_beats >= STUCK_BEATS:
            log.error("The worker takes no more tasks; it ends to be started afresh")
            state.should_stop = EX_FAILURE


def is_stuck(worker: Any) -> bool:
    """Whether the worker has nothing to do and may take nothing either.

    An acknowledgement that Redis did not hear counts against the prefetch for ever (kombu 5.7: QoS.ack raises
    before it forgets the tag), and nothing else notices, because such a worker no longer listens.
    """
    consumer = getattr(getattr(worker, "consumer", None), "task_consumer", None)
    if consumer is None or consumer.channel is None or state.reserved_requests:
        return False
    return not consumer.channel.qos.can_consume()


def connect() -> "redis.Redis":
    """Return a client that would rather fail than make anybody wait."""
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=LINK_SECONDS, socket_connect_timeout=LINK_SECONDS, retry=None
    )


def key(name: str) -> str:
    """Return the Redis key of one worker's last beat, seconds since 1970."""
    return f"{settings.HUB_PREFIX}:worker:{name}"


def _beat(link: "redis.Redis", name: str) -> None:
    try:
        link.set(key(name), clock.real().timestamp(), ex=KEPT_SECONDS)
    except redis.RedisError:
        log.warning("The heartbeat could not be written")
