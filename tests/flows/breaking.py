"""Letting a process die at a fail point without a process, and starting over with an empty desk."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from helpdesk.lib.failpoints import Broken

APPS = ("customers_", "channels_app_", "conversations_", "agents_agent", "agents_team", "agents_membership")


@contextmanager
def breaking_at(place: str) -> Iterator[None]:
    """Let the process die at a fail point; in here that is an exception that nobody catches."""
    os.environ |= {"TESTING_FAILPOINTS": "1", "FAILPOINTS": f"{place}=raise"}
    try:
        yield
    except Broken:
        # What the dead process had still to ring for is gone with it.
        connection.__dict__.pop("entries_to_ring", None)
    finally:
        del os.environ["TESTING_FAILPOINTS"], os.environ["FAILPOINTS"]


def empty_the_desk() -> None:
    """Delete what the life before left; keys are checked at the end, so the order is of no matter."""
    tables = [name for name in connection.introspection.table_names() if name.startswith(APPS)]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("; ".join(["SET CONSTRAINTS ALL DEFERRED", *(f'DELETE FROM "{name}"' for name in tables)]))
