"""Reading single values of what a sandbox is given. Raises TypeError or ValueError for what makes no sense."""

from datetime import UTC, datetime
from typing import Any


def text(given: dict[str, Any], name: str) -> str:
    """Return a text, '' where there is none."""
    value = given.get(name) or ""
    if not isinstance(value, str):
        raise TypeError(f"“{name}” is not a text")
    # JSON can spell half a character, which no database keeps.
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "").strip()


def texts(given: dict[str, Any], name: str) -> tuple[str, ...]:
    """Return a list of texts."""
    values = given.get(name) or []
    if not isinstance(values, list):
        raise TypeError(f"“{name}” is not a list")
    return tuple(text({name: one}, name) for one in values)


def number(given: dict[str, Any], name: str) -> float | None:
    """Return a number, None where there is none."""
    value = given.get(name)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise TypeError(f"“{name}” is not a number")
    return None if value is None else float(value)


def moment(written: str) -> datetime | None:
    """Return a time, None where there is none."""
    if not written:
        return None
    at = datetime.fromisoformat(written)
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
