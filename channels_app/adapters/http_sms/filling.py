"""Places in bodies and marks in templates; values are put in by the encoder of what they stand in. Pure."""

import json
import re
from typing import Any
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

MARK = re.compile(r"\{(to|from|text|id|callback)\}")
STATES = ("sent", "delivered", "read", "failed")
# Our words for errors that a gateway's codes can be given.
WORDS = frozenset(
    {"rejected_recipient", "rejected_content", "throttled", "too_large", "credentials", "account", "opted_out",
     "provider_error"}
)  # fmt: skip
DEPTH_MAX = 20


def at(given: Any, place: str) -> Any:
    """Return what stands at a place such as `data.0.text`; None where nothing does."""
    for name in place.split(".")[:DEPTH_MAX] if place else ():
        if isinstance(given, dict):
            given = given.get(name)
        elif isinstance(given, list) and name.isdecimal() and int(name) < len(given):
            given = given[int(name)]
        else:
            return None
    return given if place else None


def address(template: str, values: dict[str, str]) -> str:
    """Fill in an address: whatever a value holds, it stays one piece of the path or the query."""
    parts = urlsplit(template)
    escaped = {name: quote(value, safe="") for name, value in values.items()}
    return urlunsplit(parts._replace(path=_marks(parts.path, escaped), query=_marks(parts.query, escaped)))


def body(template: Any, encoding: str, values: dict[str, str]) -> tuple[bytes, str]:
    """Write a body and say its content type."""
    if encoding == "none":
        return b"", ""
    filled = fill(template, values)
    if encoding == "json":
        return json.dumps(filled, ensure_ascii=False).encode(), "application/json"
    pairs = filled.items() if isinstance(filled, dict) else ()
    written = [(name, value if isinstance(value, str) else json.dumps(value)) for name, value in pairs]
    return urlencode(written).encode(), "application/x-www-form-urlencoded"


def fill(template: Any, values: dict[str, str], depth: int = 0) -> Any:
    """Fill in the texts of a structure; its names and its shape stay as they are."""
    if depth > DEPTH_MAX:
        return None
    if isinstance(template, dict):
        return {name: fill(one, values, depth + 1) for name, one in template.items()}
    if isinstance(template, list):
        return [fill(one, values, depth + 1) for one in template]
    return _marks(template, values) if isinstance(template, str) else template


def _marks(template: str, values: dict[str, str]) -> str:
    return MARK.sub(lambda mark: values.get(mark.group(1), ""), template)
