"""`bench merge`: two customers of 100, 1,000 and 10,000 entries each are merged and parted again.

What an entry costs must not grow with how many there are, and no statement is asked for each of them.
"""

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from statistics import median
from typing import Any
from unittest.mock import patch

from agents.models import Agent
from conversations.merging import merge
from conversations.models import Entry, MergeRecord
from customers.models import Customer
from helpdesk.bench import harness, lives
from helpdesk.bench.desks import Desk, Wanted, name_of, open_desks
from helpdesk.bench.harness import Cpu, Row
from helpdesk.lib import sql

# What an entry may cost among the most, to what it costs among a tenth as many.
LIMIT = 1.3
ACTS = ("merge", "undo")
STATISTICS = "SELECT pg_stat_force_next_flush(), pg_stat_clear_snapshot()"
TOUCHED = "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_user_tables"


@dataclass(slots=True)
class Found:
    """Of each round: CPU of one entry, milliseconds from the first lock to the commit; statements and rows of one."""

    cpu: list[Cpu] = field(default_factory=list)
    locked: list[float] = field(default_factory=list)
    statements: int = 0
    rows: int = 0


def run(*, rounds: int, wanted: Wanted, lengths: tuple[int, ...]) -> dict[str, Any]:
    """Measure and return the report. lengths: entries of each of the two customers."""
    before = os.getloadavg()
    with open_desks(wanted) as desks:
        found = measure(desks[0], lengths, rounds=rounds)
    return harness.report("merge", rounds, rows_of(found, lengths), before)


def measure(desk: Desk, lengths: tuple[int, ...], *, rounds: int) -> dict[tuple[str, int], Found]:
    """Merge and part the two of each length in turns. Raises RuntimeError when an entry is lost."""
    desk.enter()
    written = lives.write([length for length in lengths for _side in range(2)])
    pairs = {one.length: (one.customer, other.customer) for one, other in zip(written[::2], written[1::2], strict=True)}
    found = {(act, length): Found() for length in lengths for act in ACTS}
    by = Agent.objects.get(email="bench0@example.test")
    # The first time is to warm up.
    for number in range(rounds + 1):
        for length, pair in pairs.items():
            sides = [Customer.objects.get(pk=pk) for pk in pair]
            _note(desk, found["merge", length], length, partial(merge.merge, *sides, by=by))
            check(pair[0], 2 * length)
            record = MergeRecord.objects.latest("pk")
            _note(desk, found["undo", length], length, partial(merge.undo, record, by=by))
            check(pair[1], length)
        if number == 0:
            for one in found.values():
                one.cpu.clear()
                one.locked.clear()
    return found


def check(customer: int, least: int) -> None:
    """Raise RuntimeError when a customer has fewer entries than they must have."""
    count = Entry.objects.filter(customer=customer).count()
    if count < least:
        raise RuntimeError(f"Customer {customer} has {count} entries of {least}.")


def rows_of(found: dict[tuple[str, int], Found], lengths: tuple[int, ...]) -> list[Row]:
    """The gates: an entry of the longest beside one of the next; as many statements. Then each by itself."""
    rows = []
    for act in ACTS:
        most, fewer = found[act, lengths[-1]], found[act, lengths[-2]]
        rows.append(harness.compare(f"{act}, an entry of {name_of(lengths[-1])} to one of {name_of(lengths[-2])}",
                                    most.cpu, fewer.cpu, LIMIT))  # fmt: skip
        rows.append(harness.ratio(f"{act}, statements, {name_of(lengths[-1])} to {name_of(lengths[-2])}",
                                  [float(most.statements)], [float(fewer.statements)], "statements", 1.0))  # fmt: skip
    for (act, length), one in found.items():
        what = f"{act}, two of {name_of(length)} entries"
        rows += [
            harness.alone(what, [Cpu(cpu.app * length, cpu.pg * length) for cpu in one.cpu]),
            Row(f"{what}, customers locked", round(median(one.locked), 1), "ms"),
            Row(f"{what}, rows written", one.rows, "rows"),
            Row(f"{what}, statements", one.statements, "statements"),
        ]
    return rows


def _note(desk: Desk, found: Found, length: int, work: Callable[[], object]) -> None:
    before = _touched(desk)
    with _watched(desk) as watch:
        found.cpu.append(harness.measure(work, length, desk.backend))
    found.locked.append((watch.committed - watch.locked) * 1000)
    found.statements, found.rows = watch.statements, _touched(desk) - before


def _touched(desk: Desk) -> int:
    """Return how many rows this database has seen written."""
    with desk.link.cursor() as cursor:
        cursor.execute(STATISTICS)
        cursor.execute(TOUCHED)
        return int(cursor.fetchone()[0])


@dataclass(slots=True)
class _Watch:
    """When the first lock was had and when it was let go, and how many statements there were."""

    statements: int = 0
    locked: float = 0.0
    committed: float = 0.0


@contextlib.contextmanager
def _watched(desk: Desk) -> Iterator[_Watch]:
    watch, run, commit = _Watch(), sql.run, desk.link._commit

    def noted(text: str, values: dict[str, Any]) -> Any:
        watch.statements += 1
        return run(text, values)

    def wrap(execute: Any, text: str, params: Any, many: bool, context: Any) -> Any:
        watch.statements += 1
        result = execute(text, params, many, context)
        if not watch.locked and "FOR NO KEY UPDATE" in text:
            watch.locked = time.perf_counter()
        return result

    def committed() -> None:
        commit()
        watch.committed = time.perf_counter()

    with contextlib.ExitStack() as all_of:
        all_of.enter_context(patch.object(sql, "run", noted))
        all_of.enter_context(patch.object(desk.link, "_commit", committed))
        all_of.enter_context(desk.link.execute_wrapper(wrap))
        yield watch
