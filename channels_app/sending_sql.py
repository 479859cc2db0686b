"""The named statements of one delivery's way through `delivery.deliver`. Everything else goes through the ORM."""

from datetime import datetime

from agents.models import Agent
from channels_app.models import Channel
from conversations.models import Conversation, Delivery, DeliveryPart, Entry, Message, Thread
from customers.models import Customer, Identity
from helpdesk.lib import clock, sql

LOADED = ((Delivery, "d"), (Channel, "ch"), (Message, "m"), (Thread, "t"), (Identity, "i"), (Entry, "e"),
          (Agent, "a"), (Customer, "c"), (Conversation, "v"))  # fmt: skip
LOAD = """
    SELECT {columns}, {more} FROM conversations_delivery d
    JOIN channels_app_channel ch ON ch.id = d.channel_id JOIN conversations_message m ON m.entry_id = d.message_id
    JOIN conversations_thread t ON t.id = m.thread_id JOIN customers_identity i ON i.id = t.identity_id
    JOIN conversations_entry e ON e.id = m.entry_id JOIN customers_customer c ON c.id = m.customer_id
    LEFT JOIN agents_agent a ON a.id = e.by_id LEFT JOIN conversations_conversation v ON v.id = e.conversation_id
    WHERE d.id = %(pk)s
"""
# Answers of one conversation through one channel stand in a line; of a thread where there is no conversation. What is
# to leave later stands in none. Two questions, so that each may use its index.
_LINE = """
    SELECT 1 FROM conversations_entry oe JOIN conversations_message om ON om.entry_id = oe.id
    JOIN conversations_delivery o ON o.message_id = om.entry_id
    WHERE o.channel_id = d.channel_id AND o.id < d.id AND o.state IN ('queued', 'retry', 'sending')
    AND (o.send_at IS NULL OR o.send_at <= %(shown)s)
"""
IS_ITS_TURN = f"""
    NOT (e.conversation_id IS NOT NULL AND EXISTS ({_LINE} AND oe.conversation_id = e.conversation_id))
    AND NOT (e.conversation_id IS NULL AND EXISTS ({_LINE} AND om.thread_id = m.thread_id))
"""
TURN = f"""
    SELECT {IS_ITS_TURN} FROM conversations_delivery d JOIN conversations_message m ON m.entry_id = d.message_id
    JOIN conversations_entry e ON e.id = m.entry_id WHERE d.id = %(pk)s
"""  # noqa: S608 - constants
# The next in line behind one, by the conversation or by the thread. No ORDER BY with LIMIT: it would tempt PostgreSQL
# to read all deliveries since.
_BEHIND = """
    SELECT min(o.id) FROM conversations_entry oe JOIN conversations_message om ON om.entry_id = oe.id
    JOIN conversations_delivery o ON o.message_id = om.entry_id
    WHERE o.channel_id = %(channel)s AND o.id > %(pk)s AND o.state IN ('queued', 'retry')
"""
BEHIND = f"{_BEHIND} AND oe.conversation_id = %(conversation)s"
BEHIND_IN_THREAD = f"{_BEHIND} AND om.thread_id = %(thread)s"
# The row of the customer whose message a delivery carries.
LOCK_CUSTOMER = """
    SELECT id FROM customers_customer WHERE id = (
        SELECT m.customer_id FROM conversations_delivery d JOIN conversations_message m ON m.entry_id = d.message_id
        WHERE d.id = %(pk)s
    ) FOR NO KEY UPDATE
"""
PARTS = """
    SELECT {}, {} FROM conversations_deliverypart p LEFT JOIN customers_identity i ON i.id = p.identity_id
    WHERE p.delivery_id = %(pk)s ORDER BY p.position
"""
# The compare-and-set, with its parts: what `claiming.ready` says, as it is at this moment.
CLAIM = """
    WITH claimed AS (
        UPDATE conversations_delivery d SET attempts = d.attempts + 1, state = 'sending', claimed_at = %(real)s
        FROM channels_app_channel ch
        WHERE d.id = %(pk)s AND d.state IN ('queued', 'retry') AND ch.id = d.channel_id AND ch.state = 'active'
        AND (d.next_try_at <= %(real)s OR (d.send_at <= %(shown)s AND d.send_at = d.next_try_at))
        AND NOT EXISTS (SELECT 1 FROM agents_workspace WHERE held_since IS NOT NULL)
        RETURNING d.id, d.attempts
    ), parts AS (
        UPDATE conversations_deliverypart p SET state = 'sending' FROM claimed
        WHERE p.delivery_id = claimed.id AND p.id = ANY(%(parts)s)
    )
    SELECT attempts FROM claimed
"""
# Whether a part, and whether a message of the channel has a provider's name already.
NAMED = """
    SELECT EXISTS (SELECT 1 FROM conversations_deliverypart WHERE channel_id = %(channel)s AND external_id = %(name)s),
        EXISTS (SELECT 1 FROM conversations_message WHERE channel_id = %(channel)s AND external_id = %(name)s)
"""
TAKEN = """
    WITH message AS (
        UPDATE conversations_message SET external_id = %(name)s
        WHERE entry_id = %(message)s AND external_id IS DISTINCT FROM %(name)s
    )
    UPDATE conversations_deliverypart SET external_id = %(part_name)s, state = %(state)s, error_code = %(error_code)s,
        error = %(error)s
    WHERE id = %(pk)s
"""
FINISHED = """
    WITH thread AS (UPDATE conversations_thread SET last_out_at = %(last_out_at)s WHERE id = %(thread)s)
    UPDATE conversations_delivery SET sent_at = %(sent_at)s, state = %(state)s, error_code = %(error_code)s,
        error = %(error)s
    WHERE id = %(pk)s
"""


