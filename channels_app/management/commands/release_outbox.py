"""`manage.py release_outbox`: after a restore, let replies leave again."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from channels_app import outbox


class Command(BaseCommand):
    help = (
        "Let a desk that was restored from a backup send, poll and wake again. Replies that waited in the backup may "
        "have been sent since: they are marked so, and a person decides. With --send-old they go out."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--send-old",
            action="store_true",
            help="send what waited in the backup too: only right when no desk ran since it was taken",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        held = outbox.release(by=None, sends_old=options["send_old"])
        if held is None:
            self.stdout.write("The outbox is not held.")
            return
        fate = "will go out" if options["send_old"] else "marked: may have been sent"
        self.stdout.write(f"Released. From the backup: {held.old} ({fate}). Written since: {held.new} (will go out).")
