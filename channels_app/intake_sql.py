"""The named statements of one raw event's way through `intake.process`. Everything else goes through the ORM."""

from datetime import datetime

from agents.models import Brand, Team
from channels_app.models import Channel, RawEvent
from helpdesk.lib import sql

# Whose address a provider called; for a while its former address counts too.
CALLED = """
    SELECT {} FROM channels_app_channel c WHERE c.kind = %(kind)s
    AND (c.public_key = %(key)s OR (c.former_key = %(key)s AND c.former_key_until > %(now)s))
    ORDER BY c.public_key = %(key)s DESC LIMIT 1
"""
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
