"""The books: what came in through every channel on every day, and where all of it went."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction

# Pointers on other people's timelines name the event too; only messages are counted.
BOOKS = """
select channel_id, (received_at at time zone 'UTC')::date as day,
       sum(1 + copies_count) as received,
       count(*) filter (where state = 'filed') as filed,
       sum(copies_count) + count(*) filter (where state = 'duplicate') as duplicate,
       count(*) filter (where state = 'ignored') as ignored,
       count(*) filter (where state = 'quarantined') as quarantined,
       count(*) filter (where state = 'new') as waiting,
       coalesce(sum(messages_count) filter (where state = 'filed'), 0) as messages,
       coalesce(sum(duplicates_count) filter (where state = 'filed'), 0) as repeated,
       coalesce(sum(entries.named) filter (where state = 'filed'), 0) as entries
  from channels_app_rawevent event
  left join lateral (
        select count(*) as named from conversations_entry
         where raw_id = event.id and kind = 'message') entries on true
 group by channel_id, day
 order by channel_id, day
"""


@dataclass(frozen=True, slots=True)
class Line:
    """One channel on one day (UTC)."""

    channel_id: int
    day: date
    received: int
    filed: int
    duplicate: int
    ignored: int
    quarantined: int
    waiting: int
    messages: int
    repeated: int
    entries: int

    @property
    def missing_events(self) -> int:
        """How many deliveries are in no state; 0 when the books balance."""
        return self.received - self.filed - self.duplicate - self.ignored - self.quarantined - self.waiting

    @property
    def missing_entries(self) -> int:
        """How many messages have no entry; 0 when the books balance."""
        return self.messages - self.repeated - self.entries

    @property
    def balances(self) -> bool:
        return self.missing_events == self.missing_entries == 0


def lines() -> Iterable[Line]:
    """Return the books, oldest day first within a channel."""
    with transaction.atomic(), connection.cursor() as cursor:
        # A report over everything may take longer than a page is allowed to.
        cursor.execute("SET LOCAL statement_timeout TO '10min'")
        cursor.execute(BOOKS)
        rows = cursor.fetchall()
    return [Line(row[0], row[1], *(int(number) for number in row[2:])) for row in rows]