def load(pk: int) -> Delivery:
    """Return a delivery with all that sending it needs. Raises Delivery.DoesNotExist."""
    return _load(pk, "true", {})[0]


def load_in_line(pk: int) -> tuple[Delivery, bool]:
    """Return it and whether no earlier answer of the conversation is still on its way through its channel."""
    return _load(pk, IS_ITS_TURN, {"shown": clock.now()})


def is_its_turn(pk: int) -> bool:
    """Whether no earlier answer of the conversation is still on its way through its channel."""
    row = sql.run(TURN, {"pk": pk, "shown": clock.now()}).fetchone()
    return row is not None and bool(row[0])


def lock_customer(pk: int) -> int:
    """Lock the row of the customer whom a delivery goes to, as far as one can know before, and return who it is."""
    row = sql.run(LOCK_CUSTOMER, {"pk": pk}).fetchone()
    if row is None:
        raise Delivery.DoesNotExist(pk)
    return int(row[0])


def parts_of(delivery: Delivery) -> list[DeliveryPart]:
    """Return its parts in order, each with whom it goes to."""
    text = PARTS.format(sql.columns(DeliveryPart, "p"), sql.columns(Identity, "i"))
    parts = []
    for row in sql.run(text, {"pk": delivery.pk}).fetchall():
        part, part.identity = sql.load_all([DeliveryPart, Identity], row)
        part.delivery = delivery
        parts.append(part)
    return parts


def claim(delivery: Delivery, parts: list[DeliveryPart]) -> bool:
    """Move it and these parts to sending, if it is due and its channel works; return whether it was."""
    real = clock.real()
    values = {"pk": delivery.pk, "real": real, "shown": clock.now(), "parts": [part.pk for part in parts]}
    row = sql.run(CLAIM, values).fetchone()
    if row is None:
        return False
    delivery.state, delivery.claimed_at, delivery.attempts = Delivery.State.SENDING, real, row[0]
    for part in parts:
        part.state = Delivery.State.SENDING
    return True


def named(channel_id: int, name: str) -> tuple[bool, bool]:
    """Return whether a part, and whether a message of the channel is called so."""
    row = sql.run(NAMED, {"channel": channel_id, "name": name}).fetchone()
    assert row is not None
    return row[0], row[1]


def save_taken(part: DeliveryPart, message: Message) -> None:
    """Write down a part that was taken, and the name that its message has now."""
    values = {"pk": part.pk, "part_name": part.external_id, "state": str(part.state), "error_code": part.error_code}
    sql.run(TAKEN, {**values, "error": part.error, "message": message.pk, "name": message.external_id})


def save_finished(delivery: Delivery) -> None:
    """Write down what became of it, and when somebody was written to in its thread."""
    thread = delivery.message.thread
    shown = {"state": str(delivery.state), "error_code": delivery.error_code, "error": delivery.error}
    times: dict[str, datetime | None] = {"last_out_at": thread.last_out_at, "sent_at": delivery.sent_at}
    sql.run(FINISHED, {"pk": delivery.pk, "thread": thread.pk, **shown, **times})


def behind(delivery: Delivery) -> int | None:
    """Return the next in line behind it."""
    values = {"channel": delivery.channel_id, "pk": delivery.pk}
    conversation = delivery.message.entry.conversation_id
    if conversation is None:
        row = sql.run(BEHIND_IN_THREAD, {**values, "thread": delivery.message.thread_id}).fetchone()
    else:
        row = sql.run(BEHIND, {**values, "conversation": conversation}).fetchone()
    return row[0] if row is not None else None


def _load(pk: int, more: str, values: dict[str, datetime]) -> tuple[Delivery, bool]:
    columns = ", ".join(sql.columns(model, alias) for model, alias in LOADED)
    row = sql.run(LOAD.format(columns=columns, more=more), {"pk": pk, **values}).fetchone()
    if row is None:
        raise Delivery.DoesNotExist(pk)
    found = sql.load_all([model for model, _alias in LOADED], row[:-1])
    delivery, channel, message, thread, identity, entry, by, customer, conversation = found
    thread.identity, entry.by, entry.conversation = identity, by, conversation
    message.thread, message.entry, message.customer, message.channel = thread, entry, customer, channel
    delivery.channel, delivery.message = channel, message
    return delivery, row[-1]
