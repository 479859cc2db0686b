"""`manage.py import_export FILE`: makes an empty desk what an export says; nothing is sent until `release_outbox`."""

import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from agents.models import Agent
from helpdesk.backups import server
from helpdesk.backups.archive import Refused
from helpdesk.embedded import NotHere
from helpdesk.exports import loading
from helpdesk.management.commands.export import told


class Command(BaseCommand):
    help = "Load what `export` wrote into an empty, migrated database. Stop the desk first."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Say what can be asked for."""
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--check", action="store_true", help="only read the file to its end; touch nothing")
        parser.add_argument(
            "--verify",
            action="store_true",
            help="read all out again before it counts, and compare all sums",
        )

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        """Say what is there now. Exits 1 with a sentence, and nothing changed, when it cannot be."""
        began_at = time.monotonic()
        try:
            if options["check"]:
                self.stdout.write(f"{file} is whole: {told(loading.check(file))}.")
                return
            with server.running():
                manifest = loading.load(file, verified=options["verify"])
                admins = list(Agent.objects.filter(role__can_administer=True, is_active=True).order_by("pk"))
        except (Refused, NotHere) as problem:
            raise CommandError(str(problem)) from None
        except (OSError, DatabaseError) as problem:
            raise CommandError(f"The export was not loaded: {problem}") from None
        self.stdout.write(f"Loaded in {time.monotonic() - began_at:.1f} s: {told(manifest)}.")
        if options["verify"]:
            self.stdout.write("Read out again: counts and sums of all nouns are those of the file.")
        names = ", ".join(admin.email for admin in admins[:20]) or "nobody"
        self.stdout.write(f"Who may administer: {names}. Passwords did not travel: `manage.py changepassword EMAIL`.")
        self.stdout.write("Channels need their passwords again. Nothing is sent until `manage.py release_outbox`.")
