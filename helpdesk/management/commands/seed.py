"""`manage.py seed --profile=…`: data to begin with (demo), or the same small desk every time (e2e)."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from helpdesk.seeds import demo, e2e

PROFILES = {"demo": demo.load, "e2e": e2e.load}


class Command(BaseCommand):
    help = "Load data to begin with. Running demo again adds nothing; running e2e again starts over."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--profile", choices=sorted(PROFILES), required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        made = PROFILES[options["profile"]]()
        self.stdout.write(json.dumps(made, indent=2))
