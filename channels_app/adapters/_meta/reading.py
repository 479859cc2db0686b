"""Reading Meta's JSON without trusting it: whatever a key holds, the answer is of the type that was asked for. Pure.

Meta escapes, sends numbers as texts and texts as numbers, leaves keys out and adds new ones every week.
"""

import base64
import binascii
import hashlib
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from helpdesk.lib.events import Event, EventKind
from helpdesk.lib.inbound import Malformed, RawInput

Json = dict[str, Any]

NOT_JSON = "This is no JSON object."
NO_ENVELOPE = "This is not how Meta reports."
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
# Meta writes seconds; now and then milliseconds under the same key (seen by others, read 2026-11).
MILLISECONDS_FROM = 10**11
TEXT_MAX = 200_000
DETAIL_MAX = 2_000
SHA256_BYTES = 32


@dataclass(frozen=True, slots=True)
class Change:
    """One thing an entry holds. form: messaging, standby or changes."""

    entry_id: str
    form: str
    field: str
    value: Json
    at: datetime | None = None


def load(raw: RawInput) -> Json:
    """Return the envelope. Raises Malformed."""
    try:
        given = json.loads(raw.body, parse_constant=lambda _: None)
    except (ValueError, RecursionError) as error:
        raise Malformed(NOT_JSON) from error
    if not isinstance(given, dict):
        raise Malformed(NOT_JSON)
    if "entry" not in given and "object" not in given:
        raise Malformed(NO_ENVELOPE)
    return given


def changes(envelope: Json) -> Iterator[Change]:
    """Yield everything that all entries hold, in order."""
    for entry in dicts(envelope.get("entry")):
        name, at = text(entry.get("id")), moment(entry.get("time"))
        for form in ("messaging", "standby"):
            for item in dicts(entry.get(form)):
                yield Change(name, form, form, item, at)
        for change in dicts(entry.get("changes")):
            yield Change(name, "changes", text(change.get("field")), mapping(change.get("value")), at)
        # Instagram's documentation has field and value in the entry itself (read 2026-11).
        if "field" in entry:
            yield Change(name, "changes", text(entry.get("field")), mapping(entry.get("value")), at)


def text(value: object) -> str:
    """Return a text as any database keeps it; '' for what is none."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    if isinstance(value, float):
        return str(int(value)) if math.isfinite(value) and value == int(value) else ""
    if isinstance(value, int):
        return str(value) if abs(value) < 10**40 else ""
    # JSON can spell half a character, which no database keeps.
    cleaned = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "")
    return cleaned[:TEXT_MAX]


def first(*values: object) -> str:
    """Return the first text that is not empty."""
    return next((found for value in values if (found := text(value))), "")


def mapping(value: object) -> Json:
    """Return an object; {} for anything else."""
    return value if isinstance(value, dict) else {}


def dicts(value: object) -> list[Json]:
    """Return the objects of a list; a lone object is a list of one."""
    if isinstance(value, dict):
        return [value]
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def texts(value: object) -> tuple[str, ...]:
    """Return the texts of a list that are not empty."""
    return tuple(found for one in value if (found := text(one))) if isinstance(value, list) else ()


def number(value: object) -> float | None:
    """Return a finite number, also one that was written as a text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def degrees(value: object, limit: int) -> float | None:
    """Return a latitude or longitude; None beyond its limit."""
    found = number(value)
    if found is None or abs(found) > limit:
        return None
    # As it was given: 0 stays 0.
    return int(found) if isinstance(value, int) else found


def whole(value: object) -> int | None:
    """Return a whole number from 0 to 2³¹; None for anything else."""
    found = number(value)
    return int(found) if found is not None and 0 <= found < 2**31 else None


def moment(value: object) -> datetime | None:
    """Return a time given in seconds, milliseconds or as ISO 8601; None for nonsense."""
    found = number(value)
    try:
        if found is None:
            at = datetime.fromisoformat(text(value))
            at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
        else:
            at = datetime.fromtimestamp(found / 1000 if abs(found) >= MILLISECONDS_FROM else found, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return at if EARLIEST <= at <= LATEST else None


def sha256_of(value: object) -> str:
    """Return a checksum in hexadecimal that Meta wrote in base64; '' for what is none."""
    try:
        found = base64.b64decode(text(value), validate=True)
    except (ValueError, binascii.Error):
        return ""
    return found.hex() if len(found) == SHA256_BYTES else ""


def name_of(item: Json) -> str:
    """Return a name for something that came without an id: the same whenever it comes again."""
    written = json.dumps(item, sort_keys=True, ensure_ascii=True, default=str)
    return f"sha256:{hashlib.sha256(written.encode()).hexdigest()}"


def kept(**values: object) -> Json:
    """Return details: texts, whole numbers and booleans that say something, none of them long."""
    found = {name: value if isinstance(value, bool | list | dict) else text(value)[:DETAIL_MAX]
             for name, value in values.items()}  # fmt: skip
    return {name: value for name, value in found.items() if value not in ("", False, [], {})}


def ignored(reason: str, **fields: Any) -> Event:
    """Return an event that nothing comes of."""
    return Event(kind=EventKind.IGNORED, **{**fields, "details": {**fields.get("details", {}), "reason": reason}})
