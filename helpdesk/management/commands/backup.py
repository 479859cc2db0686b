"""`manage.py backup FILE`: the whole installation in one file, while the desk goes on."""

import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from helpdesk.backups import server, taking
from helpdesk.backups.archive import Manifest, Refused
from helpdesk.embedded import NotHere

SHOWN = {
    "customers_customer": "customers",
    "conversations_conversation": "conversations",
    "conversations_message": "messages",
    "conversations_blob": "files",
    "channels_app_rawevent": "raw events",
}


class Command(BaseCommand):
    help = "Write a backup of everything to FILE (or, named by time, into the folder FILE). The desk may keep running."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Say what can be asked for."""
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--keep", type=int, metavar="N", help="in a folder: afterwards remove all but the newest N")

    def handle(self, *args: Any, file: Path, keep: int | None, **options: Any) -> None:
        """Print where it is, how large, and what it holds. Exits 1 with a sentence when it could not be made."""
        if keep is not None and (keep < 1 or not file.is_dir()):
            raise CommandError("--keep N wants a folder as FILE and a number of at least 1.")
        path = taking.named_by_time(file) if file.is_dir() else file
        began_at = time.monotonic()
        try:
            with server.running():
                manifest = taking.take(path)
        except (Refused, NotHere) as problem:
            raise CommandError(str(problem)) from None
        except (OSError, DatabaseError) as problem:
            raise CommandError(f"The backup was not made: {problem}") from None
        self._tell(path, manifest, time.monotonic() - began_at)
        for gone in taking.keep_newest(file, keep) if keep else ():
            self.stdout.write(f"Removed {gone}")

    def _tell(self, path: Path, manifest: Manifest, seconds: float) -> None:
        counts = ", ".join(f"{manifest.rows_of(table):,} {word}" for table, word in SHOWN.items())
        self.stdout.write(f"{path}: {path.stat().st_size:,} bytes, {seconds:.1f} s")
        self.stdout.write(
            f"{counts}; {manifest.rows:,} rows in {len(manifest.tables)} tables, as of {manifest.taken_at}"
        )
        self.stdout.write("SECRET_KEY is not in it. Keep a copy of the key too, in another place.")
