"""A foreign key without an index of its own is found by a longer one that begins with it."""

import pytest
from django.db import connection, models

from channels_app.models import RawEvent
from conversations.models import Conversation, Entry, Message, Thread

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("model", "field"),
    [
        (Entry, "customer"), (Entry, "conversation"), (Message, "customer"), (Message, "channel"),
        (Conversation, "customer"), (Thread, "channel"), (RawEvent, "channel"),
    ],
)  # fmt: skip
def test_what_belongs_to_a_row_is_found_by_an_index_that_begins_with_it(model: type[models.Model], field: str) -> None:
    column = f"{field}_id"
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        # What the database itself asks before a row is deleted.
        cursor.execute(f"EXPLAIN SELECT 1 FROM {model._meta.db_table} WHERE {column} = 1 FOR KEY SHARE")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert f"Index Cond: ({column} = 1)" in plan
    assert "Seq Scan" not in plan


# Full, not unique indexes of tables that a message writes to whose columns are the first ones of another full index.
REPEATED = """
    SELECT DISTINCT short.indexrelid::regclass::text
    FROM pg_index short JOIN pg_index long USING (indrelid)
    WHERE short.indexrelid <> long.indexrelid AND NOT short.indisunique AND short.indpred IS NULL
        AND long.indpred IS NULL AND long.indkey::text LIKE short.indkey::text || ' %'
        AND short.indoption::text = left(long.indoption::text, length(short.indoption::text))
        AND indrelid::regclass::text ~ '^(conversations_(entry|message|thread|conversation)|channels_app_rawevent)$'
"""


def repeated() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(REPEATED)
        return [row[0] for row in cursor.fetchall()]


def test_no_index_repeats_what_a_longer_one_begins_with() -> None:
    assert repeated() == []
    with connection.cursor() as cursor:
        cursor.execute("CREATE INDEX one_too_many ON conversations_entry (customer_id)")
    assert repeated() == ["one_too_many"]
