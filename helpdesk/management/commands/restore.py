"""`manage.py restore FILE`: makes the database what a backup says; nothing is sent until `release_outbox`."""

import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from helpdesk.backups import restoring, server
from helpdesk.backups.archive import Refused
from helpdesk.embedded import NotHere


class Command(BaseCommand):
    help = (
        "Restore a backup into an empty database (or, with --replace, into one whose data may go). Stop the desk first."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Say what can be asked for."""
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--replace", action="store_true", help="the data that is there now is lost")
        parser.add_argument("--check", action="store_true", help="only read the file to its end; touch nothing")
        parser.add_argument("--other-key", action="store_true", help="go on though SECRET_KEY is another one")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        """Say what is there now. Exits 1 with a sentence, and nothing changed, when it cannot be."""
        began_at = time.monotonic()
        try:
            if options["check"]:
                manifest = restoring.check(file)
                self.stdout.write(f"{file} is whole: {manifest.rows:,} rows, as of {manifest.taken_at}.")
                return
            with server.running():
                manifest = restoring.restore(file, replaces=options["replace"], other_key=options["other_key"])
        except (Refused, NotHere) as problem:
            raise CommandError(str(problem)) from None
        except (OSError, DatabaseError) as problem:
            raise CommandError(f"The restore failed: {problem}") from None
        seconds = time.monotonic() - began_at
        self.stdout.write(f"Restored {manifest.rows:,} rows as of {manifest.taken_at} in {seconds:.1f} s.")
        self.stdout.write(
            "Nothing is sent, polled or woken until you say `manage.py release_outbox`, or press the button."
        )
