"""What the lists of the inbox ask: which conversations stand on a page, and how many in each view.

Every scope of an agent's sight (each team, no team, their own, where they are named) gives its first rows by an
index, and those are merged; one condition over all scopes walks the table (docs/performance.md). They are the rows of
Conversation.objects.visible_to: a test compares them.
"""

# ruff: noqa: S608 - put together from constants of this file; values go beside the text

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from agents.permissions import Sight
from helpdesk.lib import sql

ACTIVE = "c.status IN ('open', 'waiting') AND NOT c.is_spam"
# What a row of each view fulfils, besides being seen.
VIEWS = {
    "mine": ACTIVE, "unassigned": f"{ACTIVE} AND c.assignee_id IS NULL", "team": ACTIVE, "mentions": "true",
    "drafts": "true", "snoozed": "c.status = 'snoozed'", "all": "NOT c.is_spam",
}  # fmt: skip
# By what a list is ordered, which way, and what comes after a place.
ORDERS = {
    "newest": ("c.last_entry_at", "DESC", "<"), "due": ("c.next_due_at", "ASC", ">"),
    "until": ("c.snoozed_until", "ASC", ">"),
}  # fmt: skip
MENTIONED = """SELECT e.conversation_id AS id
    FROM conversations_mention m JOIN conversations_entry e ON e.id = m.entry_id
    WHERE m.agent_id = %(me)s AND e.conversation_id IS NOT NULL"""
NAMED = f"SELECT conversation_id AS id FROM conversations_follower WHERE agent_id = %(me)s UNION {MENTIONED}"
WRITING = "SELECT DISTINCT conversation_id AS id FROM conversations_draft WHERE agent_id = %(me)s AND text <> ''"
WITH = f"""WITH named AS MATERIALIZED ({NAMED}), mentioned AS MATERIALIZED (SELECT DISTINCT id FROM ({MENTIONED}) AS m),
    writing AS MATERIALIZED ({WRITING}) """
TEAMS = "unnest(%(teams)s::bigint[]) AS own (team)"
# Whoever sees some teams only: is it theirs or named to them, though of another team?
FOREIGN = "c.team_id IS NOT NULL AND c.team_id <> ALL (%(teams)s::bigint[])"
OTHERS = "c.assignee_id IS DISTINCT FROM %(me)s"
UNREAD = f"""{ACTIVE} AND c.assignee_id = %(me)s AND c.last_inbound_seq > coalesce((
    SELECT s.seen_seq FROM conversations_seenmarker s WHERE s.conversation_id = c.id AND s.agent_id = %(me)s), 0)"""


@dataclass(frozen=True, slots=True)
class Scope:
    """Where rows come from: a condition, for each row of `each` if there is one."""

    condition: str
    each: str = ""


@dataclass(frozen=True, slots=True)
class List:
    """One list for one agent. what: a key of VIEWS; team: whose, for the view of a team."""

    what: str
    order: str
    team: int | None = None


def page(listed: List, sight: Sight, after: tuple[datetime | None, int] | None, limit: int) -> list[int]:
    """Return the first conversations of a list, or those after a place: (sort key, primary key)."""
    kind = _kind(listed, sight)
    values = {"me": sight.agent_id, "teams": sorted(sight.team_ids), "team": listed.team}
    found: list[int] = []
    for stretch, place in _stretches(listed.order, after):
        text = _page_text(listed.what, listed.order, kind, f"{stretch}{'+' if place else ''}", limit - len(found))
        values |= {"at": place[0], "pk": place[1]} if place else {}
        found += [row[0] for row in sql.run(text, values)]
        if len(found) >= limit:
            break
    return found


def counts(whats: Iterable[str], teams: list[int], sight: Sight, most: tuple[int, int]) -> dict[str, Any]:
    """Count the rows of each view by what it shows (`team` is a list like `teams`), and `mine_unread`.

    teams: of those that the agent sees. most: where counting stops, of a view and of what is unread.
    """
    names = tuple(dict.fromkeys(whats))
    values = {"me": sight.agent_id, "teams": sorted(sight.team_ids), "listed": teams}
    row = sql.run(_counts_text(names, sight.kind, most), values).fetchone()
    assert row is not None
    return dict(zip((*names, "mine_unread"), row, strict=True))


def _kind(listed: List, sight: Sight) -> str:
    """How the sight narrows this list: all, teams or own."""
    if listed.what == "team" and sight.is_teams and listed.team in sight.team_ids:
        return "all"
    return "own" if listed.what == "team" and sight.is_teams else sight.kind


def _stretches(
    order: str, after: tuple[datetime | None, int] | None
) -> list[tuple[str, tuple[datetime | None, int] | None]]:
    """Say in which stretches a list is read: what is due comes before what is not, each by an index."""
    if order != "due":
        return [("any", after)]
    if after is not None and after[0] is None:
        return [("undated", after)]
    return [("dated", after), ("undated", None)]


