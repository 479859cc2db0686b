"""`bench thread`: the page of one customer of 10, 1,000 and 100,000 entries: as many queries, hardly more time (P6)."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from conversations.models import Entry
from conversations.reading.stretches import place_of
from helpdesk.bench import harness, lives
from helpdesk.bench.desks import Desk, name_of
from helpdesk.bench.harness import Cpu, Row
from helpdesk.bench.lives import Life
from helpdesk.lib import sql

LIMIT = 1.3
# Prepared statements are planned anew the first five times. Later rounds find everything warm.
FIRST, WARM_UP = 6, 2
# Requests that take less are asked oftener, up to so many times as often.
BIG_SECONDS, OFTENER_MAX = 0.05, 10
AS_SCRIPT = {"HX-Request": "true", "HX-Request-Type": "partial"}
# What draws the same whatever the length: compared from the shortest to the longest.
ALIKE = {
    "refetch after a hint: one message": "/customers/{customer}/entries/?after={before_last}",
    "refetch after a hint: nothing new": "/customers/{customer}/entries/?after={last_seq}",
    "chip: calls (there are none)": "/customers/{customer}/entries/?show=calls",
    "chip: this conversation": "/customers/{customer}/entries/?show=conversation&c={number}",
}
# What fills fifty lines only where there are fifty: compared from the first length that has them.
PAGES = {
    "the head of the sheet after a hint": "/conversations/{number}/state/",
    "the story after a hint": "/conversations/{number}/story/",
    "search: a word of every second entry": "/customers/{customer}/entries/finding/?q={common}",
    "whole page": "/customers/{customer}/?c={number}",
    "opened from a list": "/inbox/all/{customer}/?c={number}",
    "older page, half-way down": "/customers/{customer}/entries/?before={place}",
    "around an entry half-way down": "/customers/{customer}/entries/?around={middle}",
    "panel": "/customers/{customer}/panel/?c={number}",
    "chip: messages": "/customers/{customer}/entries/?show=messages",
    "chip: notes": "/customers/{customer}/entries/?show=notes",
    "chip: files": "/customers/{customer}/entries/?show=files",
}
# What has to look through everything that was ever said: told, not demanded.
GROWS = {
    "search: a word of the oldest entry": "/customers/{customer}/entries/finding/?q={rare}",
    "search: a word of none": "/customers/{customer}/entries/finding/?q={absent}",
}
ASKS = ALIKE | PAGES | GROWS
FULL = 500


def measure(desk: Desk, lengths: tuple[int, ...], *, rounds: int, requests: int) -> list[Row]:
    """Write the customers, ask of each in turns; return the result. Raises RuntimeError when queries differ."""
    desk.enter()
    asked = [_Asked(desk, life) for life in lives.write(lengths)]
    queries = {what: check([one.queries(what) for one in asked], what) for what in ASKS}
    found: dict[tuple[str, str], list[Cpu]] = {}
    for _round in range(rounds):
        for what in ASKS:
            for one in asked:
                found.setdefault((what, one.name), []).append(one.measure(what, requests))
    return rows_of(found, [one.name for one in asked], queries, lengths)


def check(counts: list[int], what: str) -> int:
    """Return how many queries all of them took. Raises RuntimeError when they differ."""
    if len(set(counts)) > 1:
        raise RuntimeError(f"{what}: {counts} queries")
    return counts[0]


def rows_of(
    found: dict[tuple[str, str], list[Cpu]], names: list[str], queries: dict[str, int], lengths: tuple[int, ...]
) -> list[Row]:
    """The gates first: the longest beside the shortest that draws as much; then each by itself, and its queries."""
    full = next((name for name, length in zip(names, lengths, strict=True) if length >= FULL), names[0])
    rows = []
    for what in ASKS:
        small, limit = (names[0] if what in ALIKE else full), (None if what in GROWS else LIMIT)
        pair = found[what, names[-1]], found[what, small]
        rows.append(harness.compare(f"{what}, {names[-1]} entries to {small}", *pair, limit))
    rows += [harness.alone(f"{what}, {name} entries", found[what, name]) for what in ASKS for name in names]
    return [*rows, *(Row(f"{what}, at any length", count, "queries") for what, count in queries.items())]


class _Asked:
    """One of the customers, and what is asked of them."""

    def __init__(self, desk: Desk, life: Life) -> None:
        self.desk, self.life, self.name = desk, life, name_of(life.length)
        middle = Entry.objects.get(pk=life.middle)
        names = {
            "customer": life.customer, "number": life.number, "last_seq": life.last_seq, "middle": life.middle,
            "before_last": life.last_seq - 1, "place": place_of(middle), "common": lives.COMMON, "rare": lives.RARE,
            "absent": lives.ABSENT,
        }  # fmt: skip
        self.urls = {what: url.format(**names) for what, url in ASKS.items()}
        self._look()

    def queries(self, what: str) -> int:
        """Return how many statements a request takes."""
        with _counted(self.desk) as counted:
            self._get(what)
        return len(counted)

    def measure(self, what: str, requests: int) -> Cpu:
        """Ask so often, and small things oftener, because the clock is coarse; return the CPU of once."""
        begun = time.perf_counter()
        for _number in range(WARM_UP):
            self._get(what)
        once = (time.perf_counter() - begun) / WARM_UP
        times = max(requests, min(requests * OFTENER_MAX, int(requests * BIG_SECONDS / once)))
        return harness.measure(lambda: [self._get(what) for _ in range(times)], times, self.desk.backend)

    def _get(self, what: str) -> bytes:
        return self.desk.get(self.urls[what], None if what == "whole page" else AS_SCRIPT)

    def _look(self) -> None:
        """Make sure that each request brings what it is to bring, and warm up."""
        for what in [*ASKS] * FIRST:
            self._get(what)
        drawn = min(50, self.life.length)
        for what, least in (("whole page", drawn), ("chip: messages", min(50, drawn * 8 // 10)), ("chip: files", 1)):
            count = self._get(what).count(b' data-cursor="')
            if count < least:
                raise RuntimeError(f"{self.urls[what]} brought {count} entries")
        hits = {what: json.loads(self._get(what))["entries"] for what in ASKS if what.startswith("search")}
        if [bool(one) for one in hits.values()] != [True, True, False]:
            raise RuntimeError(f"The search found {hits}")


@contextmanager
def _counted(desk: Desk) -> Iterator[list[str]]:
    """Every statement meanwhile, the prepared ones too."""
    found: list[str] = []
    run = sql.run

    def noted(text: str, values: dict[str, Any]) -> Any:
        found.append(text)
        return run(text, values)

    def wrap(execute: Any, text: str, params: Any, many: bool, context: Any) -> Any:
        found.append(text)
        return execute(text, params, many, context)

    with patch.object(sql, "run", noted), desk.link.execute_wrapper(wrap):
        yield found
