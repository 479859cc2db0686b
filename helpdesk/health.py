"""What `/healthz` says: whether the desk works, in numbers and without a name.

Every question has a deadline, so that a broken part is an answer and not a hanging request.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import psycopg
import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from helpdesk import heartbeat
from helpdesk.lib import clock

WORKERS = ("worker", "sender", "hooks")
DATABASE_SECONDS = 1
WORKER_LIMIT_SECONDS = 30
RAW_EVENT_LIMIT_SECONDS = 120
DELIVERY_LIMIT_SECONDS = 300

# A connection of its own: when the pool is used up, that is no reason to say nothing. Deliveries of a channel that is
# down wait on purpose, and so do all of a desk restored from a backup.
OLDEST = """
select (select min(received_at) from channels_app_rawevent where state = 'new'),
       (select min(d.next_try_at) from conversations_delivery d join channels_app_channel c on c.id = d.channel_id
         where d.state in ('queued', 'retry') and d.next_try_at < %s and c.state = 'active'
           and not exists (select 1 from agents_workspace where held_since is not null))
"""


@dataclass
class Findings:
    """What was found; a number is None when it could not be asked for."""

    database: bool = False
    redis: bool = False
    worker_seconds: float | None = None
    oldest_raw_event_seconds: float | None = None
    oldest_delivery_seconds: float | None = None
    reasons: list[str] = field(default_factory=list)


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 200 when all is well, else 503 with the reasons."""
    found = Findings()
    _ask_database(found)
    _ask_redis(found)
    _judge(found)
    facts = {"ok": not found.reasons, "version": settings.VERSION} | vars(found)
    return JsonResponse(facts, status=503 if found.reasons else 200)


def _ask_database(found: Findings) -> None:
    now = clock.real()
    try:
        with psycopg.connect(**_parameters()) as link:
            raw, delivery = link.execute(OLDEST, [now]).fetchone() or (None, None)
    except psycopg.Error as error:
        found.reasons.append(f"database: {_kind(error)}")
        return
    found.database = True
    found.oldest_raw_event_seconds = _age(raw, now)
    found.oldest_delivery_seconds = _age(delivery, now)


def _parameters() -> dict[str, Any]:
    given = connection.settings_dict
    names = {"dbname": "NAME", "host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD"}
    parameters: dict[str, Any] = {name: given[place] for name, place in names.items() if given[place]}
    options = {name: value for name, value in given["OPTIONS"].items() if name != "pool"}
    limit = f"-c statement_timeout={DATABASE_SECONDS}s"
    return parameters | options | {"connect_timeout": DATABASE_SECONDS, "options": limit, "autocommit": True}


def _ask_redis(found: Findings) -> None:
    now = clock.real().timestamp()
    try:
        with heartbeat.connect() as link:
            beats = link.mget([heartbeat.key(name) for name in WORKERS])
    except redis.RedisError as error:
        found.reasons.append(f"redis: {_kind(error)}")
        return
    found.redis = True
    if all(beat is not None for beat in beats):
        found.worker_seconds = round(max(now - float(beat) for beat in beats), 1)
    for name, beat in zip(WORKERS, beats, strict=True):
        if beat is None:
            found.reasons.append(f"{name}: has not reported")
        elif now - float(beat) > WORKER_LIMIT_SECONDS:
            found.reasons.append(f"{name}: last reported {now - float(beat):.0f} s ago")


def _judge(found: Findings) -> None:
    limits = [
        ("intake", found.oldest_raw_event_seconds, RAW_EVENT_LIMIT_SECONDS, "oldest unread event"),
        ("sending", found.oldest_delivery_seconds, DELIVERY_LIMIT_SECONDS, "oldest unsent reply"),
    ]
    for part, seconds, limit, what in limits:
        if seconds is not None and seconds > limit:
            found.reasons.append(f"{part}: {what} {seconds:.0f} s ago")


def _age(at: datetime | None, now: datetime) -> float:
    return 0.0 if at is None else round(max((now - at).total_seconds(), 0.0), 1)


def _kind(error: Exception) -> str:
    # The error's text may hold hosts and names; its class says enough.
    return type(error).__name__
