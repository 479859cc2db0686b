"""Shows how a raw mail is understood: the parser of the intake, without storing anything."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand

from channels_app.adapters.email import adapter
from channels_app.adapters.email.as_json import as_json
from helpdesk.lib.inbound import Malformed


class Command(BaseCommand):
    help = (
        "Read one raw mail on standard input and print one JSON object. With --batch: read NUL-separated "
        "paths and print one object per line, in the same order."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print JSON (the only form there is)")
        parser.add_argument("--batch", action="store_true", help="read NUL-separated paths instead of a mail")

    def handle(self, *args: Any, **options: Any) -> None:
        source = sys.stdin.buffer
        mails = map(_content, _paths(source)) if options["batch"] else iter([source.read()])
        for raw in mails:
            self.stdout.write(json.dumps(_understood(raw), ensure_ascii=False))
            self.stdout.flush()


def _paths(source: BinaryIO) -> list[Path]:
    return [Path(name.decode("utf-8", "surrogateescape")) for name in source.read().split(b"\0") if name]


def _content(path: Path) -> bytes | str:
    try:
        return path.read_bytes()
    except OSError as error:
        return f"{error.strerror}: {path.name}"


def _understood(raw: bytes | str) -> dict[str, Any]:
    if isinstance(raw, str):
        return {"error": raw}
    try:
        return as_json(adapter.read(raw))
    except Malformed as error:
        return {"error": str(error)}
