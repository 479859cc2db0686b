"""The named statements of a sighting: every answer that a browser shows is noted at once."""

# ruff: noqa: S608 - put together from constants of this file; values go beside the text

from collections.abc import Sequence

from conversations import visiting_sql
from conversations.models import Conversation, Delivery, DeliveryPart, Entry, Message
from customers.models import Identity
from helpdesk.lib import sql

# Our answers up to one that these identities may read, which went through a widget and have not got so far.
UNNOTED = f"""
    SELECT e.id, e.customer_id {visiting_sql.FROM} JOIN channels_app_channel h ON h.id = m.channel_id
    WHERE {visiting_sql.READABLE} AND m.direction = 'out' AND h.kind = 'webchat'
    AND EXISTS (SELECT FROM conversations_delivery d WHERE d.message_id = m.entry_id AND d.state = ANY(%(below)s))
    AND e.occurred_at <= (SELECT e.occurred_at {visiting_sql.FROM} WHERE {visiting_sql.READABLE} AND e.id = %(upto)s)
    ORDER BY e.occurred_at, e.id LIMIT %(most)s
"""
LOADED = ((Delivery, "d"), (Message, "m"), (Entry, "e"), (Conversation, "v"))
DELIVERIES = """
    SELECT {} FROM conversations_delivery d JOIN conversations_message m ON m.entry_id = d.message_id
    JOIN conversations_entry e ON e.id = m.entry_id LEFT JOIN conversations_conversation v ON v.id = e.conversation_id
    WHERE d.message_id = ANY(%(messages)s::bigint[]) ORDER BY e.id, d.id FOR NO KEY UPDATE OF d
"""
PARTS = """
    SELECT {} FROM conversations_deliverypart p WHERE p.delivery_id = ANY(%(deliveries)s::bigint[]) ORDER BY p.position
"""
# Parts that have got so far, and what their delivery shows now.
MOVED = """
    WITH part AS (UPDATE conversations_deliverypart SET state = %(so_far)s, error_code = '', error = ''
        WHERE id = ANY(%(parts)s::bigint[]))
    UPDATE conversations_delivery SET state = %(state)s, error_code = %(error_code)s, error = %(error)s
    WHERE id = %(pk)s
"""


def unnoted(identities: Sequence[Identity], upto: int, below: Sequence[str], most: int) -> list[tuple[int, int]]:
    """Return which of our answers, and whose (the customer), are not known to have got so far."""
    values = {"identities": [identity.pk for identity in identities], "upto": upto, "below": list(below), "most": most}
    return [(entry, customer) for entry, customer in sql.run(UNNOTED, values).fetchall()]


def deliveries(messages: Sequence[int]) -> list[tuple[Delivery, list[DeliveryPart]]]:
    """Lock and return what carried these messages, each with its parts. The customer is locked."""
    text = DELIVERIES.format(", ".join(sql.columns(model, alias) for model, alias in LOADED))
    found: dict[int, tuple[Delivery, list[DeliveryPart]]] = {}
    for row in sql.run(text, {"messages": list(messages)}).fetchall():
        delivery, delivery.message, entry, entry.conversation = sql.load_all([model for model, _alias in LOADED], row)
        delivery.message.entry = entry
        found[delivery.pk] = (delivery, [])
    for row in sql.run(PARTS.format(sql.columns(DeliveryPart, "p")), {"deliveries": list(found)}).fetchall():
        part = sql.load(DeliveryPart, row)
        assert part is not None
        found[part.delivery_id][1].append(part)
    return list(found.values())


def save(delivery: Delivery, moved: Sequence[DeliveryPart], so_far: str) -> None:
    """Write down how far these parts have got, and what their delivery shows."""
    shown = {"state": str(delivery.state), "error_code": delivery.error_code, "error": delivery.error}
    sql.run(MOVED, {"pk": delivery.pk, "parts": [part.pk for part in moved], "so_far": str(so_far), **shown})
