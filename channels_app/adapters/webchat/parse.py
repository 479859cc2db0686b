"""Reading what the widget's own views wrote down (talking.py): one JSON object each. Pure."""

from typing import Any

from channels_app.adapters._chat import reading
from channels_app.adapters._chat.reading import text
from helpdesk.lib.events import Event, EventKind
from helpdesk.lib.inbound import Inbound, Malformed, Opening, RawInput

NOT_OURS = "This is not what the widget writes."
KINDS = {"message": EventKind.MESSAGE, "postback": EventKind.POSTBACK}


def read(raw: RawInput) -> list[Inbound]:
    """Understand one message of a visitor. Raises Malformed."""
    given = reading.load(raw)
    if text(given.get("kind")) not in KINDS or not text(given.get("visitor")):
        raise Malformed(NOT_OURS)
    return [_event(given)]


def _event(given: dict[str, Any]) -> Event:
    visitor = text(given.get("visitor"))
    return Event(
        opening=Opening(topic=text(given.get("topic")), team=reading.whole(given.get("team")) or 0),
        kind=KINDS[text(given.get("kind"))],
        sender_id=visitor,
        sender_name=text(given.get("name")),
        conversation_id=visitor,
        message_id=text(given.get("id")),
        text=text(given.get("text")),
        payload=text(given.get("payload")),
        language=text(given.get("language"))[:8],
        files=reading.left_files(given.get("files")),
        details={
            name: given[name] for name in ("page", "product") if given.get(name) and isinstance(given[name], dict)
        },
    )
