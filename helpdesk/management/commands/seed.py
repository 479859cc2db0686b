"""`manage.py seed --profile=…`: data to begin with (demo), the same small desk (e2e), or a large one (bench)."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from helpdesk.seeds import bench, demo, e2e

PROFILES = ("bench", "demo", "e2e")
CONVERSATIONS_OF_A_CUSTOMER = 5


class Command(BaseCommand):
    help = "Load data to begin with. Running demo again adds nothing; running e2e or bench again starts over."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--profile", choices=PROFILES, required=True)
        group = parser.add_argument_group("only for bench")
        group.add_argument("--size", type=int, default=1_000_000, help="conversations")
        group.add_argument("--customers", type=int, help="a fifth as many as conversations, where nothing is said")
        group.add_argument("--entries", type=float, default=5.1, help="entries of a conversation, on average")
        group.add_argument("--seed", default="1", help="the same word gives the same rows")
        group.add_argument("--replace", action="store_true", help="remove the customers of this database")

    def handle(self, *args: Any, profile: str, **options: Any) -> None:
        if profile == "bench":
            made = bench.load(_wish(options))
        else:
            made = {"demo": demo.load, "e2e": e2e.load}[profile]()
        self.stdout.write(json.dumps(made, indent=2))


def _wish(options: dict[str, Any]) -> bench.Wish:
    size = options["size"]
    customers = options["customers"]
    if customers is None:
        customers = min(size, max(2, size // CONVERSATIONS_OF_A_CUSTOMER))
    return bench.Wish(size, options["entries"], options["seed"], options["replace"], customers)
