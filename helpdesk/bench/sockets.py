"""`bench sockets`: the memory that a known, subscribed, idle socket holds, beside one of the raw relay.

`--who widgets`: those of visitors, who say their token in the first frame, instead of agents who are signed in.
"""

import os
import time
from collections.abc import Callable
from typing import Any

from helpdesk.bench import guests, harness, parts, staff
from helpdesk.bench.child import Child
from helpdesk.bench.harness import Row

LIMIT = 1.5
FIRST = 50
SETTLE_SECONDS = 2.0

# Opens the sockets of so many from a place on, as a group: (crowd, group, address, first, last).
Opens = Callable[[Child, str, str, int, int], None]


def run(*, rounds: int, count: int, who: str) -> dict[str, Any]:
    """Measure and return the report. count: sockets in a round; each round begins with fresh processes."""
    before = os.getloadavg()
    opens = {"agents": _agents, "widgets": _widgets}[who](FIRST + count)
    found: dict[str, list[float]] = {"relay": [], "web": []}
    for _ in range(rounds):
        with parts.running("web") as desk:
            found["relay"].append(_of(desk.relay, desk.pids["relay"], count, _bare))
            found["web"].append(_of(desk.desk, desk.pids["web"], count, opens))
    return harness.report(f"sockets of {who}", rounds, rows_of(found, count, who), before)


def rows_of(found: dict[str, list[float]], count: int, who: str) -> list[Row]:
    """The result: KB of each round, of the desk and of the relay."""
    return [harness.ratio(f"one of {count} idle sockets of {who}", found["web"], found["relay"], "KB", LIMIT)]


def _of(url: str, pid: int, count: int, opens: Opens) -> float:
    """KB for each socket beyond the first ones, which pay for what all share."""
    crowd = Child("helpdesk.bench.frames")
    opens(crowd, "first", url, 0, FIRST)
    time.sleep(SETTLE_SECONDS)
    before = harness.memory_kb(pid)
    opens(crowd, "rest", url, FIRST, FIRST + count)
    time.sleep(SETTLE_SECONDS)
    after = harness.memory_kb(pid)
    crowd.end()
    return (after - before) / count


def _bare(crowd: Child, group: str, url: str, first: int, last: int) -> None:
    crowd.ask("open", group=group, url=url, cookies=[""] * (last - first), watches=[])


def _agents(count: int) -> Opens:
    cookies = staff.signed_in(count, staff.make_team("Idle"))

    def opens(crowd: Child, group: str, url: str, first: int, last: int) -> None:
        crowd.ask("open", group=group, url=url, cookies=cookies[first:last], watches=[])

    return opens


def _widgets(count: int) -> Opens:
    widget = guests.make_widget(staff.make_team("Idle"))
    known = guests.arrive(widget, count)

    def opens(crowd: Child, group: str, url: str, first: int, last: int) -> None:
        crowd.ask("visit", group=group, url=url, key=widget.public_key, guests=known[first:last], customers=[])

    return opens
