"""What is asked after each message that tells something: three prepared statements instead of a dozen by the ORM."""

from datetime import datetime
from typing import Protocol

from helpdesk.lib import sql

PATTERN = "SELECT order_pattern FROM agents_workspace WHERE id = 1"
LOCK = """SELECT id FROM customers_customer
    WHERE id = (SELECT customer_id FROM conversations_entry WHERE id = %(pk)s) FOR NO KEY UPDATE"""
# A message of somebody who only takes part tells nothing of the customer. What is known of the entry stays as it is.
KEEP = """
    WITH entry AS (
        SELECT e.id, e.customer_id, e.occurred_at FROM conversations_entry e
        LEFT JOIN conversations_message m ON m.entry_id = e.id LEFT JOIN customers_identity i ON i.id = m.sender_id
        WHERE e.id = %(pk)s AND e.customer_id = %(customer)s
            AND (m.direction IS DISTINCT FROM 'in' OR i.customer_id = e.customer_id)
    ), made AS (
        INSERT INTO conversations_fact (customer_id, entry_id, kind, what, value, due_at, is_current, learnt_at)
        SELECT entry.customer_id, entry.id, n.kind, n.what, n.value, n.due_at, true, entry.occurred_at FROM entry,
            unnest(%(kinds)s::text[], %(whats)s::text[], %(values)s::text[], %(dues)s::timestamptz[])
            AS n (kind, what, value, due_at)
        ON CONFLICT DO NOTHING RETURNING 1
    )
    SELECT (SELECT count(*) FROM made),
        EXISTS (SELECT FROM conversations_entry e WHERE e.id = %(pk)s AND e.customer_id = %(customer)s)
"""


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


def keep(pk: int, rows: list[Row]) -> int | None:
    """Lock whose entry this is and write down what is not yet known of it; return how much was new.

    None: the entry changed hands while we waited for the lock; the caller frees it and starts over.
    """
    customer = sql.run(LOCK, {"pk": pk}).fetchone()
    values = {
        "pk": pk, "customer": customer[0] if customer else None, "kinds": [str(row.kind) for row in rows],
        "whats": [str(row.what) for row in rows], "values": [row.value for row in rows],
        "dues": [row.due_at for row in rows],
    }  # fmt: skip
    # A statement of its own: it sees what whoever held the lock before has done.
    made = sql.run(KEEP, values).fetchone()
    return int(made[0]) if made and made[1] else None
