"""How long the database may look before the answer is that the question is too broad."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction

STATEMENT_MS = 2_000
CANCELLED = "57014"
LIMITS = """
    SELECT current_setting('statement_timeout'), current_setting('enable_seqscan'),
        set_config('statement_timeout', %s, true), set_config('enable_seqscan', %s, true)
"""


class TooSlow(Exception):
    """The database did not come to an end within its time."""


@contextmanager
def bounded() -> Iterator[None]:
    """Let no statement inside take longer than a person waits, nor walk a whole table. Raises TooSlow."""
    with stopped(), connection.cursor() as cursor:
        cursor.execute(LIMITS, [str(STATEMENT_MS), "off"])
        *before, _timeout, _seqscan = cursor.fetchone()
        yield
        cursor.execute(LIMITS, before)


@contextmanager
def stopped() -> Iterator[None]:
    """Run as a part of what is bounded, of which the rest goes on when this is too slow. Raises TooSlow."""
    try:
        with transaction.atomic():
            yield
    except OperationalError as error:
        # Anything else than the time is not ours to answer.
        if getattr(error.__cause__, "sqlstate", "") != CANCELLED:
            raise
        raise TooSlow from error
