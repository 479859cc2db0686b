"""Reading what the contact page wrote down (writing.py): one JSON object each. Pure."""

import json
from typing import Any

from django.utils.translation import gettext_noop as _

from channels_app.adapters.webform import topics
from helpdesk.lib.events import Event, EventFile, EventKind
from helpdesk.lib.inbound import Inbound, Malformed, Opening, Proof, RawInput

NOT_OURS = "This is not what the contact page writes."
# What agents read above a message that may be no person's.
SUSPICIONS = {
    "links": _("This may be spam: it holds many links."),
    "trap": _("This may be spam: a field was filled in that people do not see."),
}


def read(raw: RawInput) -> list[Inbound]:
    """Understand one form. Raises Malformed."""
    try:
        given = json.loads(raw.body)
    except (ValueError, RecursionError) as error:
        raise Malformed(NOT_OURS) from error
    topic = topics.BY_NAME.get(_text(given, "topic")) if isinstance(given, dict) else None
    if topic is None or not _text(given, "email") or not _text(given, "id"):
        raise Malformed(NOT_OURS)
    return [_event(given, topic, dict(raw.config))]


def _event(given: dict[str, Any], topic: topics.Topic, config: dict[str, Any]) -> Event:
    files, answers = given.get("files"), given.get("answers")
    told = {name: _text(answers, name) for name in answers} if isinstance(answers, dict) else {}
    return Event(
        kind=EventKind.MESSAGE,
        sender_id=_text(given, "email"),
        sender_name=_text(given, "name"),
        # Each form is a chat of its own, so that nothing is joined because somebody typed the same address again.
        conversation_id=_text(given, "id"),
        message_id=_text(given, "id"),
        text=_text(given, "text"),
        language=_text(given, "language")[:8],
        files=tuple(_file(one) for one in files if isinstance(one, dict)) if isinstance(files, list) else (),
        # Anybody can type any address.
        proof=Proof.UNPROVEN,
        opening=Opening(
            subject=_text(given, "subject"),
            topic=topic.filed,
            team=topics.team_of(topic, config),
            warning=SUSPICIONS.get(_text(given, "suspicion"), ""),
        ),
        details={"form": list(topics.told(topic, told)), "reference": _text(given, "reference")},
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
