"""The few named statements of the hot path. Everything else goes through the ORM.

A test writes one row by each way and compares every field (tests/conversations/test_ingest_sql.py).
"""

from typing import Any, NamedTuple

from django.db import connection

from helpdesk.lib import sql

# Takes the customer's row lock and their next number in one round trip.
NEXT_SEQ = """
    UPDATE customers_customer SET last_seq = last_seq + %s WHERE id = %s RETURNING last_seq
"""
# What providers told of messages before we had their names for them.
PENDING = """
    SELECT id FROM conversations_pendingstatus WHERE channel_id = %(channel)s AND external_id = ANY(%(names)s)
"""
# Who hears of a conversation besides its team and owner, and whether its team is private.
AUDIENCE_OF = """ARRAY(SELECT agent_id FROM conversations_follower WHERE conversation_id = %(conversation_id)s),
        coalesce((SELECT is_private FROM agents_team WHERE id = %(team_id)s), false)"""
AUDIENCE = f"SELECT {AUDIENCE_OF}"
# The browsers that talk in a conversation, by the identities they write as.
VISITORS = """
    SELECT DISTINCT t.identity_id FROM conversations_thread t JOIN customers_identity i ON i.id = t.identity_id
    WHERE t.conversation_id = %(conversation_id)s AND t.kind = 'direct' AND i.kind = 'visitor'
"""
# An entry's new number, under its customer's row lock, and who hears of it. The caller may hold the lock already.
TOUCH = f"""
    WITH customer AS (
        UPDATE customers_customer SET last_seq = last_seq + 1
        WHERE id = (SELECT customer_id FROM conversations_entry WHERE id = %(pk)s) RETURNING last_seq, id
    ), entry AS (
        UPDATE conversations_entry e SET touched_seq = customer.last_seq FROM customer WHERE e.id = %(pk)s
    )
    SELECT last_seq, id, {AUDIENCE_OF} FROM customer
"""  # noqa: S608 - constants
# An entry with its message and its addresses, what a list shows of the conversation, when its thread was last spoken in
# (by the provider's clock, for its windows count from then) and its sender last heard: one round trip. The caller has
# locked the conversation and read it whole.
RECORD_MESSAGE = f"""
    WITH customer AS (
        UPDATE customers_customer SET last_seq = last_seq + 1 WHERE id = %(customer_id)s RETURNING last_seq
    ), entry AS (
        INSERT INTO conversations_entry (
            customer_id, conversation_id, seq, touched_seq, kind, actor, by_id, visibility, occurred_at, recorded_at,
            data, client_id, cause_id, depth, done_at, after_attempts, raw_id)
        SELECT %(customer_id)s, %(conversation_id)s, last_seq, last_seq, %(kind)s, %(actor)s, %(by_id)s,
            %(visibility)s, %(occurred_at)s, %(recorded_at)s, %(data)s, %(client_id)s, %(cause_id)s, %(depth)s,
            %(done_at)s, 0, %(raw_id)s
        FROM customer RETURNING id, seq
    ), message AS (
        INSERT INTO conversations_message (
            entry_id, customer_id, thread_id, channel_id, direction, sender_id, subject, text, html, quoted, language,
            external_id, is_id_reused, fingerprint, in_reply_to, template, also_on, has_remote_images)
        SELECT id, %(customer_id)s, %(thread_id)s, %(channel_id)s, %(direction)s, %(sender_id)s, %(subject)s, %(text)s,
            %(html)s, %(quoted)s, %(language)s, %(external_id)s, %(is_id_reused)s, %(fingerprint)s, %(in_reply_to)s,
            %(template)s, '[]', %(has_remote_images)s
        FROM entry
    ), recipients AS (
        INSERT INTO conversations_recipient (message_id, identity_id, role, address, name)
        SELECT entry.id, who, role, address, name
        FROM entry, unnest(%(identities)s::bigint[], %(roles)s::text[], %(addresses)s::text[], %(names)s::text[])
            WITH ORDINALITY AS listed (who, role, address, name, place)
        ORDER BY place
    ), thread AS (
        UPDATE conversations_thread SET last_in_at = %(occurred_at)s
        WHERE id = %(thread_id)s AND %(heard_at)s::timestamptz IS NOT NULL
            AND (last_in_at IS NULL OR last_in_at < %(occurred_at)s)
    ), sender AS (
        UPDATE customers_identity SET last_seen_at = %(heard_at)s
        WHERE id = %(sender_id)s AND %(heard_at)s::timestamptz IS NOT NULL
    ), conversation AS (
        UPDATE conversations_conversation SET
            last_inbound_seq = CASE WHEN %(direction)s = 'in' THEN entry.seq ELSE last_inbound_seq END,
            last_entry_at = %(last_entry_at)s, last_preview = %(last_preview)s,
            last_channel_kind = %(last_channel_kind)s, waiting_since = %(waiting_since)s,
            next_due_at = %(next_due_at)s, next_due_kind = %(next_due_kind)s, unanswered_count = %(unanswered_count)s
        FROM entry WHERE conversations_conversation.id = %(conversation_id)s AND %(is_listed)s
    )
    SELECT id, seq, {AUDIENCE_OF} FROM entry
"""  # noqa: S608 - constants
LISTED = (
    "last_entry_at", "last_preview", "last_channel_kind", "waiting_since", "next_due_at", "next_due_kind",
    "unanswered_count",
)  # fmt: skip

