"""`manage.py learn`: read what was said before the desk learnt to read, or before it was told how orders look."""

from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from conversations.known import learning


class Command(BaseCommand):
    help = (
        "Read the whole history again for known things and for who may be one person. Safe beside a running desk; "
        "may be stopped and started again at any time."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from-entry", type=int, default=0, help="go on behind this entry")
        parser.add_argument("--from-customer", type=int, default=0, help="go on behind this customer")
        parser.add_argument("--batch", type=int, default=learning.BATCH_MAX, help="how many at a time, at most 1000")

    def handle(self, *args: Any, **options: Any) -> None:
        batch = options["batch"]
        if not options["from_customer"]:
            self._run("entries", learning.read_entries(options["from_entry"], batch=batch))
        self._run("customers", learning.look_at_customers(options["from_customer"], batch=batch))

    def _run(self, what: str, steps: Iterator[learning.Step]) -> None:
        count = new = gone = 0
        flag = {"entries": "--from-entry", "customers": "--from-customer"}[what]
        for step in steps:
            count, new, gone = count + step.count, new + step.new, gone + step.gone
            self.stdout.write(f"{count} {what} read (to go on from here: {flag} {step.last})")
        told = f", {new} things learnt, {gone} given up" if what == "entries" else ""
        self.stdout.write(f"{count} {what} read{told}.")
