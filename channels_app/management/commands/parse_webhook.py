"""Shows how a provider's webhook is understood: the adapters' parse, without storing anything."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from channels_app import adapters
from helpdesk.lib import clock
from helpdesk.lib.events import Event, EventKind, as_json
from helpdesk.lib.inbound import Ignored, Inbound, Malformed, RawInput

CONTENT_TYPES = {"json": "application/json", "form": "application/x-www-form-urlencoded"}


class Command(BaseCommand):
    help = (
        "Read one webhook's body on standard input and print its events as JSON lines. With --batch: read "
        "NUL-separated `kind<tab>format<tab>path` and print one JSON array per body, in order; null for the unreadable."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--kind", choices=sorted(adapters.all()))
        parser.add_argument("--format", choices=sorted(CONTENT_TYPES), default="json")
        parser.add_argument("--batch", action="store_true", help="read NUL-separated places instead of a body")

    def handle(self, *args: Any, **options: Any) -> None:
        source = sys.stdin.buffer
        if options["batch"]:
            for line in _batch(source.read()):
                self.stdout.write(line)
                self.stdout.flush()
            return
        if not options["kind"]:
            raise CommandError("Say which --kind of channel the body is from.")
        try:
            found = _understood(options["kind"], options["format"], source.read())
        except Malformed as error:
            raise CommandError(str(error)) from error
        for event in found:
            self.stdout.write(json.dumps(event, ensure_ascii=False))


def _batch(places: bytes) -> Iterator[str]:
    for place in places.decode("utf-8", "surrogateescape").split("\0"):
        if place:
            yield json.dumps(_read(*place.split("\t", 2)), ensure_ascii=False)


def _read(kind: str, written: str = "json", path: str = "") -> list[dict[str, Any]] | None:
    try:
        return _understood(kind, written, Path(path).read_bytes())
    except (Malformed, OSError, KeyError):
        return None


def _understood(kind: str, written: str, body: bytes) -> list[dict[str, Any]]:
    """Return the events of a body. Raises Malformed, KeyError for a kind or a form there is not."""
    headers = {"content-type": CONTENT_TYPES[written]}
    raw = RawInput(body=body, received_at=clock.real(), headers=headers)
    return [_plain(one) for one in adapters.get(kind).parse(raw)]


def _plain(one: Inbound) -> dict[str, Any]:
    if isinstance(one, Event):
        return as_json(one)
    if isinstance(one, Ignored):
        return as_json(Event(kind=EventKind.IGNORED, details={"reason": one.reason}))
    raise TypeError(f"{type(one).__name__} is no event of a webhook.")
