"""The named statements with which every request and every socket of a visitor begins: which widget, and whose token."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from agents.models import Brand, Team
from channels_app.models import Channel, Visitor
from customers.models import Customer, Identity
from helpdesk.lib import sql

WIDGET = """
    SELECT {}, {}, {} FROM channels_app_channel c JOIN agents_brand b ON b.id = c.brand_id
    LEFT JOIN agents_team t ON t.id = c.default_team_id
    WHERE c.kind = 'webchat' AND c.public_key = %(key)s AND c.state <> 'paused'
"""
WIDGET_ROWS = ((Channel, "c"), (Brand, "b"), (Team, "t"))
VISITORS = """
    SELECT {}, {} FROM channels_app_visitor v LEFT JOIN customers_identity i ON i.id = v.proved_id
    WHERE v.token_sha256 = ANY(%(hashes)s)
"""
VISITOR_ROWS = ((Visitor, "v"), (Identity, "i"))
IDENTITIES = """
    SELECT {}, {} FROM customers_identity i JOIN customers_customer c ON c.id = i.customer_id
    WHERE i.kind = 'visitor' AND i.realm = '' AND i.value = ANY(%(keys)s)
"""
# The same, with what somebody has proved and all browsers in which the same was proved.
PROVED = """
    SELECT {}, {} FROM customers_identity i JOIN customers_customer c ON c.id = i.customer_id
    WHERE i.id = %(proved)s OR (i.kind = 'visitor' AND i.realm = '' AND i.value IN (
        SELECT unnest(%(keys)s::text[]) UNION SELECT key FROM channels_app_visitor WHERE proved_id = %(proved)s))
"""
LEFT = "UPDATE channels_app_visitor SET left_at = %(at)s WHERE id = ANY(%(visitors)s::bigint[])"
IDENTITY_ROWS = ((Identity, "i"), (Customer, "c"))


def widget(key: str) -> Channel | None:
    """Return the widget of a public key with its brand and team; None where there is none, or it is paused."""
    statement = WIDGET.format(*(sql.columns(model, alias) for model, alias in WIDGET_ROWS))
    row = sql.run(statement, {"key": key}).fetchone()
    if row is None:
        return None
    channel, channel_brand, team = sql.load_all([model for model, _alias in WIDGET_ROWS], row)
    channel.brand, channel.default_team = channel_brand, team
    found: Channel = channel
    return found


def visitors(hashes: Sequence[str]) -> dict[str, Visitor]:
    """Return whose tokens have these hashes, each with the identity that its person has proved."""
    statement = VISITORS.format(*(sql.columns(model, alias) for model, alias in VISITOR_ROWS))
    found = {}
    for row in sql.run(statement, {"hashes": list(hashes)}).fetchall():
        visitor, proved = sql.load_all([model for model, _alias in VISITOR_ROWS], row)
        visitor.proved = proved
        found[visitor.token_sha256] = visitor
    return found


def identities(keys: Sequence[str]) -> dict[str, Identity]:
    """Return the identities as which browsers with these keys write; none where nothing was written yet."""
    return {row.value: row for row in _identities(IDENTITIES, {"keys": list(keys)})}


def proved(identity: int, keys: Sequence[str]) -> list[Identity]:
    """Return what was proved, as which browsers with these keys write, and those in which the same was proved."""
    return _identities(PROVED, {"proved": identity, "keys": list(keys)})


def left(visitors: Sequence[int], at: datetime) -> None:
    """Write down when these visitors closed their last page."""
    sql.run(LEFT, {"visitors": list(visitors), "at": at})


def _identities(statement: str, values: dict[str, Any]) -> list[Identity]:
    """Return identities, each with its customer as that row is now."""
    found = []
    text = statement.format(*(sql.columns(model, alias) for model, alias in IDENTITY_ROWS))
    for row in sql.run(text, values).fetchall():
        identity, identity.customer = sql.load_all([model for model, _alias in IDENTITY_ROWS], row)
        found.append(identity)
    return found
