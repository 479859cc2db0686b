"""What the phases of `bench e2e` amount to: delays, what was lost, doubled or out of order, CPU per message."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from helpdesk.bench.crowd import Heard
from helpdesk.bench.harness import Row, ratio

RELAY_LIMIT = 2.0
HINT_LIMIT_MS = 250.0
FRAGMENT_LIMIT_MS = 1_000.0


class Filed(NamedTuple):
    """A message on its timeline; in the order in which the timeline shows them."""

    number: int
    entry: int
    customer: int
    touched_seq: int
    committed_at: float


@dataclass
class Phase:
    """One turn of the desk and, before it, of the relay."""

    accepted: dict[int, float]
    filed: list[Filed]
    heard: list[tuple[list[Heard], list[float]]]
    hands: list[tuple[int, dict[int, float], int, int]]
    # While the desk rested, and while it worked.
    relayed: tuple[list[float], list[float]]
    backlog: int
    drained_at: float
    cpu: dict[str, float]

    def first_heard(self) -> Iterator[tuple[Filed, float]]:
        """Each message with the time at which one socket first heard of it."""
        rows = {row.entry: row for row in self.filed}
        for heard, _resyncs in self.heard:
            first: dict[int, float] = {}
            for at, _customer, entry, _seq, _audience in heard:
                first.setdefault(entry, at)
            yield from ((rows[entry], at) for entry, at in first.items() if entry in rows)

    def in_hand(self) -> Iterator[tuple[Filed, float]]:
        """Each message with the time at which the page of its customer had it."""
        pages = {customer: hand for customer, hand, _reloads, _failures in self.hands}
        yield from ((row, pages[row.customer][row.entry]) for row in self.filed if row.entry in pages[row.customer])

    def lost(self) -> int:
        """Messages accepted and not filed, and hints that a socket neither heard nor was told to catch up on."""
        missing = len(self.accepted) - len(self.filed)
        for heard, resyncs in self.heard:
            known = {one[2] for one in heard}
            told = max(resyncs, default=0.0)
            missing += sum(row.entry not in known and row.committed_at > told for row in self.filed)
        return missing

    def resyncs(self) -> int:
        """How often a socket was told to catch up."""
        return sum(len(resyncs) for _heard, resyncs in self.heard)

    def not_in_hand(self) -> int:
        """Messages that no page of their customer shows at the end, unless it was loaded anew since."""
        reloaded = {customer for customer, _hand, reloads, _failures in self.hands if reloads}
        pages = {customer: hand for customer, hand, _reloads, _failures in self.hands}
        return sum(row.entry not in pages[row.customer] and row.customer not in reloaded for row in self.filed)

    def doubles(self) -> int:
        """Hints that one socket heard twice of one audience."""
        told = [[(one[2], one[3], one[4]) for one in heard] for heard, _resyncs in self.heard]
        return sum(len(one) - len(set(one)) for one in told)

    def hints_out_of_order(self) -> int:
        """Hints of one customer with a smaller number than the one before, on one socket and audience."""
        found = 0
        for heard, _resyncs in self.heard:
            numbers: defaultdict[tuple[int, str], list[int]] = defaultdict(list)
            for _at, customer, _entry, seq, audience in heard:
                numbers[customer, audience].append(seq)
            found += sum(late < early for row in numbers.values() for early, late in pairwise(row))
        return found

    def shown_out_of_order(self) -> int:
        """Messages of one customer that the timeline shows before one that was accepted earlier."""
        shown: defaultdict[int, list[int]] = defaultdict(list)
        for row in self.filed:
            shown[row.customer].append(row.number)
        return sum(late < early for row in shown.values() for early, late in pairwise(row))

    def filed_per_second(self) -> float:
        """How many messages were filed a second, from the first that was accepted to the last that was filed."""
        return len(self.filed) / max(0.001, self.drained_at - min(self.accepted.values()))

    @staticmethod
    def rows_of(phases: "list[Phase]", rate: int, *, is_gated: bool) -> list[Row]:
        """The lines of the result for one rate."""
        return [
            *_delays(phases, rate, is_gated=is_gated),
            *_counts(phases, rate),
            *_speed(phases, rate),
        ]


def _delays(phases: list[Phase], rate: int, *, is_gated: bool) -> list[Row]:
    commit = [_ms(at - row.committed_at for row, at in one.first_heard()) for one in phases]
    relay, beside = [_ms(one.relayed[0]) for one in phases], [_ms(one.relayed[1]) for one in phases]
    hint = [_ms(at - one.accepted[row.number] for row, at in one.first_heard()) for one in phases]
    hand = [_ms(at - one.accepted[row.number] for row, at in one.in_hand()) for one in phases]
    filed = [_ms(row.committed_at - one.accepted[row.number] for row in one.filed) for one in phases]
    commit_p50 = [percentile(one, 50) for one in commit]
    limit = RELAY_LIMIT if is_gated else None
    return [
        ratio(f"{rate}/s: committed to hint, p50, to the relay at rest", commit_p50,
              [percentile(one, 50) for one in relay], "ms", limit),
        ratio(f"{rate}/s: committed to hint, p50, to the relay meanwhile", commit_p50,
              [percentile(one, 50) for one in beside], "ms"),
        _plain(f"{rate}/s: committed to hint, p95", commit, 95),
        _plain(f"{rate}/s: raw relay, p95", relay, 95),
        _plain(f"{rate}/s: accepted to committed, p50", filed, 50),
        _plain(f"{rate}/s: accepted to committed, p95", filed, 95),
        _plain(f"{rate}/s: accepted to hint, p50", hint, 50),
        _plain(f"{rate}/s: accepted to hint, p95", hint, 95, HINT_LIMIT_MS if is_gated else None),
        _plain(f"{rate}/s: accepted to fragment in hand, p50", hand, 50),
        _plain(f"{rate}/s: accepted to fragment in hand, p95", hand, 95, FRAGMENT_LIMIT_MS if is_gated else None),
    ]  # fmt: skip


def _counts(phases: list[Phase], rate: int) -> list[Row]:
    demanded = {
        "hints neither delivered nor re-synced": Phase.lost,
        "messages not in hand at the end": Phase.not_in_hand,
        "hints twice": Phase.doubles,
        "messages shown out of order": Phase.shown_out_of_order,
        "hints out of order": Phase.hints_out_of_order,
    }
    rows = []
    for what, count in demanded.items():
        found = sum(count(one) for one in phases)
        rows.append(Row(f"{rate}/s: {what}", found, "", limit=0, ok=found == 0))
    rows.append(Row(f"{rate}/s: sockets told to catch up", sum(one.resyncs() for one in phases), ""))
    reloads = sum(page[2] for one in phases[-1:] for page in one.hands)
    return [*rows, Row(f"{rate}/s: pages loaded anew so far", reloads, "")]


def _speed(phases: list[Phase], rate: int) -> list[Row]:
    messages = sum(len(one.filed) for one in phases)
    took = [max(one.accepted.values()) - min(one.accepted.values()) for one in phases]
    accepted = median(len(one.accepted) / max(0.001, seconds) for one, seconds in zip(phases, took, strict=True))
    growth = median(one.backlog / max(0.001, seconds) for one, seconds in zip(phases, took, strict=True))
    rows = [
        Row(f"{rate}/s: accepted", round(accepted, 1), "per s"),
        Row(f"{rate}/s: filed", round(median(one.filed_per_second() for one in phases), 1), "per s"),
        Row(f"{rate}/s: the queue grew by", round(growth, 1), "per s"),
    ]
    for name in phases[0].cpu:
        used = sum(one.cpu[name] for one in phases) / max(1, messages)
        rows.append(Row(f"{rate}/s: CPU of {name} per message", round(used, 2), "ms CPU"))
    return rows


def percentile(values: list[float], percent: int) -> float:
    """Return the value that so many percent do not exceed; 0 when there are none."""
    if not values:
        return 0.0
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, len(ranked) * percent // 100)]


def _ms(seconds: Iterable[float]) -> list[float]:
    return [1_000 * one for one in seconds]


def _plain(what: str, rounds: list[list[float]], percent: int, limit: float | None = None) -> Row:
    value = median(percentile(one, percent) for one in rounds)
    return Row(what, round(value, 2), "ms", limit=limit, ok=None if limit is None else value <= limit)
