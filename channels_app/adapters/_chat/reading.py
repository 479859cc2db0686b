"""Reading a messenger's JSON: whatever a key holds, the answer is of the type that was asked for. Pure."""

import json
import math
from datetime import UTC, datetime
from typing import Any, TypeAlias

from helpdesk.lib.events import Event, EventFile, EventKind
from helpdesk.lib.inbound import Malformed, RawInput

Json: TypeAlias = dict[str, Any]

NOT_JSON = "This is no JSON object."
TEXT_MAX = 200_000
WORD_MAX = 320
# Longer names of things would not fit where they are kept, and no provider has them.
ID_MAX = 500
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
MILLISECONDS_FROM = 10**11


def load(raw: RawInput) -> Json:
    """Return the object that a body is. Raises Malformed."""
    try:
        # A body need not be UTF-8; json guesses UTF-16 and 32 of their first bytes.
        given = json.loads(raw.body)
    except (ValueError, RecursionError) as error:
        raise Malformed(NOT_JSON) from error
    if not isinstance(given, dict):
        raise Malformed(NOT_JSON)
    return given


def text(value: object, limit: int = TEXT_MAX) -> str:
    """Return a text that a database keeps; '' for anything else.

    JSON can spell half a character and a NUL; no database keeps either.
    """
    if not isinstance(value, str):
        return ""
    whole = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return whole.replace("\0", "")[:limit]


def word(value: object, limit: int = WORD_MAX) -> str:
    """Return one short text without space around it; numbers are written out."""
    if isinstance(value, bool):
        return ""
    if isinstance(value, int):
        return str(value) if abs(value) < 10**40 else ""
    return text(value, limit).strip()


def name_of(value: object) -> str:
    """Return the name a provider gave to a thing: a number of any length, or a text."""
    return word(value, ID_MAX)


def part(value: object) -> Json:
    """Return an object; {} for anything else."""
    return value if isinstance(value, dict) else {}


def parts(value: object) -> list[Json]:
    """Return the objects of a list; what else is in it is left out."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def left_files(value: object) -> tuple[EventFile, ...]:
    """Return the files that pages of ours say were left here (conversations.Upload), each by its key as `ref`."""
    return tuple(
        EventFile(
            type=text(one.get("type")) or "file", ref=text(one.get("ref")), mime=text(one.get("mime")),
            name=text(one.get("name")), size_bytes=whole(one.get("size")),
        )
        for one in parts(value)
    )  # fmt: skip


def number(value: object) -> float | None:
    """Return a finite number, also one written as text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def whole(value: object) -> int | None:
    """Return a whole number that a database keeps; None for anything else."""
    found = number(value)
    return int(found) if found is not None and 0 <= found < 2**31 else None


def moment(value: object) -> datetime | None:
    """Return a time given in seconds or milliseconds; None for what is none."""
    found = number(value)
    if found is None:
        return None
    try:
        at = datetime.fromtimestamp(found / 1000 if abs(found) >= MILLISECONDS_FROM else found, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return at if EARLIEST <= at <= LATEST else None


def joined(*values: object) -> str:
    """Return the words that are there with a space between."""
    return " ".join(found for value in values if (found := word(value)))


def kept(**values: object) -> Json:
    """Return details: short texts, numbers and yes, without what says nothing."""
    plain = {name: _plain(value) for name, value in values.items()}
    return {name: value for name, value in plain.items() if value not in ("", None, False)}


def ignored(reason: str, **known: Any) -> Event:
    """Return an event that is understood and not wanted."""
    return Event(kind=EventKind.IGNORED, details={"reason": reason}, **known)


def _plain(value: object) -> str | int | float | bool | None:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, float):
        return number(value)
    return value if isinstance(value, int) and abs(value) < 2**53 else word(value, 1_000)
