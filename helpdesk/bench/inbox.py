"""`bench inbox`: whole requests of the inbox at a small and a large desk, in turns (P4, P5: docs/performance.md)."""

import json
import os
from typing import Any

import psycopg

from agents.models import Agent, Team
from conversations.lists.queries import PAGE, cursor_of
from conversations.models import Conversation
from helpdesk.bench import harness
from helpdesk.bench.desks import Desk, Wanted, open_desks
from helpdesk.bench.harness import Cpu, Row
from helpdesk.seeds import bench

LIMIT = 1.3
WARM_UP = 3
TEAM = f"team-bench-{bench.OWN_TEAMS[0]:02d}"
# The agent is in eight teams of twenty.
ASKS = {
    "first page: one team": f"/inbox/{TEAM}/",
    "half-way: all my teams, newest first": "/inbox/all/?after={newest}&part=1",
    "half-way: unassigned, due first": "/inbox/unassigned/?after={due}&part=1",
    "counters: after a hint": "/inbox/mine/?rows={row}",
    "all my teams: newest first": "/inbox/all/",
    "all my teams: unassigned, due first": "/inbox/unassigned/",
}
# A small desk fills no page of these, so they are only noted.
OTHERS = {"mine": "/inbox/mine/", "snoozed": "/inbox/snoozed/", "mentions": "/inbox/mentions/"}
# The least a list can cost: fifty rows of all teams, merged, and JSON.
RAW = """
    SELECT c.id, c.number, c.subject, c.status, c.last_entry_at, c.last_preview, c.last_channel_kind, p.name
    FROM (
        SELECT found.* FROM unnest(%(teams)s::bigint[]) AS own (team) CROSS JOIN LATERAL (
            SELECT id, last_entry_at FROM conversations_conversation WHERE team_id = own.team AND NOT is_spam
            ORDER BY last_entry_at DESC, id DESC LIMIT 50) AS found
        ORDER BY last_entry_at DESC, id DESC LIMIT 50
    ) AS page JOIN conversations_conversation c USING (id) JOIN customers_customer p ON p.id = c.customer_id
    ORDER BY page.last_entry_at DESC, page.id DESC
"""


def run(*, rounds: int, requests: int, wanted: Wanted) -> dict[str, Any]:
    """Measure and return the report. requests: of each kind in a round."""
    before = os.getloadavg()
    with open_desks(wanted) as desks:
        found = measure(desks, rounds=rounds, requests=requests)
    return harness.report("inbox", rounds, rows_of(found, [desk.name for desk in desks]), before)


def measure(desks: list[Desk], *, rounds: int, requests: int) -> dict[tuple[str, str], list[Cpu]]:
    """Ask each desk in turns; return the CPU of each kind of request by (what, desk)."""
    urls = {desk.name: _urls(desk) for desk in desks}
    raw = {desk.name: _Raw(desk) for desk in desks}
    found: dict[tuple[str, str], list[Cpu]] = {}
    for _round in range(rounds):
        for what in ASKS | OTHERS:
            for desk in desks:
                cpu = _ask(desk, urls[desk.name][what], requests)
                found.setdefault((what, desk.name), []).append(cpu)
        for desk in desks:
            found.setdefault(("raw SQL", desk.name), []).append(raw[desk.name].measure(requests * 5))
    return found


def _ask(desk: Desk, url: str, requests: int) -> Cpu:
    desk.enter()
    for _number in range(WARM_UP):
        desk.get(url)
    return harness.measure(lambda: [desk.get(url) for _number in range(requests)], requests, desk.backend)


def _urls(desk: Desk) -> dict[str, str]:
    """The addresses, with cursors half-way down and a row that a hint could name; each answers with rows."""
    desk.enter()
    seen = Conversation.objects.visible_to(Agent.objects.get(email=bench.AGENT)).genuine()
    free = seen.filter(assignee=None, status__in=["open", "waiting"]).exclude(next_due_at=None)
    names = {
        "newest": cursor_of(_middle(seen.order_by("-last_entry_at", "-pk")), "newest"),
        "due": cursor_of(_middle(free.order_by("next_due_at", "pk")), "due"),
        "row": seen.filter(status="open")[0].pk,
    }
    urls = {what: url.format(**names) for what, url in (ASKS | OTHERS).items()}
    for what, url in urls.items():
        if b"<li id=" not in desk.get(url) and what in ASKS:
            raise RuntimeError(f"There are no rows in {url}")
    return urls


def _middle(rows: Any) -> Conversation:
    """The row half-way down, but with a page behind it: a small desk must not draw fewer rows than a large one."""
    count = rows.count()
    row: Conversation = rows[max(0, min(count // 2, count - PAGE - 1))]
    return row


class _Raw:
    """The reference, on a connection of its own."""

    def __init__(self, desk: Desk) -> None:
        desk.enter()
        self.teams = list(Team.objects.filter(agents__email=bench.AGENT).values_list("pk", flat=True))
        self.link = psycopg.connect(**desk.link.get_connection_params() | {"cursor_factory": psycopg.Cursor})
        self.link.autocommit = True

    def measure(self, times: int) -> Cpu:
        """Ask so often; return the CPU of once."""
        return harness.measure(lambda: self.ask(times), times, self.link.info.backend_pid)

    def ask(self, times: int) -> None:
        for _number in range(times):
            rows = self.link.execute(RAW, {"teams": self.teams}, prepare=True).fetchall()
            json.dumps(rows, default=str)


def rows_of(found: dict[tuple[str, str], list[Cpu]], names: list[str]) -> list[Row]:
    """The gates first: the largest desk beside the smallest; then each by itself."""
    small, large = names[0], names[-1]
    rows = []
    if len(names) > 1:
        for what in [*ASKS, *OTHERS, "raw SQL"]:
            limit = LIMIT if what in ASKS else None
            rows.append(harness.compare(f"{what}, {large} to {small}", found[what, large], found[what, small], limit))
    for name in names:
        page = found["all my teams: newest first", name]
        rows.append(harness.compare(f"whole page to raw SQL, {name}", page, found["raw SQL", name]))
        rows += [harness.alone(f"{what}, {name}", found[what, name]) for what in [*ASKS, *OTHERS, "raw SQL"]]
    return rows
