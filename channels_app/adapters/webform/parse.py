"""Reading what the contact page wrote down (writing.py): one JSON object each. Pure."""

from typing import Any

from django.utils.translation import gettext_noop as _

from channels_app.adapters._chat import reading
from channels_app.adapters._chat.reading import text
from channels_app.adapters.webform import topics
from helpdesk.lib.events import Event, EventKind
from helpdesk.lib.inbound import Inbound, Malformed, Opening, Proof, RawInput

NOT_OURS = "This is not what the contact page writes."
# What agents read above a message that may be no person's.
SUSPICIONS = {
    "links": _("This may be spam: it holds many links."),
    "trap": _("This may be spam: a field was filled in that people do not see."),
}


def read(raw: RawInput) -> list[Inbound]:
    """Understand one form. Raises Malformed."""
    given = reading.load(raw)
    topic = topics.BY_NAME.get(text(given.get("topic")))
    if topic is None or not text(given.get("email")) or not text(given.get("id")):
        raise Malformed(NOT_OURS)
    return [_event(given, topic, dict(raw.config))]


def _event(given: dict[str, Any], topic: topics.Topic, config: dict[str, Any]) -> Event:
    told = {name: text(value) for name, value in reading.part(given.get("answers")).items()}
    return Event(
        kind=EventKind.MESSAGE,
        sender_id=text(given.get("email")),
        sender_name=text(given.get("name")),
        # Each form is a chat of its own, so that nothing is joined because somebody typed the same address again.
        conversation_id=text(given.get("id")),
        message_id=text(given.get("id")),
        text=text(given.get("text")),
        language=text(given.get("language"))[:8],
        files=reading.left_files(given.get("files")),
        # Anybody can type any address.
        proof=Proof.UNPROVEN,
        opening=Opening(
            subject=text(given.get("subject")),
            topic=topic.filed,
            team=topics.team_of(topic, config),
            warning=SUSPICIONS.get(text(given.get("suspicion")), ""),
        ),
        details={"form": list(topics.told(topic, told)), "reference": text(given.get("reference"))},
    )
