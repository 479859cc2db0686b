"""`manage.py export FILE`: everything the desk knows, in a form that anybody can read, while the desk goes on."""

import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from agents import audit
from helpdesk.backups import server
from helpdesk.backups.archive import Refused
from helpdesk.embedded import NotHere
from helpdesk.exports import loading, making
from helpdesk.exports.bundle import Manifest

SHOWN = ("customers", "conversations", "entries", "messages")


class Command(BaseCommand):
    help = "Write all data as JSON lines and files to FILE (or, named by time, into the folder FILE): docs/export.md."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Say what can be asked for."""
        parser.add_argument("file", metavar="FILE", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        """Print where it is, how large, and what it holds. Exits 1 with a sentence when it could not be made."""
        path = file / making.named_by_time() if file.is_dir() else file
        began_at = time.monotonic()
        try:
            with server.running():
                audit.changed(None, "export", {}, {"file": path.name})
                manifest = making.make(path)
        except (Refused, NotHere) as problem:
            raise CommandError(str(problem)) from None
        except (OSError, DatabaseError) as problem:
            raise CommandError(f"The export was not made: {problem}") from None
        self.stdout.write(f"{path}: {path.stat().st_size:,} bytes, {time.monotonic() - began_at:.1f} s")
        self.stdout.write(told(manifest))


def told(manifest: Manifest) -> str:
    """Say what an export holds, and the sum to compare it by."""
    counts = ", ".join(f"{manifest.count(name):,} {name}" for name in SHOWN)
    return (
        f"{counts}, {manifest.files_count:,} files; {manifest.rows:,} rows of {len(manifest.nouns)} nouns, as of"
        f" {manifest.made_at}; digest {loading.digest(manifest)}"
    )
