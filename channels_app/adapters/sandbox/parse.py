"""Reading what a sandbox is given: one JSON object (docs/sandbox.md). Pure."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

from channels_app.adapters.sandbox.looks import DEFAULT, look_of
from helpdesk.lib import html
from helpdesk.lib.inbound import Inbound, InboundFile, InboundMessage, Malformed, Party, Proof, RawInput, Robot

NOT_JSON = "This is not a JSON object."
NO_SENDER = "It does not say who wrote (“from”) or what (“text”)."


def read(raw: RawInput) -> list[Inbound]:
    """Understand one message. Raises Malformed."""
    try:
        given = json.loads(raw.body)
    except (ValueError, RecursionError) as error:
        raise Malformed(NOT_JSON) from error
    if not isinstance(given, dict):
        raise Malformed(NOT_JSON)
    try:
        return [_message(given, look_of(raw.config.get("looks_like", DEFAULT)).identity_kind)]
    except (ValueError, TypeError) as error:
        raise Malformed(f"A value cannot be understood: {error}"[:300]) from error


def _message(given: dict[str, Any], kind: str) -> InboundMessage:
    sender, text = _text(given, "from"), _text(given, "text")
    if not sender or not (text or given.get("files")):
        raise Malformed(NO_SENDER)
    cleaned = html.clean(_text(given, "html"))
    return InboundMessage(
        sender=Party(kind=kind, value=sender, name=_text(given, "name"), as_written=sender),
        external_id=_text(given, "id"),
        text=text,
        html=cleaned.html,
        subject=_text(given, "subject"),
        thread_key=_text(given, "chat") or sender,
        occurred_at=_moment(_text(given, "at")),
        files=tuple(_file(one) for one in given.get("files", ())),
        proof=Proof.PROVEN if given.get("proven", True) else Proof.UNPROVEN,
        robot=Robot(_text(given, "robot")),
        language=_text(given, "language")[:8],
        has_remote_images=bool(cleaned.remote),
    )


def _text(given: dict[str, Any], name: str) -> str:
    value = given.get(name) or ""
    if not isinstance(value, str):
        raise TypeError(f"“{name}” is not a text")
    # JSON can spell half a character, which no database keeps.
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "").strip()


def _moment(written: str) -> datetime | None:
    if not written:
        return None
    at = datetime.fromisoformat(written)
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def _file(given: object) -> InboundFile:
    if not isinstance(given, dict):
        raise TypeError("a file is an object")
    data = base64.b64decode(_text(given, "base64"), validate=True)
    return InboundFile(_text(given, "name") or "file", _text(given, "type") or "application/octet-stream", data)
