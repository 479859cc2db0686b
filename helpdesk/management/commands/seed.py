"""`manage.py seed --profile=demo`: data to begin with."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from helpdesk.seeds import demo

PROFILES = {"demo": demo.load}


class Command(BaseCommand):
    help = "Load data to begin with. Running it again adds nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--profile", choices=sorted(PROFILES), required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        made = PROFILES[options["profile"]]()
        self.stdout.write(json.dumps(made, indent=2))
