"""The named statements of one raw event's way through `intake.process`. Everything else goes through the ORM."""

from datetime import datetime
from functools import cache

from psycopg.types.json import Jsonb

from agents.models import Brand, Team
from channels_app.models import Channel, RawEvent
from helpdesk.lib import sql

# Whose address a provider called; for a while its former address counts too.
CALLED = """
    SELECT {} FROM channels_app_channel c WHERE c.kind = %(kind)s
    AND (c.public_key = %(key)s OR (c.former_key = %(key)s AND c.former_key_until > %(now)s))
    ORDER BY c.public_key = %(key)s DESC LIMIT 1
"""
# The event, unless its key is there: then one copy more of that one, which comes back. A row that was only inserted has
# no xmax; what it holds is known and stays there.
KEEP = """
    INSERT INTO channels_app_rawevent AS e (channel_id, dedupe_key, headers, body, body_sha256, body_bytes, received_at,
        copies_count, messages_count, duplicates_count, state, attempts, error)
    VALUES (%(channel_id)s, %(dedupe_key)s, %(headers)s, %(body)s, %(body_sha256)s, %(body_bytes)s, %(received_at)s,
        0, 0, 0, 'new', 0, '')
    ON CONFLICT (channel_id, dedupe_key) DO UPDATE SET copies_count = e.copies_count + 1
    RETURNING e.xmax <> 0, {}
"""
KEPT = ("channel_id", "dedupe_key", "body", "body_sha256", "body_bytes", "received_at")
# One attempt more, if the event is new; not worth waiting for the disk, which the setting says for this commit.
CLAIM = """
    WITH quick AS (SELECT set_config('synchronous_commit', 'off', true)),
    e AS (UPDATE channels_app_rawevent SET attempts = attempts + 1 FROM quick
        WHERE id = %(pk)s AND state = 'new' RETURNING channels_app_rawevent.*)
    SELECT {}, {}, {}, {} FROM e JOIN channels_app_channel c ON c.id = e.channel_id
    JOIN agents_brand b ON b.id = c.brand_id LEFT JOIN agents_team t ON t.id = c.default_team_id
"""
CLAIMED = ((RawEvent, "e"), (Channel, "c"), (Brand, "b"), (Team, "t"))
LOCK = "SELECT state, error FROM channels_app_rawevent WHERE id = %(pk)s FOR NO KEY UPDATE"
FINISH = """
    UPDATE channels_app_rawevent SET state = %(state)s, error = %(error)s, filed_at = %(filed_at)s,
        messages_count = %(messages)s, duplicates_count = %(duplicates)s
    WHERE id = %(pk)s
"""


def called(kind: str, key: str, *, now: datetime) -> Channel | None:
    """Return the channel of an address on the web, None where there is none."""
    row = sql.run(CALLED.format(sql.columns(Channel, "c")), {"kind": kind, "key": key, "now": now}).fetchone()
    return sql.load(Channel, row) if row is not None else None


def keep(event: RawEvent) -> RawEvent:
    """Write a new event and return it; or one copy more of the one that has its key, and return that one."""
    values = {name: getattr(event, name) for name in KEPT} | {"headers": Jsonb(event.headers)}
    row = sql.run(_keep_text(), values).fetchone()
    assert row is not None
    was_there, *columns = row
    if was_there:
        first: RawEvent | None = sql.load(RawEvent, tuple(columns))
        assert first is not None
        return first
    event.pk, event._state.adding, event._state.db = columns[0], False, "default"
    return event


def claim(pk: int) -> RawEvent | None:
    """Add one attempt and return the event with its channel, brand and team; None when it is not new."""
    row = sql.run(CLAIM.format(*(sql.columns(model, alias) for model, alias in CLAIMED)), {"pk": pk}).fetchone()
    if row is None:
        return None
    event, channel, brand, team = sql.load_all([model for model, _alias in CLAIMED], row)
    channel.brand, channel.default_team, event.channel = brand, team, channel
    found: RawEvent = event
    return found


def lock(pk: int) -> tuple[str, str]:
    """Lock an event; return its state and the last error."""
    row = sql.run(LOCK, {"pk": pk}).fetchone()
    if row is None:
        raise RawEvent.DoesNotExist(pk)
    return row[0], row[1]


def finish(event: RawEvent, *, at: datetime | None) -> None:
    """Write what became of a locked event."""
    event.filed_at = at
    values = {"pk": event.pk, "state": str(event.state), "error": event.error, "filed_at": at}
    counts = {"messages": event.messages_count, "duplicates": event.duplicates_count}
    sql.run(FINISH, {**values, **counts})


@cache
def _keep_text() -> str:
    columns = sql.columns(RawEvent, "e")
    for large in ('e."headers"', 'e."body"'):
        columns = columns.replace(f"{large},", f"CASE WHEN e.xmax <> 0 THEN {large} END,")
    return KEEP.format(columns)