@cache
def _page_text(what: str, order: str, kind: str, stretch: str, limit: int) -> str:
    key, way, beyond = ORDERS[order]
    places = {
        "any": "true", "any+": f"({key}, c.id) {beyond} (%(at)s, %(pk)s)",
        "dated": f"{key} IS NOT NULL", "dated+": f"({key}, c.id) > (%(at)s, %(pk)s)",
        "undated": f"{key} IS NULL", "undated+": f"{key} IS NULL AND c.id > %(pk)s",
    }  # fmt: skip
    where = f"{VIEWS[what]} AND {places[stretch]}"
    tail = f"ORDER BY {key} {way}, c.id {way} LIMIT {limit}"
    parts = [_part(scope, f"c.id, {key} AS at", where, tail) for scope in _scopes(what, kind)]
    # A conversation may be mine and of my team: once is enough.
    merged = " UNION ALL ".join(parts)
    return f"{WITH} SELECT id FROM ({merged}) AS found GROUP BY at, id ORDER BY at {way}, id {way} LIMIT {limit}"


@cache
def _counts_text(whats: tuple[str, ...], kind: str, most: tuple[int, int]) -> str:
    columns = [_counted(what, kind, most[0]) for what in whats]
    unread = f"SELECT count(*) FROM (SELECT FROM conversations_conversation c WHERE {UNREAD} LIMIT {most[1]}) AS n"
    return f"{WITH} SELECT {', '.join(f'({column})' for column in (*columns, unread))}"


def _counted(what: str, kind: str, most: int) -> str:
    """The statement that counts one view; the teams' are one array."""
    if what == "team":
        # Who sees their own only, sees their own only in their teams too.
        inner = _count([_in_team(scope) for scope in _disjoint(what, "own" if kind == "own" else "all")], what, most)
        each = "unnest(%(listed)s::bigint[]) WITH ORDINALITY AS l (team, n)"
        return f"SELECT ARRAY(SELECT ({inner}) FROM {each} ORDER BY n)"
    return _count(_disjoint(what, kind), what, most)


def _count(scopes: list[Scope], what: str, most: int) -> str:
    if len(scopes) == 1 and not scopes[0].each:
        where = f"{scopes[0].condition} AND {VIEWS[what]}"
        return f"SELECT count(*) FROM (SELECT FROM conversations_conversation c WHERE {where} LIMIT {most}) AS n"
    parts = " UNION ALL ".join(_part(scope, "c.id", VIEWS[what], f"LIMIT {most}") for scope in scopes)
    return f"SELECT count(*) FROM (SELECT FROM ({parts}) AS found LIMIT {most}) AS n"


def _part(scope: Scope, columns: str, where: str, tail: str) -> str:
    """The rows of one scope. The limit inside keeps the planner from joining what is to be looked up."""
    rows = f"(SELECT {columns} FROM conversations_conversation c WHERE {scope.condition} AND {where} {tail})"
    return f"(SELECT r.* FROM {f'{scope.each} CROSS JOIN LATERAL ' if scope.each else ''}{rows} AS r)"


def _scopes(what: str, kind: str) -> list[Scope]:
    """Where the rows of a page come from; some may come twice."""
    given = _given(what, kind)
    if given is not None:
        return [given]
    mine, named = Scope("c.assignee_id = %(me)s"), Scope("c.id = named.id", "named")
    teams = [Scope("c.team_id = own.team", TEAMS), Scope("c.team_id IS NULL")] if kind == "teams" else []
    scopes = [*teams, *([] if what == "unassigned" else [mine]), named]
    if what == "team":
        return [Scope(f"c.team_id = %(team)s AND {scope.condition}", scope.each) for scope in scopes]
    return scopes


def _disjoint(what: str, kind: str) -> list[Scope]:
    """The same without what comes twice, for counting: it stops at the most without knowing the rest."""
    given = _given(what, kind)
    if given is not None:
        return [given]
    foreign = f" AND {FOREIGN}" if kind == "teams" else ""
    mine = Scope(f"c.assignee_id = %(me)s{foreign}")
    named = Scope(f"c.id = named.id AND {OTHERS}{foreign}", "named")
    teams = [Scope("c.team_id = own.team", TEAMS), Scope("c.team_id IS NULL")] if kind == "teams" else []
    return [*teams, *([] if what == "unassigned" else [mine]), named]


def _given(what: str, kind: str) -> Scope | None:
    """The scope of a view that is narrow by itself, or of somebody who sees all; None: the sight says."""
    if what in {"mine", "mentions"}:
        return Scope("c.assignee_id = %(me)s") if what == "mine" else Scope("c.id = mentioned.id", "mentioned")
    if what == "drafts":
        seen = {
            "all": "true",
            "teams": f"(c.team_id IS NULL OR NOT ({FOREIGN}) OR NOT ({OTHERS}) OR c.id IN (SELECT id FROM named))",
        }.get(kind, f"(NOT ({OTHERS}) OR c.id IN (SELECT id FROM named))")
        return Scope(f"c.id = writing.id AND {seen}", "writing")
    if kind != "all":
        return None
    return Scope("c.team_id = %(team)s" if what == "team" else "true")


def _in_team(scope: Scope) -> Scope:
    """Narrow a scope to the team that is being counted."""
    wide = "true" if scope.condition == "c.team_id = %(team)s" else scope.condition
    return Scope(f"c.team_id = l.team AND {wide}", scope.each)
