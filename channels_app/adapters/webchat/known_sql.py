"""The named statements with which every request and every socket of a visitor begins: which widget, and whose token."""

from collections.abc import Sequence

from agents.models import Brand, Team
from channels_app.models import Channel, Visitor
from customers.models import Identity
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
    SELECT {} FROM customers_identity i WHERE i.kind = 'visitor' AND i.realm = '' AND i.value = ANY(%(keys)s)
"""


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
    rows = sql.run(IDENTITIES.format(sql.columns(Identity, "i")), {"keys": list(keys)}).fetchall()
    loaded = [sql.load(Identity, row) for row in rows]
    return {row.value: row for row in loaded if row is not None}
