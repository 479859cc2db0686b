"""Reading the bodies that gateways of text messages send: a form, a query or JSON. Pure."""

import json
import math
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from helpdesk.lib.inbound import Ignored, Inbound, Malformed, RawInput

FIELDS_MAX = 1_000
TEXT_MAX = 200_000
NOT_READABLE = "This is neither JSON nor a form."


def read(raw: RawInput) -> list[dict[str, Any]]:
    """Return the objects of a body, one for a form. Raises Malformed.

    A gateway that calls by GET has its query as the body. Where no content type is told, the first sign decides.
    """
    said = raw.headers.get("content-type", "").lower()
    is_json = "json" in said or ("form" not in said and raw.body.lstrip()[:1] in {b"{", b"["})
    if raw.headers.get("x-telaio-method") == "GET" or not is_json:
        return [read_form(raw.body)]
    return _objects(raw.body)


def each(given: list[dict[str, Any]], understood: Callable[[dict[str, Any]], list[Inbound]]) -> list[Inbound]:
    """Understand one object after another; one of several that cannot be understood does not take the others along.

    Raises Malformed where none can be.
    """
    found: list[Inbound] = []
    bad: list[Malformed] = []
    for one in given:
        try:
            found += understood(one)
        except Malformed as error:
            bad.append(error)
    if bad and not found:
        raise bad[0]
    return [*found, *(Ignored(str(error)) for error in bad)]


def pairs(body: bytes) -> list[tuple[str, str]]:
    """Return the fields of a form in their order, repeated and empty ones too. Raises Malformed."""
    try:
        return parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=FIELDS_MAX)
    except ValueError as error:
        raise Malformed(NOT_READABLE) from error


def read_form(body: bytes) -> dict[str, Any]:
    """Return a form's fields; of a repeated one the first. Raises Malformed."""
    found: dict[str, Any] = {}
    for name, value in pairs(body):
        found.setdefault(name, value)
    if not found:
        raise Malformed(NOT_READABLE)
    return found


def text(value: object, limit: int = TEXT_MAX) -> str:
    """Return a value as text that a database keeps; '' for what is neither text nor number.

    JSON can spell half a character, and a form a NUL; no database keeps either.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    written = str(value).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return written.replace("\0", "")[:limit]


def word(value: object, limit: int = 320) -> str:
    """Return a value as one short text without space around it."""
    return text(value, limit).strip()


def part(value: object) -> dict[str, Any]:
    """Return an object; {} for anything else."""
    return value if isinstance(value, dict) else {}


def degrees(value: object, limit: float) -> float | None:
    """Return a latitude or longitude; None for what cannot be one."""
    try:
        found = float(word(value))
    except ValueError:
        return None
    return found if math.isfinite(found) and abs(found) <= limit else None


def moment(written: str) -> datetime | None:
    """Read `2026-11-28T09:30:00.000Z` or `2026-11-28 09:30:00`, UTC where no zone is told; None for anything else."""
    try:
        at = datetime.fromisoformat(written)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _objects(body: bytes) -> list[dict[str, Any]]:
    try:
        given = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Malformed(NOT_READABLE) from error
    found = given if isinstance(given, list) else [given]
    if not found or not all(isinstance(one, dict) for one in found):
        raise Malformed(NOT_READABLE)
    return found
