"""The named statements of one raw event's way through `intake.process`. Everything else goes through the ORM."""

from datetime import datetime

from agents.models import Brand, Team
from channels_app.models import Channel, RawEvent
from helpdesk.lib import sql

# One attempt more, if the event is new; not worth waiting for the disk, which the setting says for this commit.
CLAIM = """
    WITH quick AS (SELECT set_config('synchronous_commit', 'off', true))
    UPDATE channels_app_rawevent e SET attempts = attempts + 1 FROM quick
    WHERE e.id = %(pk)s AND e.state = 'new' RETURNING {}
"""
CHANNEL = """
    SELECT {}, {}, {} FROM channels_app_channel c JOIN agents_brand b ON b.id = c.brand_id
    LEFT JOIN agents_team t ON t.id = c.default_team_id WHERE c.id = %(pk)s
"""
LOCK = "SELECT state, error FROM channels_app_rawevent WHERE id = %(pk)s FOR NO KEY UPDATE"
FINISH = """
    UPDATE channels_app_rawevent SET state = %(state)s, error = %(error)s, filed_at = %(filed_at)s,
        messages_count = %(messages)s, duplicates_count = %(duplicates)s
    WHERE id = %(pk)s
"""


def claim(pk: int) -> RawEvent | None:
    """Add one attempt and return the event with its channel; None when it is not new."""
    row = sql.run(CLAIM.format(sql.columns(RawEvent, "e")), {"pk": pk}).fetchone()
    event = sql.load(RawEvent, row) if row else None
    if event is not None:
        event.channel = _channel(event.channel_id)
    return event


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


def _channel(pk: int) -> Channel:
    """The channel with its brand and team, in one round trip."""
    statement = CHANNEL.format(sql.columns(Channel, "c"), sql.columns(Brand, "b"), sql.columns(Team, "t"))
    row = sql.run(statement, {"pk": pk}).fetchone()
    if row is None:
        raise Channel.DoesNotExist(pk)
    first, second = len(Channel._meta.concrete_fields), len(Brand._meta.concrete_fields)
    channel, brand = sql.load(Channel, row[:first]), sql.load(Brand, row[first : first + second])
    assert channel is not None and brand is not None
    channel.brand, channel.default_team = brand, sql.load(Team, row[first + second :])
    return channel
