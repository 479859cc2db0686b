"""Requests that are sent again under one key: done once, and answered alike for a day.

The key is written in the transaction of what the request does. So both are there or neither, wherever a process is
killed, and of two that come at once the second waits for the first at the unique index.
"""

import hashlib
import json
from datetime import timedelta
from typing import Any

from django.db import OperationalError, transaction
from psycopg.errors import LockNotAvailable

from agents.models import ApiToken, IdempotencyKey
from helpdesk.lib import clock

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
KEY_MAX = 255
KEPT = timedelta(hours=24)
BATCH = 1_000


class InProgress(Exception):
    """The first request with this key is still at work after DATABASE_LOCK_SECONDS."""


class OtherRequest(Exception):
    """The key belongs to a request that said something else."""


def claim(token: ApiToken, key: str, digest: str) -> IdempotencyKey:
    """Return the row of a key: with a status when it was answered before, without one when it is ours to answer.

    Inside a transaction. Waits for a first request that is at work. Raises InProgress, OtherRequest.
    """
    rows = IdempotencyKey.objects.filter(token=token, key=key)
    rows.filter(made_at__lte=clock.real() - KEPT).delete()
    try:
        with transaction.atomic():
            new = IdempotencyKey(token=token, key=key, digest=digest)
            IdempotencyKey.objects.bulk_create([new], ignore_conflicts=True)
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            raise InProgress(key) from error
        raise
    row = rows.get()
    if row.digest != digest:
        raise OtherRequest(key)
    return row


def keep(row: IdempotencyKey, status: int, body: Any, headers: dict[str, str]) -> None:
    """Write down what was answered, before the transaction ends."""
    row.status, row.body, row.headers = status, body, headers
    row.save(update_fields=["status", "body", "headers"])


def digest_of(*said: Any) -> str:
    """Return the SHA-256 of what a request says: method, address and body, whatever the order of its fields."""
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def sweep() -> int:
    """Forget keys older than a day, some at a time; return how many."""
    old = IdempotencyKey.objects.filter(made_at__lte=clock.real() - KEPT)
    pks = list(old.order_by("made_at").values_list("pk", flat=True)[:BATCH])
    return IdempotencyKey.objects.filter(pk__in=pks).delete()[0] if pks else 0
