"""`manage.py reconcile`: show that nothing that came in is missing."""

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from channels_app.models import Channel
from channels_app.reconcile import Line, lines

COLUMNS = ("received", "filed", "duplicate", "ignored", "quarantined", "waiting", "messages", "repeated", "entries")


class Command(BaseCommand):
    help = "Balance what came in against what was filed, per channel and day. Exits 1 when something is missing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object per line")

    def handle(self, *args: Any, **options: Any) -> None:
        found = list(lines())
        show = self._json if options["json"] else self._table
        show(found)
        if not all(line.balances for line in found):
            sys.exit(1)

    def _json(self, found: list[Line]) -> None:
        for line in found:
            self.stdout.write(json.dumps({**asdict(line), "day": line.day.isoformat(), "ok": line.balances}))

    def _table(self, found: list[Line]) -> None:
        names = dict(Channel.objects.values_list("pk", "name"))
        self.stdout.write(f"{'channel':<20} {'day':<10} " + " ".join(f"{name:>11}" for name in COLUMNS))
        for line in found:
            numbers = " ".join(f"{getattr(line, name):>11}" for name in COLUMNS)
            verdict = "" if line.balances else f"  {line.missing_events} events, {line.missing_entries} entries missing"
            self.stdout.write(f"{names[line.channel_id][:20]:<20} {line.day} {numbers}{verdict}")
