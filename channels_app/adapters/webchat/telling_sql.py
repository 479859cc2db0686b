"""What a frame shows beside the messages, by prepared statements: it asks after each that comes."""

from collections.abc import Sequence

from channels_app.models import Channel
from conversations.models import Conversation
from customers.models import Identity
from helpdesk.lib import sql

# The open one that waits longest, else the newest.
OPEN = """
    SELECT {} FROM conversations_conversation c WHERE c.status = 'open' AND c.id IN (
        SELECT conversation_id FROM conversations_thread
        WHERE channel_id = %(channel)s AND identity_id = ANY(%(identities)s::bigint[]))
    ORDER BY c.waiting_since ASC NULLS LAST, c.id DESC LIMIT 1
"""
# Who can be given work and answers: of the channel's team, of all teams where it has none.
PEOPLE = """
    SELECT a.id FROM agents_agent a JOIN agents_role r ON r.id = a.role_id
    WHERE a.is_active AND NOT a.is_service AND r.can_reply AND (%(team)s::bigint IS NULL
        OR EXISTS (SELECT FROM agents_membership m WHERE m.agent_id = a.id AND m.team_id = %(team)s::bigint))
"""


def open_conversation(channel: Channel, identities: Sequence[Identity]) -> Conversation | None:
    """Return which of their conversations through a widget is to be answered next."""
    values = {"channel": channel.pk, "identities": [identity.pk for identity in identities]}
    row = sql.run(OPEN.format(sql.columns(Conversation, "c")), values).fetchone()
    return sql.load(Conversation, row) if row is not None else None


def people(team: int | None) -> list[int]:
    """Return who may answer here."""
    return [row[0] for row in sql.run(PEOPLE, {"team": team}).fetchall()]
