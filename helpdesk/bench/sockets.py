"""`bench sockets`: the memory that a signed-in, subscribed, idle socket holds, beside one of the raw relay."""

import os
import time
from typing import Any

from helpdesk.bench import harness, parts, staff
from helpdesk.bench.child import Child
from helpdesk.bench.parts import Parts

LIMIT = 1.5
FIRST = 50
SETTLE_SECONDS = 2.0


def run(*, rounds: int, count: int) -> dict[str, Any]:
    """Measure and return the report. count: sockets in a round; each round begins with fresh processes."""
    before = os.getloadavg()
    cookies = staff.signed_in(FIRST + count, staff.make_team("Idle"))
    found: dict[str, list[float]] = {"relay": [], "web": []}
    for _ in range(rounds):
        with parts.running("web") as desk:
            for group, values in found.items():
                values.append(_of(desk, group, cookies))
    rows = [harness.ratio(f"one of {count} idle sockets", found["web"], found["relay"], "KB", LIMIT)]
    return harness.report("sockets", rounds, rows, before)


def _of(desk: Parts, group: str, cookies: list[str]) -> float:
    """KB for each socket beyond the first ones, which pay for what all share."""
    url, crowd = (desk.desk if group == "web" else desk.relay), Child("helpdesk.bench.crowd")
    crowd.ask("open", group="first", url=url, cookies=cookies[:FIRST], watches=[])
    time.sleep(SETTLE_SECONDS)
    before = harness.memory_kb(desk.pids[group])
    crowd.ask("open", group="rest", url=url, cookies=cookies[FIRST:], watches=[])
    time.sleep(SETTLE_SECONDS)
    after = harness.memory_kb(desk.pids[group])
    crowd.end()
    return (after - before) / (len(cookies) - FIRST)
