"""`bench fanout`: what one hint to one browser costs the web process, beside the raw relay."""

import os
from typing import Any

from helpdesk.bench import harness, parts, staff
from helpdesk.bench.child import Child
from helpdesk.bench.harness import Row
from helpdesk.bench.live_line import send_hints, wait_until_heard
from helpdesk.bench.parts import Parts

RELAY_LIMIT = 1.5
GROWTH_LIMIT = 1.3
DELIVERIES = 30_000
BURST_MAX = 200


def run(*, rounds: int, sockets: list[int]) -> dict[str, Any]:
    """Measure and return the report. sockets: how many hear one audience."""
    before = os.getloadavg()
    team = staff.make_team("Fanout")
    cookies = staff.signed_in(max(sockets), team)
    rows, costs = [], {}
    with parts.running("web") as desk:
        for size in sockets:
            found = _of_size(desk, f"team.{team.pk}", cookies[:size], rounds)
            rows += found
            costs[size] = found[0].value
    first, last = min(costs), max(costs)
    growth = round(costs[last] / costs[first], 3)
    rows.append(Row(f"the cost at {last} sockets", costs[last], "µs CPU", costs[first], growth, GROWTH_LIMIT,
                    growth <= GROWTH_LIMIT))  # fmt: skip
    return harness.report("fanout", rounds, rows, before)


def _of_size(desk: Parts, audience: str, cookies: list[str], rounds: int) -> list[Row]:
    size, crowd = len(cookies), Child("helpdesk.bench.crowd")
    burst = min(BURST_MAX, max(5, DELIVERIES // size))
    crowd.ask("open", group="relay", url=desk.relay, cookies=[""] * size, watches=[])
    crowd.ask("open", group="web", url=desk.desk, cookies=cookies, watches=[])
    ours, theirs, missing, told = [], [], 0, 0
    for _ in range(rounds):
        theirs.append(_burst(desk, crowd, "relay", "relay", (size, burst))[0])
        cost, lost, resyncs = _burst(desk, crowd, "web", audience, (size, burst))
        ours.append(cost)
        missing, told = missing + lost, told + resyncs
    crowd.end()
    return [
        harness.ratio(f"{size} sockets, bursts of {burst}: one delivery", ours, theirs, "µs CPU", RELAY_LIMIT),
        Row(f"{size} sockets: hints neither delivered nor re-synced", missing, "", limit=0, ok=missing == 0),
        Row(f"{size} sockets: told to catch up", told, ""),
        Row(f"{size} sockets: one delivery at most", round(max(ours), 3), "µs CPU", round(max(theirs), 3)),
        Row(f"{size} sockets: one delivery at least", round(min(ours), 3), "µs CPU", round(min(theirs), 3)),
    ]


def _burst(desk: Parts, crowd: Child, group: str, audience: str, shape: tuple[int, int]) -> tuple[float, int, int]:
    """Return the CPU per delivery in microseconds, what was lost, and how many were told to catch up."""
    size, burst = shape
    before = harness.tree_ms(desk.pids[group])
    send_hints(audience, burst)
    heard = wait_until_heard(crowd, group, size * burst)
    used = harness.tree_ms(desk.pids[group]) - before
    told = crowd.ask("take", group=group)
    lost = sum(len({one[2] for one in hints}) < burst and not resyncs for hints, resyncs in told)
    return 1_000 * used / max(1, heard), lost, sum(bool(resyncs) for _hints, resyncs in told)
