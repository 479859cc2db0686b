"""Many rows at once to the database: who each is, what changes, and one entry for each change, as by hand.

Nobody is ever joined: a row that would make one of two customers is refused. A pass that only checks asks the same
questions and writes nothing but ImportKey.
"""

from dataclasses import dataclass, field

from django.db import IntegrityError, transaction

from agents.models import Agent
from conversations.importing.cleaning import Cleaner, Refusal, Wanted
from conversations.importing.gathering import NEW, REFUSED, UNCHANGED, UPDATED, Batch
from conversations.importing.reading import Row
from conversations.models.importing import CustomerImport

ROUNDS = 5


class Busy(Exception):
    """People kept changing under our hands; the batch is tried again later."""


@dataclass(slots=True)
class Outcome:
    """What became of the rows: counts by word, and the rows that were not taken with the reason."""

    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys((NEW, UPDATED, UNCHANGED, REFUSED), 0))
    problems: list[tuple[Row, str]] = field(default_factory=list)


class Filer:
    """Files the rows of one import."""

    def __init__(self, run: CustomerImport, by: Agent | None, *, is_check: bool) -> None:
        self.run, self.by, self.is_check = run, by, is_check
        self.cleaner = Cleaner(list(run.mapping))

    def file(self, rows: list[Row]) -> Outcome:
        """File some rows inside the caller's transaction. Takes the row locks of all customers found. Raises Busy."""
        problems: list[tuple[Row, str]] = []
        wanted: list[Wanted] = []
        for row in rows:
            try:
                wanted.append(self.cleaner.clean(row))
            except Refusal as refusal:
                problems.append((row, str(refusal)))
        for _round in range(ROUNDS):
            try:
                with transaction.atomic():
                    return self._filed(wanted, Outcome(problems=list(problems)))
            except IntegrityError:
                # Somebody wrote from a new address, or was merged, at this very moment: look again who it is.
                continue
        raise Busy(self.run.filename)

    def _filed(self, wanted: list[Wanted], outcome: Outcome) -> Outcome:
        batch = Batch(self.run, self.by, wanted, is_check=self.is_check)
        for one in wanted:
            try:
                outcome.counts[batch.take(one)] += 1
            except Refusal as refusal:
                outcome.problems.append((one.row, str(refusal)))
        outcome.counts[REFUSED] = len(outcome.problems)
        batch.end()
        return outcome
