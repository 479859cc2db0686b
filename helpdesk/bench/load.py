"""Fills the database of a measurement with what a desk has after some years, by plain INSERT … SELECT."""

from typing import Any

from django.db import connection
from psycopg import sql

from agents.models import Brand
from channels_app.models import Channel
from helpdesk.lib import clock

PER_CUSTOMER = 5
# Rows of one customer each: customer, identity, conversation, thread have the same number n.
STATEMENTS = (
    """INSERT INTO customers_customer
        (id, name, language, time_zone, custom, last_seq, reset_seq, is_blocked, is_third_party, first_seen_at)
        SELECT n, 'Customer ' || n, 'en', '', '{}', %(each)s, 0, false, false, %(at)s
        FROM generate_series(1, %(count)s) AS n""",
    """INSERT INTO customers_identity
        (id, customer_id, kind, realm, value, display, verified_by, opted_out_reason, first_seen_at)
        SELECT n, n, 'email', '', 'old' || n || '@people.example.test', '', '', '', %(at)s
        FROM generate_series(1, %(count)s) AS n""",
    """INSERT INTO conversations_conversation
        (id, number, customer_id, brand_id, subject, status, priority, held_by, is_spam, is_quiet, warning, opened_at,
         next_due_kind, resolved_at, reopened_count, unanswered_count, last_inbound_seq, last_entry_at, last_preview,
         last_channel_kind, version)
        SELECT n, n, n, %(brand)s, 'Order ' || n, CASE WHEN n %% 20 = 0 THEN 'open' ELSE 'resolved' END, 2, 'people',
            false, false, '', %(at)s, '', CASE WHEN n %% 20 = 0 THEN NULL ELSE %(at)s END, 0, 0, %(each)s,
            %(at)s, 'Where is it?', 'email', 1 FROM generate_series(1, %(count)s) AS n""",
    """INSERT INTO conversations_thread
        (id, channel_id, identity_id, conversation_id, kind, external_id, subject, hints)
        SELECT n, %(channel)s, n, n, 'direct', 'old' || n, 'Order ' || n, '{}'
        FROM generate_series(1, %(count)s) AS n""",
    """INSERT INTO conversations_entry
        (id, customer_id, conversation_id, seq, touched_seq, kind, actor, visibility, occurred_at, recorded_at, data,
         depth, done_at, after_attempts)
        SELECT (n - 1) * %(each)s + seq, n, n, seq, seq, 'message', 'customer', 'public', %(at)s, %(at)s, '{}',
            0, %(at)s, 0 FROM generate_series(1, %(count)s) AS n, generate_series(1, %(each)s) AS seq""",
    """INSERT INTO conversations_message
        (entry_id, customer_id, thread_id, channel_id, direction, sender_id, subject, text, html, quoted, language,
         external_id, is_id_reused, fingerprint, in_reply_to, template, also_on, has_remote_images)
        SELECT (n - 1) * %(each)s + seq, n, n, %(channel)s, 'in', n, 'Order ' || n, repeat('where is it ', 40),
            '', '', '', '<old' || n || '.' || seq || '@people.example.test>', false,
            encode(sha256((n || '.' || seq)::bytea), 'hex'), '', '', '[]', false
        FROM generate_series(1, %(count)s) AS n, generate_series(1, %(each)s) AS seq""",
    """INSERT INTO conversations_searchable (entry_id, vector)
        SELECT entry_id, to_tsvector('simple', lower(subject)) || known.vector
        FROM conversations_message, (SELECT to_tsvector('simple', repeat('where is it ', 40)) AS vector) AS known""",
)
NEXT = sql.SQL("SELECT setval(pg_get_serial_sequence({1}, 'id'), max(id)) FROM {0}")
_SERIALS = (
    "customers_customer", "customers_identity", "conversations_conversation", "conversations_thread",
    "conversations_entry",
)  # fmt: skip


def messages(count: int) -> None:
    """Load so many messages, five to a customer."""
    if count < PER_CUSTOMER:
        return
    brand, _made = Brand.objects.get_or_create(is_default=True, defaults={"name": "Bench"})
    channel = Channel.objects.create(kind="email", name="Former years", brand=brand)
    values: dict[str, Any] = {"count": count // PER_CUSTOMER, "each": PER_CUSTOMER, "at": clock.real()}
    values |= {"brand": brand.pk, "channel": channel.pk}
    with connection.cursor() as cursor:
        for statement in STATEMENTS:
            cursor.execute(statement, values)
        for table in _SERIALS:
            cursor.execute(NEXT.format(sql.Identifier(table), sql.Literal(table)).as_string(cursor.connection))
        cursor.execute("SELECT setval('conversation_number', max(number)) FROM conversations_conversation")
        cursor.execute("VACUUM ANALYZE")
