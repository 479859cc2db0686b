"""What a message that tells something costs: one prepared statement for all of it instead of a dozen by the ORM."""

from datetime import datetime
from typing import NamedTuple, Protocol

from conversations.ingest_sql import AUDIENCE_OF, Recorded
from helpdesk.lib import sql

PATTERN = "SELECT order_pattern FROM agents_workspace WHERE id = 1"
# Takes the customer's row lock with their next number, and only where something is new. An entry that changed hands
# while we waited for the lock is updated by nobody: its row is read again then, and is no longer this customer's.
# A message of somebody who only takes part tells nothing of the customer. What is known of the entry stays as it is.
KEEP = f"""
    WITH said AS (
        SELECT e.id, e.customer_id FROM conversations_entry e
        LEFT JOIN conversations_message m ON m.entry_id = e.id LEFT JOIN customers_identity i ON i.id = m.sender_id
        WHERE e.id = %(pk)s AND (m.direction IS DISTINCT FROM 'in' OR i.customer_id = e.customer_id)
    ), fresh AS (
        SELECT n.* FROM said, unnest(%(kinds)s::text[], %(whats)s::text[], %(values)s::text[], %(dues)s::timestamptz[])
            AS n (kind, what, value, due_at)
        WHERE NOT EXISTS (SELECT FROM conversations_fact f
            WHERE f.entry_id = %(pk)s AND f.kind = n.kind AND f.what = n.what AND f.value = n.value)
    ), customer AS (
        UPDATE customers_customer c SET last_seq = c.last_seq + %(told)s::int FROM said
        WHERE c.id = said.customer_id AND EXISTS (SELECT FROM fresh) RETURNING c.id, c.last_seq
    ), entry AS (
        UPDATE conversations_entry e
        SET touched_seq = CASE WHEN %(told)s = 1 THEN customer.last_seq ELSE e.touched_seq END FROM customer
        WHERE e.id = %(pk)s AND e.customer_id = customer.id
        RETURNING e.id, e.customer_id, e.occurred_at, e.touched_seq
    ), made AS (
        INSERT INTO conversations_fact (customer_id, entry_id, kind, what, value, due_at, is_current, learnt_at)
        SELECT entry.customer_id, entry.id, kind, what, value, due_at, true, entry.occurred_at FROM entry, fresh
        ON CONFLICT DO NOTHING RETURNING 1
    )
    SELECT EXISTS (SELECT FROM customer), (SELECT count(*) FROM made), entry.customer_id, entry.touched_seq,
        {AUDIENCE_OF}
    FROM (SELECT) AS one LEFT JOIN entry ON true
"""  # noqa: S608 - constants


class Place(NamedTuple):
    """Where facts are kept. is_told: the entry is touched, so that pages hear of it."""

    entry_id: int
    conversation_id: int | None
    team_id: int | None
    is_told: bool


class Kept(NamedTuple):
    """How much was new, and what the entry's row says now: whose it is, its number, who else must hear of it."""

    made: int
    customer_id: int
    recorded: Recorded


class Row(Protocol):
    """What a fact is made of."""

    @property
    def kind(self) -> str: ...
    @property
    def what(self) -> str: ...
    @property
    def value(self) -> str: ...
    @property
    def due_at(self) -> datetime | None: ...


def order_pattern() -> str:
    """Return how the workspace says that its order numbers look."""
    row = sql.run(PATTERN, {}).fetchone()
    return str(row[0]) if row else ""


def keep(place: Place, rows: list[Row]) -> Kept | None:
    """Write down what is not yet known of an entry, and touch it where that is told; the customer's row is locked.

    None: the entry changed hands while we waited for the lock; the caller frees it and starts over.
    """
    values = {
        "pk": place.entry_id, "told": int(place.is_told),
        "kinds": [str(row.kind) for row in rows], "whats": [str(row.what) for row in rows],
        "values": [row.value for row in rows], "dues": [row.due_at for row in rows],
        "conversation_id": place.conversation_id, "team_id": place.team_id,
    }  # fmt: skip
    row = sql.run(KEEP, values).fetchone()
    assert row is not None
    is_locked, made, customer_id, touched_seq, followers, is_private = row
    if is_locked and customer_id is None:
        return None
    return Kept(made, customer_id or 0, Recorded(place.entry_id, touched_seq or 0, followers, is_private))
