"""The one way CSV is written: for people who open it in a spreadsheet, which runs what looks like a formula."""

import csv
import io
from collections.abc import Iterable

# What spreadsheets take for the beginning of a formula (OWASP ASVS 5.0, V1.2.10, read 2026-11-28).
FORMULA = ("=", "+", "-", "@", "\t", "\r")
# Tells spreadsheets that what follows is UTF-8.
BOM = "\ufeff"


def line(cells: Iterable[object]) -> str:
    """Write one row, with its line end."""
    buffer = io.StringIO()
    csv.writer(buffer, quoting=csv.QUOTE_ALL).writerow([safe(cell) for cell in cells])
    return buffer.getvalue()


def safe(cell: object) -> str:
    """Return a cell that no spreadsheet runs: an apostrophe stands before what looks like a formula."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(FORMULA) else text


def original(text: str) -> str:
    """Return what a cell held before `safe` wrote it."""
    return text[1:] if text[:1] == "'" and text[1:].startswith(FORMULA) else text
