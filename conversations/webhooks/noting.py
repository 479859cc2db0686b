"""After each entry: one row for each webhook that is to be told. The key is (webhook, entry), so it is noted once."""

from collections.abc import Iterable

from conversations import after
from conversations.models.entry import Entry
from conversations.webhooks.kinds import event_of, group_of
from helpdesk.lib import clock, sql
from helpdesk.lib.queue import ring

SEND = "conversations.send_webhook"
# Those of one customer stand in one lane, and a lane has one sender at a time. Tests have a lane of their own.
LANES = 4
TEST_LANE = LANES
# One statement whatever the number of webhooks. What a webhook may not see makes no row, so the log does not tell of it
# either; whether it still may is asked again when it is sent.
NOTE = f"""
    INSERT INTO conversations_webhookdelivery
        (webhook_id, entry_id, event_id, event, lane, state, attempts, queued_at, next_try_at,
         body_sha256, error_code, answer)
    SELECT w.id, %(entry)s, gen_random_uuid(), %(event)s, %(customer)s %% {LANES}, 'queued', 0, %(at)s, %(at)s,
        '', '', ''
    FROM conversations_webhook w
    WHERE w.is_on AND w.groups ? %(group)s AND NOT EXISTS (
        SELECT FROM agents_team t WHERE t.id = %(team)s AND t.is_private AND NOT EXISTS (
            SELECT FROM conversations_webhook_teams s WHERE s.webhook_id = w.id AND s.team_id = t.id))
    ON CONFLICT DO NOTHING RETURNING webhook_id, lane
"""  # noqa: S608 - constants


@after.alone
def after_entry(entry: Entry) -> None:
    """Note an entry for every webhook that is told of its kind. Running it twice, or twice at once, notes it once."""
    if getattr(entry, "is_hooked", True):
        wake(_note(entry))


def wake(lanes: Iterable[tuple[int, int]]) -> None:
    """Ring for lanes of webhooks, after commit."""
    for webhook, lane in lanes:
        ring(SEND, webhook, lane)


def _note(entry: Entry) -> list[tuple[int, int]]:
    team = entry.conversation.team_id if entry.conversation is not None else None
    values = {
        "entry": entry.pk, "customer": entry.customer_id, "event": event_of(entry), "group": group_of(entry).value,
        "team": team, "at": clock.real(),
    }  # fmt: skip
    return sql.run(NOTE, values).fetchall()
