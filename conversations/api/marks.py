"""ETags: what a caller has seen. Each is strong and of the whole of what is told of a thing, byte for byte.

`If-None-Match` saves reading it again; `If-Match` refuses a change of what the caller has not seen.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from rest_framework.request import Request
from rest_framework.utils.encoders import JSONEncoder

from conversations.api.problems import Stale


def mark(told: Any) -> str:
    """Return the ETag of what is told of a thing."""
    text = json.dumps(told, sort_keys=True, cls=JSONEncoder)
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


def is_among(tag: str, wanted: str | None, *, is_weak: bool = False) -> bool:
    """Whether a header names this ETag, or anything. is_weak: `W/` is looked past (RFC 9110, 8.8.3.2)."""
    if wanted is None:
        return False
    if wanted.strip() == "*":
        return True
    named = [one.strip() for one in wanted.split(",")]
    return tag in ([one.removeprefix("W/") for one in named] if is_weak else named)


@contextmanager
def as_seen(request: Request, lock: Callable[[], Any], told: Callable[[], Any]) -> Iterator[None]:
    """Do what follows only while the thing is as the caller has seen it (If-Match), under its lock. Raises Stale."""
    wanted = request.headers.get("If-Match")
    if wanted is None or wanted.strip() == "*":
        yield
        return
    with transaction.atomic():
        lock()
        try:
            is_so = is_among(mark(told()), wanted)
        except ObjectDoesNotExist as error:
            raise Stale from error
        if not is_so:
            raise Stale
        yield
