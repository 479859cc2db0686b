"""Reading what the widget's own views wrote down (talking.py): one JSON object each. Pure."""

import json
from typing import Any

from helpdesk.lib.events import Event, EventFile, EventKind
from helpdesk.lib.inbound import Inbound, Malformed, Opening, RawInput

NOT_JSON = "This is not what the widget writes."
KINDS = {"message": EventKind.MESSAGE, "postback": EventKind.POSTBACK}


def read(raw: RawInput) -> list[Inbound]:
    """Understand one message of a visitor. Raises Malformed."""
    try:
        given = json.loads(raw.body)
    except (ValueError, RecursionError) as error:
        raise Malformed(NOT_JSON) from error
    if not isinstance(given, dict) or _text(given, "kind") not in KINDS or not _text(given, "visitor"):
        raise Malformed(NOT_JSON)
    return [_event(given)]


def _event(given: dict[str, Any]) -> Event:
    visitor = _text(given, "visitor")
    files = given.get("files")
    team = given.get("team")
    return Event(
        opening=Opening(topic=_text(given, "topic"), team=team if isinstance(team, int) else 0),
        kind=KINDS[given["kind"]],
        sender_id=visitor,
        sender_name=_text(given, "name"),
        conversation_id=visitor,
        message_id=_text(given, "id"),
        text=_text(given, "text"),
        payload=_text(given, "payload"),
        language=_text(given, "language")[:8],
        files=tuple(_file(one) for one in files if isinstance(one, dict)) if isinstance(files, list) else (),
        details={
            name: given[name] for name in ("page", "product") if given.get(name) and isinstance(given[name], dict)
        },
    )


def _file(given: dict[str, Any]) -> EventFile:
    size = given.get("size")
    return EventFile(
        type=_text(given, "type") or "file",
        ref=_text(given, "ref"),
        mime=_text(given, "mime"),
        name=_text(given, "name"),
        size_bytes=size if isinstance(size, int) and not isinstance(size, bool) else None,
    )


def _text(given: dict[str, Any], name: str) -> str:
    value = given.get(name)
    text = value if isinstance(value, str) else ""
    return text.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
