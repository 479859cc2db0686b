"""`bench ingest --workers 2`: how many mails a second the desk's own workers file (P2 of docs/performance.md).

The mails are stored while the workers are held, so that their queue is full and nobody else is measured. The raw
pipeline takes turns with them, in as many processes.
"""

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import connection

from channels_app.models import RawEvent
from conversations.models import Entry
from helpdesk.bench import harness, ingest, parts
from helpdesk.bench.child import Child
from helpdesk.bench.corpus import Letter
from helpdesk.bench.harness import Cpu, Row
from helpdesk.bench.parts import Parts
from helpdesk.bench.reference import Pipeline

# Sixty times RT5 (3.75 mails a second on two cores) leaves 8.9 ms of CPU to a mail: 5.9 raw pipelines of that machine.
LIMIT = 5.9
SCHEMA = "reference_shared"
DRAIN_SECONDS = 300.0
LOOK_SECONDS = 0.05
# Every mail has one entry with a message, and no entry has another's.
ONCE = """
    SELECT count(*), count(DISTINCT e.raw_id) FROM conversations_entry e
    JOIN conversations_message m ON m.entry_id = e.id WHERE e.raw_id = ANY(%s)
"""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one turn gave: CPU of a mail, mails a second."""

    cpu: Cpu
    rate: float
    redis: float = 0.0


def run(*, rounds: int, mails: int, stored: int, workers: int) -> dict[str, object]:
    """Measure and return the report. workers: processes, of the desk's worker and of the raw pipeline."""
    before = os.getloadavg()
    bench = ingest.opened(stored)
    with parts.running("worker", workers=workers) as desk, _raw_filers(workers) as filers:
        turns = _Turns(bench, desk, filers)
        turns.round(mails, "w")
        turns.forget()
        for number in range(rounds):
            turns.round(mails, f"r{number}")
    return harness.report("ingest-workers", rounds, turns.rows(workers), before)


def check(pks: list[int]) -> None:
    """A round counts only when every mail was filed, and each once."""
    filed = RawEvent.objects.filter(pk__in=pks, state=RawEvent.State.FILED, messages_count=1).count()
    with connection.cursor() as cursor:
        cursor.execute(ONCE, [pks])
        entries, distinct = cursor.fetchone()
    if not filed == entries == distinct == len(pks):
        raise RuntimeError(f"Of {len(pks)} mails {filed} were filed, {distinct} of them have {entries} entries.")


class _Turns:
    """The desk's workers and the raw processes, and what each turn of theirs gave."""

    def __init__(self, bench: ingest.Bench, desk: Parts, filers: list[Child]) -> None:
        self._bench, self._desk, self._filers = bench, desk, filers
        self.raw: list[Turn] = []
        self.filed: list[Turn] = []
        self.done: list[Turn] = []

    def round(self, mails: int, seed: str) -> None:
        """Let the raw processes have their turn, then the workers, with the same mails."""
        letters = self._bench.letters(mails, seed)
        self.raw.append(self._raw(letters))
        with _held(self._desk.pids["worker"]):
            pks = self._bench.store(letters)
            before, begun = self._cpu(), time.monotonic()
        _wait(lambda: not RawEvent.objects.filter(state=RawEvent.State.NEW).exists())
        self.filed.append(_turn(before, self._cpu(), begun, mails))
        _wait(lambda: not Entry.objects.filter(done_at=None).exists())
        self.done.append(_turn(before, self._cpu(), begun, mails))
        check(pks)

    def forget(self) -> None:
        """Begin to count."""
        for turns in (self.raw, self.filed, self.done):
            turns.clear()

    def rows(self, workers: int) -> list[Row]:
        """The gate first; then mails per second by the clock on the wall, which is reported only."""
        raw, filed, done = ([one.cpu for one in turns] for turns in (self.raw, self.filed, self.done))
        raw_rate, rate, done_rate = ([one.rate for one in turns] for turns in (self.raw, self.filed, self.done))
        return [
            harness.compare(f"one mail filed by {workers} workers", filed, raw, LIMIT),
            harness.compare("one mail, and the steps after its entry", done, raw),
            harness.alone(f"raw pipeline in {workers} processes", raw),
            harness.alone("of filing, Redis", [Cpu(one.redis) for one in self.filed]),
            harness.ratio("mails filed, by the clock", rate, raw_rate, "msgs/s"),
            harness.ratio("mails filed, and the steps after, by the clock", done_rate, raw_rate, "msgs/s"),
        ]

    def _raw(self, letters: list[Letter]) -> Turn:
        for place, filer in enumerate(self._filers):
            filer.ask("take", letters=letters[place :: len(self._filers)])
        before, begun = self._cpu(), time.monotonic()
        for filer in self._filers:
            filer.tell("file")
        for filer in self._filers:
            filer.answer()
        return _turn(before, self._cpu(), begun, len(letters), "raw")

    def _cpu(self) -> dict[str, float]:
        return {**self._desk.cpu(), "raw": sum(harness.process_ms(filer.pid) for filer in self._filers)}


def _turn(before: dict[str, float], after: dict[str, float], begun: float, mails: int, *apps: str) -> Turn:
    used = {name: (after[name] - before[name]) / mails for name in after}
    app = sum(used[name] for name in apps or ("worker", "redis"))
    return Turn(Cpu(app, used["postgres"]), mails / (time.monotonic() - begun), used["redis"])


@contextlib.contextmanager
def _raw_filers(count: int) -> Iterator[list[Child]]:
    """Processes of the raw pipeline that share its tables."""
    url = ingest.settings_url()
    Pipeline(url, SCHEMA).close()
    filers = [Child("helpdesk.bench.raw_filer") for _ in range(count)]
    try:
        for filer in filers:
            filer.ask("open", url=url, schema=SCHEMA)
        yield filers
    finally:
        for filer in filers:
            filer.end()


@contextlib.contextmanager
def _held(worker: int) -> Iterator[None]:
    """Nobody of the worker's session moves meanwhile."""
    os.killpg(worker, signal.SIGSTOP)
    try:
        yield
    finally:
        os.killpg(worker, signal.SIGCONT)


def _wait(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DRAIN_SECONDS
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError(f"mails wait after {DRAIN_SECONDS:.0f} s; see the worker's log")
        time.sleep(LOOK_SECONDS)
