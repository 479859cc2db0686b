"""`manage.py import_customers FILE`: customers out of a CSV file, as the page of the settings does it, in one go."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from conversations.importing import mapping, reading, running
from conversations.models.importing import CustomerImport
from helpdesk.lib import sheets

CHUNK_BYTES = 1024 * 1024
State = CustomerImport.State


class Command(BaseCommand):
    help = "Import customers from a CSV file; the same file twice changes nothing. Safe beside a running desk."

    def add_arguments(self, parser: CommandParser) -> None:
        """Say what can be asked for."""
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--column", action="append", default=[], metavar="NAME=FIELD", help="what a column holds")
        parser.add_argument("--encoding", choices=sorted(reading.ENCODINGS), help="where the guess is wrong")
        parser.add_argument("--delimiter", choices=[",", ";", "tab"], help="where the guess is wrong")
        parser.add_argument("--check", action="store_true", help="only count what would happen")
        parser.add_argument("--problems", type=Path, metavar="FILE", help="write the rows that were not taken there")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        """Print what became of the rows. Exits 1 with a sentence when the file cannot be read."""
        try:
            run = running.keep(file.name, _pieces(file), by=None)
            if options["encoding"] or options["delimiter"]:
                delimiter = (options["delimiter"] or run.delimiter).replace("tab", "\t")
                run = running.look_anew(run, options["encoding"] or run.encoding, delimiter)
            running.check(run, _mapped(run, options["column"]))
        except OSError as problem:
            raise CommandError(f"{file} cannot be read: {problem.strerror}.") from None
        except (reading.Unreadable, mapping.Wrong) as problem:
            raise CommandError(str(problem)) from None
        self._work(run)
        if options["check"]:
            running.cancel(run, by=None)
        else:
            running.begin(run, by=None)
            self._work(run)
        self._tell(run, options["problems"])

    def _work(self, run: CustomerImport) -> None:
        before = -1
        while run.is_under_way or before < 0:
            # Another import may have its turn first; the desk's workers bring it to its end.
            running.work(run.pk, seconds=5.0)
            run.refresh_from_db()
            if run.position == before:
                time.sleep(1)
            else:
                before = run.position
                self.stderr.write(f"{run.get_state_display()}: {before:,} rows")
        if run.error:
            raise CommandError(run.error)

    def _tell(self, run: CustomerImport, problems: Path | None) -> None:
        self.stdout.write(", ".join(f"{count:,} {name}" for name, count in run.counts.items()) + ".")
        rows = run.problems.order_by("row")
        if problems is not None:
            with problems.open("w", encoding="utf-8", newline="") as out:
                out.write(sheets.BOM + sheets.line(["Row", "Line", "Why", *run.header]))
                out.writelines(sheets.line([row.row, row.line, row.why, *row.cells]) for row in rows.iterator())
            return
        for row in rows[:20]:
            self.stdout.write(f"line {row.line}: {row.why}")


def _pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as stream:
        while piece := stream.read(CHUNK_BYTES):
            yield piece


def _mapped(run: CustomerImport, given: list[str]) -> list[str]:
    found = list(run.mapping)
    for text in given:
        name, _mark, target = text.rpartition("=")
        if name not in run.header:
            raise mapping.Wrong(f"There is no column {name!r}; there are: {', '.join(run.header)}.")
        found[run.header.index(name)] = target
    return found
