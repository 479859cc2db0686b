"""What the turns of `bench chat` amount to: delays each way, what was lost, doubled or out of order, CPU."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from helpdesk.bench.e2e_sums import percentile
from helpdesk.bench.harness import Row

# Customer, entries and since when each is in hand, pages loaded anew, fetches.
Hands = list[tuple[int, dict[int, float], int, int]]
WAYS = {False: "visitor to agent", True: "agent to visitor"}


class Said(NamedTuple):
    """A message on its timeline; in the order in which the timeline shows them."""

    number: int
    entry: int
    customer: int
    is_answer: bool


@dataclass
class Turn:
    """One turn: what was to be said and was accepted, what stands on the timelines, and who has it in hand."""

    wanted: int
    accepted: dict[int, float]
    # (number, status) that was refused for good; how often something was tried again.
    refused: list[tuple[int, int]]
    again: int
    filed: list[Said]
    # Of the agents' pages, and of the visitors' frames.
    hands: tuple[Hands, Hands]
    # How many were not filed, or had not left, when the last one was accepted.
    waiting: int
    cpu: dict[str, float]

    def delays(self, *, is_answer: bool) -> list[float]:
        """Milliseconds from accepted to in hand on the other side, of each message one way."""
        return [1_000 * (at - self.accepted[row.number]) for row, at in self._crossed() if row.is_answer is is_answer]

    def lost(self) -> int:
        """Messages that were accepted and stand on no timeline, or were never accepted."""
        return self.wanted - len({row.number for row in self.filed} & self.accepted.keys())

    def doubled(self) -> int:
        """Messages that stand on a timeline more than once."""
        return sum(count - 1 for count in Counter(row.number for row in self.filed).values())

    def not_in_hand(self) -> int:
        """Messages that the other side does not show at the end, or whose own side does not."""
        agents, visitors = self._by_customer()
        there = [(visitors if row.is_answer else agents, row) for row in self.filed]
        own = [(visitors, row) for row in self.filed if not row.is_answer]
        return sum(row.entry not in hands.get(row.customer, {}) for hands, row in [*there, *own])

    def out_of_order(self) -> int:
        """Messages that a timeline shows before an earlier one of the same side, or that came before it did."""
        return self._shown_out_of_order() + self._came_out_of_order()

    def _shown_out_of_order(self) -> int:
        shown: defaultdict[tuple[int, bool], list[int]] = defaultdict(list)
        for row in self.filed:
            shown[row.customer, row.is_answer].append(row.number)
        return sum(late < early for row in shown.values() for early, late in pairwise(row))

    def _came_out_of_order(self) -> int:
        came: defaultdict[tuple[int, bool], list[tuple[int, float]]] = defaultdict(list)
        for row, at in self._crossed():
            came[row.customer, row.is_answer].append((row.number, at))
        return sum(late[1] < early[1] for rows in came.values() for early, late in pairwise(sorted(rows)))

    def _crossed(self) -> Iterator[tuple[Said, float]]:
        """Each message with the time at which the other side had it in hand."""
        agents, visitors = self._by_customer()
        for row in self.filed:
            hand = (visitors if row.is_answer else agents).get(row.customer, {})
            if row.entry in hand and row.number in self.accepted:
                yield row, hand[row.entry]

    def _by_customer(self) -> tuple[dict[int, dict[int, float]], dict[int, dict[int, float]]]:
        agents, visitors = ({one[0]: one[1] for one in side} for side in self.hands)
        return agents, visitors

    @staticmethod
    def rows_of(turns: "list[Turn]", rate: int) -> list[Row]:
        """The lines of the result for one rate."""
        return [*_counts(turns, rate), *_delays(turns, rate), *_costs(turns, rate)]


def _counts(turns: list[Turn], rate: int) -> list[Row]:
    demanded = {
        "messages lost": Turn.lost,
        "messages doubled": Turn.doubled,
        "messages not in hand at the end": Turn.not_in_hand,
        "messages out of order": Turn.out_of_order,
        "refused for good": lambda turn: len(turn.refused),
    }
    rows = []
    for what, count in demanded.items():
        found = sum(count(one) for one in turns)
        rows.append(Row(f"{rate}/s: {what}", found, "", limit=0, ok=found == 0))
    return [*rows, Row(f"{rate}/s: tried again", sum(one.again for one in turns), "")]


def _delays(turns: list[Turn], rate: int) -> list[Row]:
    return [
        Row(
            f"{rate}/s: {way}, accepted to in hand, p{percent}",
            round(median(percentile(one.delays(is_answer=is_answer), percent) for one in turns), 1), "ms",
        )
        for is_answer, way in WAYS.items()
        for percent in (50, 95, 99)
    ]  # fmt: skip


def _costs(turns: list[Turn], rate: int) -> list[Row]:
    messages = max(1, sum(len(one.filed) for one in turns))
    took = [max(one.accepted.values()) - min(one.accepted.values()) for one in turns if one.accepted]
    pace = median(len(one.accepted) / max(0.001, seconds) for one, seconds in zip(turns, took, strict=False))
    fetches = sum(hand[3] for one in turns for side in one.hands for hand in side) / messages
    return [
        Row(f"{rate}/s: accepted", round(pace, 1), "per s"),
        Row(f"{rate}/s: not filed or not sent when the last was accepted", max(one.waiting for one in turns), ""),
        Row(f"{rate}/s: fetches per message, both sides", round(fetches, 2), ""),
        *(_cost(turns, rate, name, messages) for name in turns[0].cpu),
    ]


def _cost(turns: list[Turn], rate: int, name: str, messages: int) -> Row:
    used = sum(one.cpu[name] for one in turns) / messages
    return Row(f"{rate}/s: CPU of {name} per message", round(used, 2), "ms CPU")
