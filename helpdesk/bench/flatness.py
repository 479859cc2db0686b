"""`bench ingest --scale 1k,1m`: what a mail costs beside few and many stored messages, in turns (P3)."""

import os
from typing import Any

from django.db import connections

from helpdesk.bench import harness, ingest
from helpdesk.bench.desks import databases, name_of
from helpdesk.bench.harness import Cpu, Row

LIMIT = 1.2
PARTS = ("store", "file", "raw pipeline")


def run(*, rounds: int, mails: int, scale: tuple[int, ...]) -> dict[str, Any]:
    """Measure and return the report. scale: how many messages are there before, a database for each."""
    before = os.getloadavg()
    with databases([f"mails_{stored}" for stored in scale]) as links:
        found = measure(list(zip(scale, links, strict=True)), rounds=rounds, mails=mails)
    return harness.report("ingest-scale", rounds, rows_of(found), before)


def measure(stores: list[tuple[int, Any]], *, rounds: int, mails: int) -> dict[str, dict[str, list[Cpu]]]:
    """File the same mails at each store in turns; return what was found by size and by what was measured."""
    boxes = {}
    for stored, link in stores:
        connections["default"] = link
        boxes[stored] = ingest.opened(stored)
    for number in range(rounds):
        for stored, link in stores:
            connections["default"] = link
            boxes[stored].round(boxes[stored].letters(mails, f"r{number}"))
    return {name_of(stored): box.found for stored, box in boxes.items()}


def rows_of(found: dict[str, dict[str, list[Cpu]]]) -> list[Row]:
    """The gate: the fullest store beside the emptiest; then its parts, and each by itself."""
    small, large = next(iter(found)), list(found)[-1]
    rows = [
        harness.compare(f"{what}, {large} to {small}", found[large][what], found[small][what], limit)
        for what, limit in (("ingest", LIMIT), *((part, None) for part in PARTS))
    ]
    return [
        *rows,
        *(harness.alone(f"{what}, {name}", found[name][what]) for name in found for what in ("ingest", *PARTS)),
    ]
