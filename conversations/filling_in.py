"""What was filled in beside a message's words, as its entry keeps it (Event.details["form"]). Pure."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _

FIELDS_MAX, NAME_MAX, VALUE_MAX = 30, 80, 500
WORD, DATE = "word", "date"


def lines(data: dict[str, Any]) -> list[str]:
    """Return what was typed, a line each with what was asked before it, in English: for those who read and find."""
    return [f"{name}: {value}" for name, value, kind in _fields(data) if kind != WORD]


def shown(data: dict[str, Any]) -> list[tuple[str, str]]:
    """Return all of it for people: what was asked, in the reader's language, and what was answered."""
    return [(_(name), _in_words(value, kind)) for name, value, kind in _fields(data)]


def references(data: dict[str, Any]) -> list[str]:
    """Return the number that its sender was told, as they may say it: in groups, and in one."""
    found = _details(data).get("reference")
    return [found, found.replace(" ", "")] if isinstance(found, str) else []


def _in_words(value: str, kind: str) -> str:
    if kind == WORD:
        return _(value)
    if kind == DATE:
        try:
            return formats.date_format(date.fromisoformat(value), "j M Y")
        except ValueError:
            return value
    return value


def _fields(data: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    form = _details(data).get("form")
    for one in form[:FIELDS_MAX] if isinstance(form, list) else []:
        found = [one.get(part) for part in ("name", "value", "kind")] if isinstance(one, dict) else []
        name, value, kind = found or ("", "", "")
        if isinstance(name, str) and isinstance(value, str) and name and value:
            yield name[:NAME_MAX], value[:VALUE_MAX], str(kind)


def _details(data: dict[str, Any]) -> dict[str, Any]:
    found = data.get("details")
    return found if isinstance(found, dict) else {}
