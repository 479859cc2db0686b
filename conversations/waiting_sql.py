"""How long a team's conversations usually wait, and how many wait: each visitor who waits is told, again and again."""

from datetime import datetime, timedelta

from helpdesk.lib import sql

# By the index conversation_first_replies; a team that is none is asked for in words of its own, or no index serves.
_TEAM = {True: "team_id IS NULL", False: "team_id = %(team)s"}
USUAL = """
    SELECT count(*), percentile_cont(0.5) WITHIN GROUP (ORDER BY waited) FROM (
        SELECT first_reply_at - opened_at AS waited FROM conversations_conversation
        WHERE {} AND last_channel_kind = %(icon)s AND NOT is_spam AND first_reply_at IS NOT NULL
        AND first_reply_at >= opened_at ORDER BY first_reply_at DESC LIMIT %(most)s) AS waits
"""
AHEAD = """
    SELECT count(*) FROM conversations_conversation WHERE {} AND status = 'open' AND assignee_id IS NULL
    AND NOT is_spam AND last_channel_kind = %(icon)s AND waiting_since < %(since)s AND id <> %(pk)s
"""


def usual(team: int | None, icon: str, most: int) -> tuple[int, timedelta | None]:
    """Return of how many of the last first answers this is the median wait."""
    row = sql.run(USUAL.format(_TEAM[team is None]), {"team": team, "icon": icon, "most": most}).fetchone()
    assert row is not None
    return row[0], row[1]


def ahead(pk: int, team: int | None, icon: str, since: datetime) -> int:
    """Count who else has waited in the same queue since before then."""
    values = {"pk": pk, "team": team, "icon": icon, "since": since}
    row = sql.run(AHEAD.format(_TEAM[team is None]), values).fetchone()
    assert row is not None
    return int(row[0])