SET_SEQS = """
    UPDATE customers_customer AS c SET last_seq = given.seq
    FROM unnest(%(customers)s::bigint[], %(seqs)s::bigint[]) AS given(id, seq) WHERE c.id = given.id
"""


class Recorded(NamedTuple):
    """The key and number of an entry, and who else must hear of it."""

    pk: int
    seq: int
    followers: list[int]
    is_private: bool


def next_seq(customer_id: int, count: int = 1) -> int:
    """Lock the customer's row and return the newest of `count` fresh numbers."""
    with connection.cursor() as cursor:
        cursor.execute(NEXT_SEQ, [count, customer_id])
        row = cursor.fetchone()
    if row is None:
        raise LookupError(f"There is no customer {customer_id}.")
    return int(row[0])


def set_seqs(customer_ids: list[int], seqs: list[int]) -> None:
    """Write down the newest numbers of customers whose rows the caller has locked and read since."""
    sql.run(SET_SEQS, {"customers": customer_ids, "seqs": seqs})


def touch(pk: int, conversation_id: int | None, team_id: int | None) -> tuple[Recorded, int]:
    """Lock the row of the customer whose entry this is now, whoever it was, and give it their next number.

    Returns what was recorded, and who the customer is.
    """
    row = sql.run(TOUCH, {"pk": pk, "conversation_id": conversation_id, "team_id": team_id}).fetchone()
    if row is None:
        raise LookupError(f"There is no entry {pk}.")
    return Recorded(pk, row[0], row[2], row[3]), row[1]


def pending(channel_id: int, names: list[str]) -> list[int]:
    """Return what is kept of messages with these names on a channel."""
    return [row[0] for row in sql.run(PENDING, {"channel": channel_id, "names": names}).fetchall()]


def record_message(values: dict[str, Any]) -> Recorded:
    """Lock the customer's row, insert entry, message and addresses, and bring what belongs to them up to date."""
    row = sql.run(RECORD_MESSAGE, values).fetchone()
    if row is None:
        raise LookupError(f"There is no customer {values['customer_id']}.")
    return Recorded(*row)


def visitors_in(conversation_id: int) -> list[int]:
    """Return the identities of the browsers that talk in a conversation."""
    return [row[0] for row in sql.run(VISITORS, {"conversation_id": conversation_id}).fetchall()]


def audience(conversation_id: int, team_id: int | None) -> tuple[list[int], bool]:
    """Return the followers of a conversation and whether its team is private."""
    row = sql.run(AUDIENCE, {"conversation_id": conversation_id, "team_id": team_id}).fetchone()
    assert row is not None
    return row[0], row[1]
