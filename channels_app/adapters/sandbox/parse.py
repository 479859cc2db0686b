"""Reading what a sandbox is given: one JSON object (docs/sandbox.md). Pure."""

import base64
import json
from typing import Any

from channels_app.adapters.sandbox.events import event
from channels_app.adapters.sandbox.looks import DEFAULT, look_of
from channels_app.adapters.sandbox.reading import moment, text
from helpdesk.lib import html
from helpdesk.lib.inbound import Inbound, InboundFile, InboundMessage, Malformed, Party, Proof, RawInput, Robot

NOT_JSON = "This is not a JSON object."
NO_SENDER = "It does not say who wrote (“from”) or what (“text”)."


def read(raw: RawInput) -> list[Inbound]:
    """Understand one message, or another event by its name ("kind"). Raises Malformed."""
    try:
        given = json.loads(raw.body)
    except (ValueError, RecursionError) as error:
        raise Malformed(NOT_JSON) from error
    if not isinstance(given, dict):
        raise Malformed(NOT_JSON)
    try:
        if "kind" in given:
            return [event(given)]
        return [_message(given, look_of(raw.config.get("looks_like", DEFAULT)).identity_kind)]
    except (ValueError, TypeError) as error:
        raise Malformed(f"A value cannot be understood: {error}"[:300]) from error


def _message(given: dict[str, Any], kind: str) -> InboundMessage:
    sender, words = text(given, "from"), text(given, "text")
    if not sender or not (words or given.get("files")):
        raise Malformed(NO_SENDER)
    cleaned = html.clean(text(given, "html"))
    return InboundMessage(
        sender=Party(kind=kind, value=sender, name=text(given, "name"), as_written=sender),
        external_id=text(given, "id"),
        text=words,
        html=cleaned.html,
        subject=text(given, "subject"),
        thread_key=text(given, "chat") or sender,
        occurred_at=moment(text(given, "at")),
        files=tuple(_file(one) for one in given.get("files", ())),
        proof=Proof.PROVEN if given.get("proven", True) else Proof.UNPROVEN,
        robot=Robot(text(given, "robot")),
        language=text(given, "language")[:8],
        has_remote_images=bool(cleaned.remote),
    )


def _file(given: object) -> InboundFile:
    if not isinstance(given, dict):
        raise TypeError("a file is an object")
    data = base64.b64decode(text(given, "base64"), validate=True)
    return InboundFile(text(given, "name") or "file", text(given, "type") or "application/octet-stream", data)
