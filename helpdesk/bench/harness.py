"""CPU per operation, next to a reference that ran in turns with it. An absolute time is never a gate.

CPU time is read from the kernel before and after: our process with its children, and the PostgreSQL
backend that served it. Both are rounded to a hundredth of a second, so a round takes hundreds of operations.
"""

import os
import platform
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from helpdesk.lib import clock

TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")
_STATE, _PARENT, _USER, _CHILDREN_SYSTEM = 0, 1, 11, 14


@dataclass(frozen=True, slots=True)
class Cpu:
    """Milliseconds of CPU: of our processes and of PostgreSQL."""

    app: float = 0.0
    pg: float = 0.0

    @property
    def total(self) -> float:
        """Both together."""
        return self.app + self.pg

    def __add__(self, other: "Cpu") -> "Cpu":
        return Cpu(self.app + other.app, self.pg + other.pg)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a result. `ok` is None where nothing is demanded."""

    what: str
    value: float
    unit: str = "ms CPU"
    reference: float | None = None
    ratio: float | None = None
    limit: float | None = None
    ok: bool | None = None
    cpu_app_ms: float | None = None
    cpu_pg_ms: float | None = None


def measure(work: Callable[[], object], operations: int, backend: int) -> Cpu:
    """Run the work and return the CPU that one operation of it took."""
    before = Cpu(tree_ms(os.getpid()), process_ms(backend))
    work()
    after = Cpu(tree_ms(os.getpid()), process_ms(backend))
    return Cpu((after.app - before.app) / operations, (after.pg - before.pg) / operations)


def middle(rounds: list[Cpu]) -> Cpu:
    """Return the round whose total is the median (the lower one of two)."""
    return sorted(rounds, key=lambda one: one.total)[(len(rounds) - 1) // 2]


def compare(what: str, ours: list[Cpu], theirs: list[Cpu], limit: float | None = None) -> Row:
    """Return the row of a measurement and its reference; the ratio is the median of the rounds' ratios.

    None where the reference was always too short for the kernel's clock: then no limit is met.
    """
    pairs = [(mine.total, other.total) for mine, other in zip(ours, theirs, strict=True) if other.total]
    ratio = median(mine / other for mine, other in pairs) if pairs else None
    is_met = None if limit is None else ratio is not None and ratio <= limit
    mine, reference = middle(ours), middle(theirs)
    shown = None if ratio is None else _short(ratio)
    return Row(what, _short(mine.total), "ms CPU", _short(reference.total), shown, limit, is_met,
               _short(mine.app), _short(mine.pg))  # fmt: skip


def alone(what: str, rounds: list[Cpu]) -> Row:
    """Return the row of something that is measured for itself."""
    mine = middle(rounds)
    return Row(what, _short(mine.total), cpu_app_ms=_short(mine.app), cpu_pg_ms=_short(mine.pg))


def ratio(what: str, ours: list[float], theirs: list[float], unit: str, limit: float | None = None) -> Row:
    """Return the row of plain numbers that took turns with their reference."""
    found = median(mine / other for mine, other in zip(ours, theirs, strict=True))
    is_met = None if limit is None else found <= limit
    return Row(what, _short(median(ours)), unit, _short(median(theirs)), _short(found), limit, is_met)


def report(name: str, rounds: int, rows: list[Row], load: tuple[float, float, float]) -> dict[str, Any]:
    """Return a result as docs/bench keeps it. load: the load averages before the run."""
    return {
        "name": name,
        "when": clock.real().isoformat(timespec="seconds"),
        "machine": machine(),
        "load": {"before": [round(one, 2) for one in load], "after": [round(one, 2) for one in os.getloadavg()]},
        "rounds": rounds,
        "rows": [asdict(row) for row in rows],
    }


def machine() -> dict[str, Any]:
    """Say on what it ran, as far as it matters to the figures."""
    return {"cpus": os.cpu_count(), "processor": platform.machine(), "python": platform.python_version()}


def memory_kb(pid: int) -> float:
    """Return the memory that one process holds, its share of what it has in common with others (PSS)."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return float(next(line.split()[1] for line in lines if line.startswith("Pss:")))


def tree_ms(root: int) -> float:
    """Return the CPU time of a process, its living descendants and those it has waited for."""
    parents = {pid: int(_stat(pid)[_PARENT]) for pid in _pids() if _stat(pid)}
    tree = {root}
    while more := {pid for pid, parent in parents.items() if parent in tree} - tree:
        tree |= more
    return sum(process_ms(pid) for pid in tree)


def process_ms(pid: int) -> float:
    """Return the CPU time of one process and of its children that have ended."""
    fields = _stat(pid)
    return sum(map(int, fields[_USER : _CHILDREN_SYSTEM + 1])) * TICK_MS if fields else 0.0


def _pids() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def _stat(pid: int) -> list[str]:
    try:
        # The name in brackets may hold anything; what follows it does not.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _short(value: float) -> float:
    return round(value, 3)
