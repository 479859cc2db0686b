"""`manage.py bench ingest --rounds 5 --json`: measures on servers and data of its own."""

import json
import sys
from collections.abc import Callable
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from helpdesk.bench import (
    chat,
    desks,
    e2e,
    fanout,
    flatness,
    importing,
    inbox,
    ingest,
    merging,
    reconnect,
    search,
    sending,
    servers,
    sockets,
    thread,
    throughput,
    webhook,
    widget,
)

# Each measurement with the options that it understands.
BENCHES: dict[str, tuple[Callable[..., dict[str, Any]], tuple[str, ...]]] = {
    "chat": (chat.run, ("rounds", "rates", "seconds", "count")),
    "e2e": (e2e.run, ("rounds", "rates", "seconds", "stored")),
    "fanout": (fanout.run, ("rounds", "sockets")),
    "import": (importing.run, ("rounds", "wanted")),
    "inbox": (inbox.run, ("rounds", "requests", "wanted")),
    "ingest": (ingest.run, ("rounds", "mails", "stored")),
    "ingest-scale": (flatness.run, ("rounds", "mails", "scale")),
    "ingest-workers": (throughput.run, ("rounds", "mails", "stored", "workers")),
    "merge": (merging.run, ("rounds", "wanted", "lengths")),
    "reconnect": (reconnect.run, ("rounds", "count", "who")),
    "search": (search.run, ("rounds", "requests", "wanted")),
    "send": (sending.run, ("rounds", "messages", "seconds")),
    "sockets": (sockets.run, ("rounds", "count", "who")),
    "thread": (thread.run, ("rounds", "requests", "wanted", "lengths")),
    "webhook": (webhook.run, ("rounds", "rates", "seconds")),
    "widget": (widget.run, ("rounds",)),
}
# How large the desks are where nothing is said.
SCALES = {
    "import": (1_000_000,), "inbox": (10_000, 1_000_000), "merge": (1_000,), "search": (100_000, 1_000_000),
    "thread": (10_000,),
}  # fmt: skip
# How long the customers are.
LENGTHS = {"merge": (100, 1_000, 10_000), "thread": (10, 1_000, 100_000)}
# Of a chat: how many widgets are open, how many messages come a second, and how long.
OF_A_CHAT = {"count": 500, "rates": [50], "seconds": 30}
OTHERWISE = {"count": 2000, "rates": [20, 50, 200, 500], "seconds": 10}


class Command(BaseCommand):
    """Starts servers of its own and runs itself once more inside, so that nothing of the desk is touched."""

    help = "Measure CPU per operation beside an interleaved reference; exits 1 when a limit is missed."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Say what can be asked for."""
        parser.add_argument("name", choices=sorted(set(BENCHES) - {"ingest-scale", "ingest-workers"}))
        parser.add_argument("--rounds", type=int, default=5)
        parser.add_argument("--mails", type=int, default=300, help="mails in a round")
        parser.add_argument("--messages", type=int, default=400, help="send: answers that wait at once")
        parser.add_argument("--stored", type=int, default=100_000, help="messages that are there before")
        parser.add_argument("--rate", dest="rates", type=_numbers, help="messages a second")
        parser.add_argument("--seconds", type=int, help="how long messages come at one rate")
        parser.add_argument("--sockets", type=_numbers, default=[100, 500, 2000], help="how many hear one hint")
        parser.add_argument("--count", type=int, help="sockets that are idle, or lost and back; open widgets")
        parser.add_argument("--who", choices=["agents", "widgets"], default="agents", help="whose sockets")
        parser.add_argument("--requests", type=int, default=20, help="requests of each kind in a round")
        parser.add_argument(
            "--scale", type=desks.sizes, help="10k,1m: conversations, for ingest and search messages; in turns"
        )
        parser.add_argument("--entries", type=float, default=2.0, help="entries of a conversation, on average")
        parser.add_argument("--lengths", type=desks.sizes, help="10,1k,100k: entries of the customers to compare")
        parser.add_argument("--workers", type=int, help="ingest: measure so many processes of the real worker")
        parser.add_argument("--keep", action="store_true", help="leave the desks of --scale for the next run")
        parser.add_argument("--json", action="store_true", help="print the whole result as JSON")
        parser.add_argument("--inside", action="store_true", help="the servers run: this is the process to measure")

    def handle(self, *args: Any, name: str, inside: bool, **options: Any) -> None:
        """Print the result. Exits 1 when a ratio is over its limit."""
        if not inside:
            sys.exit(servers.run_inside(name, [*sys.argv[1:], "--inside"]))
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        if name == "ingest":
            name = "ingest-scale" if options["scale"] else "ingest-workers" if options["workers"] else name
        options["wanted"] = desks.Wanted(options["scale"] or SCALES.get(name, ()), options["entries"], options["keep"])
        options["lengths"] = options["lengths"] or LENGTHS.get(name, ())
        for option, usual in (OF_A_CHAT if name == "chat" else OTHERWISE).items():
            options[option] = options[option] or usual
        measure, understood = BENCHES[name]
        report = measure(**{option: options[option] for option in understood})
        self.stdout.write(json.dumps(report, indent=2) if options["json"] else _table(report))
        if any(row["ok"] is False for row in report["rows"]):
            sys.exit(1)


def _numbers(text: str) -> list[int]:
    return [int(one) for one in text.split(",")]


def _table(report: dict[str, Any]) -> str:
    head = f"{report['name']}, {report['rounds']} rounds, load {report['load']}"
    lines = [
        f"{row['value']:10.3f} {row['unit']:7} {_cell(row, 'cpu_app_ms', 'app')} {_cell(row, 'cpu_pg_ms', 'pg')}"
        f" {_cell(row, 'ratio', 'x')} {'' if row['ok'] is None else 'met' if row['ok'] else 'MISSED':6}  {row['what']}"
        for row in report["rows"]
    ]
    return "\n".join([head, *lines])


def _cell(row: dict[str, Any], name: str, mark: str) -> str:
    return " " * 12 if row[name] is None else f"{mark:3} {row[name]:8.3f}"
